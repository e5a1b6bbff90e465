#include "core/net/mail_client.hpp"

#include "core/net/mail_replies.hpp"
#include "core/runtime/blocking_pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <curl/curl.h>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration mail_connect_timeout = std::chrono::seconds(10);
constexpr Duration abandoned_end_max = std::chrono::milliseconds(1500);

/// Set when nobody waits for the outcome any more.
using Abandoned = std::shared_ptr<std::atomic<bool>>;

class AbandonAtEnd {
 public:
  explicit AbandonAtEnd(Abandoned abandoned) : abandoned_(std::move(abandoned)) {}
  ~AbandonAtEnd() { *abandoned_ = true; }
  AbandonAtEnd(const AbandonAtEnd&) = delete;
  AbandonAtEnd& operator=(const AbandonAtEnd&) = delete;

 private:
  Abandoned abandoned_;
};

/// What the callbacks of one transfer work on.
struct MailTransfer {
  std::string message;
  std::size_t sent = 0;
  MailReplies replies;
  Abandoned abandoned;
};

std::size_t give_message(char* target, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<MailTransfer*>(user);
  const std::size_t bytes = std::min(size * count, transfer.message.size() - transfer.sent);
  std::memcpy(target, transfer.message.data() + transfer.sent, bytes);
  transfer.sent += bytes;
  return bytes;
}

std::size_t take_reply(char* line, std::size_t size, std::size_t count, void* user) {
  static_cast<MailTransfer*>(user)->replies.add({line, size * count});
  return size * count;
}

std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

int stop_when_abandoned(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<MailTransfer*>(user)->abandoned ? 1 : 0;
}

using CurlHandle = std::unique_ptr<CURL, void (*)(CURL*)>;
using CurlList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

CurlList recipient_list(const std::vector<std::string>& recipients) {
  CurlList list(nullptr, curl_slist_free_all);
  for (const std::string& recipient : recipients) {
    curl_slist* longer = curl_slist_append(list.get(), ("<" + recipient + ">").c_str());
    if (longer == nullptr) {
      throw std::bad_alloc();
    }
    list.release();
    list.reset(longer);
  }
  return list;
}

