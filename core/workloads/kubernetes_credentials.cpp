#include "core/workloads/kubernetes_credentials.hpp"

#include "core/net/http_parser.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "core/runtime/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace scanclock {
namespace {

using boost::system::error_code;

bool is_due(const std::optional<Duration>& due, Duration now) { return !due || now >= *due; }

/// Extra keys become part of a header's name (client-go, transport, headerKeyEscape).
std::string header_key_escape(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c != '%' && is_http_token(std::string_view(&c, 1))) {
      escaped += c;
      continue;
    }
    char code[4] = {};
    std::snprintf(code, sizeof(code), "%%%02X",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    escaped += code;
  }
  return escaped;
}

}  // namespace

/// One caller at a time reads and decides; the others wait, first come first served or not.
struct KubernetesCredentials::Turns {
  explicit Turns(asio::any_io_executor executor)
      : freed(std::move(executor), asio::steady_timer::time_point::max()) {}
  bool taken = false;
  asio::steady_timer freed;
};

class KubernetesCredentials::Turn {
 public:
  explicit Turn(std::shared_ptr<Turns> turns) : turns_(std::move(turns)) { turns_->taken = true; }
  ~Turn() {
    turns_->taken = false;
    turns_->freed.cancel();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::shared_ptr<Turns> turns_;
};

KubernetesCredentials::KubernetesCredentials(KubernetesAccess access, Clock& clock,
                                             BlockingPool& pool, MakeClient make_client)
    : access_(std::make_shared<const KubernetesAccess>(std::move(access))),
      clock_(clock),
      pool_(pool),
      make_client_(std::move(make_client)),
      token_(access_->token) {}

KubernetesCredentials::~KubernetesCredentials() = default;

asio::awaitable<Result<KubernetesSession, std::string>> KubernetesCredentials::session() {
  if (!turns_) {
    turns_ = std::make_shared<Turns>(co_await asio::this_coro::executor);
  }
  const std::shared_ptr<Turns> turns = turns_;
  while (turns->taken) {
    const auto [error] = co_await turns->freed.async_wait(asio::as_tuple(asio::use_awaitable));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    static_cast<void>(error);
  }
  const Turn turn(turns);
  const KubernetesWanted what = wanted();
  if (what.any()) {
    if (auto failure = co_await refresh(what)) {
      co_return Result<KubernetesSession, std::string>(boost::system::in_place_error,
                                                       std::move(*failure));
    }
  }
  if (access_->exec && !exec_) {
    co_return Result<KubernetesSession, std::string>(boost::system::in_place_error, exec_failure_);
  }
  if (auto failure = renew_client()) {
    co_return Result<KubernetesSession, std::string>(boost::system::in_place_error,
                                                     std::move(*failure));
  }
  co_return current();
}

KubernetesWanted KubernetesCredentials::wanted() const {
  const Duration now = clock_.monotonic();
  KubernetesWanted what;
  what.token = !access_->token_file.empty() && is_due(token_due_, now);
  const bool has_files = !access_->ca.file.empty() || !access_->client_certificate.file.empty() ||
                         !access_->client_key.file.empty();
  what.tls = is_due(tls_due_, now) && (has_files || !tls_due_);
  if (access_->exec && is_due(exec_due_, now)) {
    what.exec = !exec_ || (exec_->expires_at &&
                           clock_.now() + kubernetes_credential_leeway >= *exec_->expires_at);
  }
  return what;
}

asio::awaitable<std::optional<std::string>> KubernetesCredentials::refresh(KubernetesWanted what) {
  // Owns what it touches, for it may outlive a cancelled caller.
  auto work = [access = access_, what] { return read_kubernetes_material(*access, what); };
  const Duration limit =
      kubernetes_file_time_max + (what.exec ? kubernetes_exec_time_max : Duration(0));
  std::string cause;
  try {
    auto reading = pool_.run(std::move(work));
    auto read = co_await with_timeout<KubernetesMaterialRead>(
        clock_, std::move(reading), limit, "reading the credentials of " + access_->name);
    co_return take(std::move(read));
  } catch (const TimeoutError& late) {
    cause = late.what();
  } catch (const PoolBusyError& busy) {
    cause = "cannot read the credentials of " + access_->name + ": " + busy.what();
  }
  // What stands goes on; what never was read cannot.
  const bool can_go_on = client_ && !what.exec && !(what.token && token_.empty());
  if (!can_go_on) {
    co_return cause;
  }
  keep_what_stands(cause);
  const Duration again = clock_.monotonic() + kubernetes_reread_after_failure;
  token_due_ = what.token ? std::optional(again) : token_due_;
  tls_due_ = what.tls ? std::optional(again) : tls_due_;
  co_return std::nullopt;
}

std::optional<std::string> KubernetesCredentials::take(KubernetesMaterialRead read) {
  const Duration now = clock_.monotonic();
  if (read.token) {
    if (*read.token) {
      token_ = std::move(**read.token);
      last_complaint_.clear();
      token_due_ = now + kubernetes_token_file_period - kubernetes_credential_leeway;
    } else if (token_.empty()) {
      return access_->name + ": " + read.token->error();
    } else {
      keep_what_stands(read.token->error());
      token_due_ = now + kubernetes_reread_after_failure;
    }
  }
  if (read.tls) {
    if (*read.tls) {
      tls_ = std::move(**read.tls);
      tls_due_ = now + kubernetes_certificate_period;
    } else if (!client_) {
      return access_->name + ": " + read.tls->error();
    } else {
      keep_what_stands(read.tls->error());
      tls_due_ = now + kubernetes_reread_after_failure;
    }
  }
  return read.exec ? take_exec(std::move(*read.exec)) : std::nullopt;
}

std::optional<std::string> KubernetesCredentials::take_exec(
    Result<KubernetesExecCredential, std::string> credential) {
  if (credential) {
    exec_ = std::move(*credential);
    exec_due_ = clock_.monotonic();
    exec_failure_.clear();
    return std::nullopt;
  }
  // An expired credential is of no use, so this one does not go on with what stood.
  exec_.reset();
  exec_due_ = clock_.monotonic() + kubernetes_reread_after_failure;
  exec_failure_ = access_->name + ": " + credential.error();
  return exec_failure_;
}

std::optional<std::string> KubernetesCredentials::renew_client() {
  KubernetesTlsTexts texts = tls_;
  if (exec_ && !exec_->certificate_pem.empty()) {
    texts.certificate_pem = exec_->certificate_pem;
    texts.key_pem = exec_->key_pem;
  }
  if (client_ && texts == client_texts_) {
    return std::nullopt;
  }
  HttpClientOptions options;
  options.tls.ca_pem = texts.ca_pem;
  options.tls.cert_pem = texts.certificate_pem;
  options.tls.key_pem = texts.key_pem;
  options.tls.server_name = access_->tls_server_name;
  options.tls.insecure_skip_verify = access_->insecure_skip_tls_verify;
  options.proxy_url = access_->proxy_url;
  try {
    client_ = make_client_(std::move(options));
    client_texts_ = std::move(texts);
    last_complaint_.clear();
    return std::nullopt;
  } catch (const std::runtime_error& failure) {
    const std::string cause = failure.what();
    if (!client_) {
      // Read again by the next caller: somebody may be writing these files.
      tls_due_.reset();
      return access_->name + ": " + cause;
    }
    // A certificate that was replaced a moment before its key.
    keep_what_stands(cause);
    tls_ = client_texts_;
    tls_due_ = clock_.monotonic() + kubernetes_reread_after_failure;
    return std::nullopt;
  }
}

void KubernetesCredentials::keep_what_stands(const std::string& cause) {
  if (cause != last_complaint_) {
    log::warning("kubernetes", "{}: {}; what was read before stays in use", access_->name, cause);
    last_complaint_ = cause;
  }
}

bool KubernetesCredentials::reject(std::uint64_t generation) {
  if (generation != generation_) {
    return true;
  }
  ++generation_;
  token_due_.reset();
  tls_due_.reset();
  exec_due_.reset();
  exec_.reset();
  return !access_->token_file.empty() || access_->exec || !access_->client_certificate.file.empty();
}

KubernetesSession KubernetesCredentials::current() const {
  KubernetesSession session;
  session.http = client_;
  session.generation = generation_;
  const std::string& token = exec_ && !exec_->token.empty() ? exec_->token : token_;
  if (!token.empty()) {
    session.headers.emplace_back("Authorization", "Bearer " + token);
  } else if (!access_->username.empty()) {
    session.headers.emplace_back(
        "Authorization", "Basic " + base64_encode(access_->username + ":" + access_->password));
  }
  auto as = impersonation_headers(access_->impersonation);
  session.headers.insert(session.headers.end(), as.begin(), as.end());
  return session;
}

std::vector<HttpHeader> impersonation_headers(const KubernetesImpersonation& impersonation) {
  std::vector<HttpHeader> headers;
  if (impersonation.user.empty()) {
    return headers;
  }
  headers.emplace_back("Impersonate-User", impersonation.user);
  if (!impersonation.uid.empty()) {
    headers.emplace_back("Impersonate-Uid", impersonation.uid);
  }
  for (const std::string& group : impersonation.groups) {
    headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, values] : impersonation.extra) {
    for (const std::string& value : values) {
      headers.emplace_back("Impersonate-Extra-" + header_key_escape(key), value);
    }
  }
  return headers;
}

}  // namespace scanclock