long milliseconds_of(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

template <class Value>
void set_option(CURL* curl, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(curl, option, value);
  if (code != CURLE_OK) {
    // A rule of safety that is not in force must not go unnoticed.
    throw std::runtime_error(std::string("libcurl does not take an option: ") +
                             curl_easy_strerror(code));
  }
}

void set_connection(CURL* curl, const MailRequest& request) {
  const bool implicit = request.tls == MailTls::implicit;
  set_option(curl, CURLOPT_URL, ((implicit ? "smtps://" : "smtp://") + request.smarthost).c_str());
  set_option(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // The environment's proxy settings are not for mail.
  set_option(curl, CURLOPT_PROXY, "");
  set_option(curl, CURLOPT_NOSIGNAL, 1L);
  set_option(curl, CURLOPT_CONNECTTIMEOUT_MS,
             milliseconds_of(std::min(mail_connect_timeout, request.timeout)));
  set_option(curl, CURLOPT_TIMEOUT_MS, milliseconds_of(request.timeout));
  set_option(curl, CURLOPT_USE_SSL,
             static_cast<long>(request.tls == MailTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set_option(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set_option(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!request.ca_file.empty()) {
    set_option(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    set_option(curl, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!request.username.empty()) {
    set_option(curl, CURLOPT_USERNAME, request.username.c_str());
    set_option(curl, CURLOPT_PASSWORD, request.password.c_str());
  }
}

void set_message(CURL* curl, const MailRequest& request, const CurlList& recipients,
                 MailTransfer& transfer) {
  set_option(curl, CURLOPT_MAIL_FROM, ("<" + request.from + ">").c_str());
  set_option(curl, CURLOPT_MAIL_RCPT, recipients.get());
  // One recipient that is gone must not keep the page from the others.
  set_option(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  set_option(curl, CURLOPT_UPLOAD, 1L);
  set_option(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(transfer.message.size()));
  set_option(curl, CURLOPT_READFUNCTION, give_message);
  set_option(curl, CURLOPT_READDATA, static_cast<void*>(&transfer));
  set_option(curl, CURLOPT_WRITEFUNCTION, drop_body);
  set_option(curl, CURLOPT_HEADERFUNCTION, take_reply);
  set_option(curl, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set_option(curl, CURLOPT_NOPROGRESS, 0L);
  set_option(curl, CURLOPT_XFERINFOFUNCTION, stop_when_abandoned);
  set_option(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
}

MailFailureReason mail_reason(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return MailFailureReason::resolve;
    case CURLE_COULDNT_CONNECT:
      return MailFailureReason::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return MailFailureReason::timeout;
    case CURLE_USE_SSL_FAILED:
      return MailFailureReason::no_starttls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return MailFailureReason::tls;
    case CURLE_ABORTED_BY_CALLBACK:
      return MailFailureReason::cancelled;
    default:
      return MailFailureReason::broken;
  }
}

/// The codes that a refusing reply leads to (lib/smtp.c); after any other one the last reply was
/// about something else.
bool is_refusal(CURLcode code) {
  return code == CURLE_SEND_ERROR || code == CURLE_LOGIN_DENIED ||
         code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_REMOTE_ACCESS_DENIED;
}

/// On a thread of the pool.
Result<MailAnswer, MailFailure> send_mail(const MailRequest& request, const Abandoned& abandoned) {
  MailTransfer transfer;
  transfer.message = request.message;
  transfer.abandoned = abandoned;
  const CurlList recipients = recipient_list(request.to);
  // Ends before what its callbacks work on.
  const CurlHandle curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) {
    throw std::bad_alloc();
  }
  char error[CURL_ERROR_SIZE] = {};
  set_option(curl.get(), CURLOPT_ERRORBUFFER, error);
  set_connection(curl.get(), request);
  set_message(curl.get(), request, recipients, transfer);
  const CURLcode code = curl_easy_perform(curl.get());
  const MailReplies::Reply word =
      code == CURLE_OK ? transfer.replies.last() : transfer.replies.refusal(request.to.size());
  constexpr int first_refusal = 400;
  if (code == CURLE_OK || (is_refusal(code) && word.code >= first_refusal)) {
    MailAnswer answer;
    answer.status = word.code;
    answer.text = word.text;
    if (code == CURLE_OK) {
      answer.refused = transfer.replies.refused_recipients(request.to.size());
    }
    return answer;
  }
  MailFailure failure;
  failure.reason = mail_reason(code);
  failure.message = error[0] == '\0' ? curl_easy_strerror(code) : error;
  return failure;
}

struct CurlLibrary {
  CurlLibrary() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

/// Transfers that are under way on threads of the pool.
class MailsUnderWay {
 public:
  class Entry {
   public:
    explicit Entry(MailsUnderWay& all) : all_(all) {
      const std::lock_guard lock(all_.mutex_);
      ++all_.count_;
    }
    ~Entry() {
      const std::lock_guard lock(all_.mutex_);
      --all_.count_;
      all_.changed_.notify_all();
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    MailsUnderWay& all_;
  };

  void wait_for_none(Duration limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

class CurlMailClient final : public MailClient {
 public:
  CurlMailClient() : under_way_(std::make_shared<MailsUnderWay>()) {
    static const CurlLibrary library;
  }

  ~CurlMailClient() override {
    if (pool_) {
      pool_->stop();
      // The TLS library must not be taken down under a transfer; an abandoned one ends within the
      // second that libcurl lets pass between two looks.
      under_way_->wait_for_none(abandoned_end_max);
    }
  }

  asio::awaitable<Result<MailAnswer, MailFailure>> send(MailRequest request) override {
    if (!pool_) {
      pool_.emplace(mail_threads, mail_queue_max);
    }
    auto abandoned = std::make_shared<std::atomic<bool>>(false);
    const AbandonAtEnd at_end(abandoned);
    auto work = [request = std::move(request), abandoned, under_way = under_way_] {
      const MailsUnderWay::Entry entry(*under_way);
      return send_mail(request, abandoned);
    };
    auto sent = pool_->run(std::move(work));
    co_return co_await std::move(sent);
  }

 private:
  std::shared_ptr<MailsUnderWay> under_way_;
  /// Made with the first mail: most daemons send none.
  std::optional<BlockingPool> pool_;
};

}  // namespace

std::string_view to_string(MailFailureReason reason) {
  switch (reason) {
    case MailFailureReason::resolve:
      return "resolve";
    case MailFailureReason::connect:
      return "connect";
    case MailFailureReason::tls:
      return "tls";
    case MailFailureReason::no_starttls:
      return "no_starttls";
    case MailFailureReason::timeout:
      return "timeout";
    case MailFailureReason::broken:
      return "broken";
    case MailFailureReason::cancelled:
      break;
  }
  return "cancelled";
}

std::unique_ptr<MailClient> make_mail_client() { return std::make_unique<CurlMailClient>(); }

}  // namespace scanclock
