#include "core/workloads/kubernetes_client.hpp"

#include "core/net/retry_after.hpp"
#include "core/net/url.hpp"

#include <utility>

namespace scanclock {
namespace {

using Page = Result<std::string, KubernetesProblem>;
using Watched = Result<std::unique_ptr<HttpStream>, KubernetesProblem>;

KubernetesProblem transport_problem(const HttpFailure& failure) {
  KubernetesProblem problem;
  problem.kind = KubernetesProblemKind::transport;
  problem.transport_reason = to_string(failure.reason);
  problem.message = failure.message;
  return problem;
}

/// A login page answers 200, too. A server that names no type is believed.
bool is_json(const HttpResponse& response) {
  const auto type = response.header("Content-Type");
  return !type || type->starts_with("application/json");
}

/// What there is of an error's body within the limits.
asio::awaitable<std::string> read_error_body(HttpStream& stream) {
  std::string body;
  while (body.size() < kubernetes_status_bytes_max) {
    const auto piece = co_await stream.read(kubernetes_error_body_wait_max);
    if (!piece || piece->empty()) {
      break;
    }
    body += *piece;
  }
  co_return body;
}

}  // namespace

std::string kubernetes_target(const std::string& path, const KubernetesQuery& query) {
  std::string target = path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    target += separator + percent_encode(name) + "=" + percent_encode(value);
    separator = '&';
  }
  return target;
}

KubernetesClient::KubernetesClient(std::unique_ptr<KubernetesCredentials> credentials, Clock& clock)
    : credentials_(std::move(credentials)), clock_(clock) {}

KubernetesClient::~KubernetesClient() = default;

HttpRequest KubernetesClient::make_request(const std::string& path, const KubernetesQuery& query,
                                           const std::string& accept,
                                           const KubernetesSession& session) const {
  HttpRequest request;
  request.url = server() + kubernetes_target(path, query);
  request.headers = session.headers;
  request.headers.emplace_back("Accept", accept);
  return request;
}

KubernetesProblem KubernetesClient::refused(const std::string& path,
                                            const HttpResponse& response) const {
  const auto said = parse_kubernetes_status(response.body);
  KubernetesStatus status = said.value_or(KubernetesStatus());
  // What stands in the body may be another's word; the status line is the server's own.
  status.code = response.status;
  KubernetesProblem problem;
  problem.kind =
      response.status == 200 ? KubernetesProblemKind::unexpected_status : kind_of(status);
  problem.status = response.status;
  problem.retry_after = status.retry_after;
  if (const auto header = response.header("Retry-After")) {
    if (const auto wait = parse_retry_after(*header, clock_.now())) {
      problem.retry_after = *wait;
    }
  }
  problem.message = "GET " + server() + path + ": status " + std::to_string(response.status);
  if (response.status == 200) {
    problem.message += " with content that is no JSON, as of a login page";
  } else if (!status.message.empty()) {
    problem.message += ": " + status.message;
  }
  return problem;
}

KubernetesProblem KubernetesClient::without_credentials(const std::string& cause) const {
  KubernetesProblem problem;
  problem.kind = KubernetesProblemKind::unauthorized;
  problem.message = "nothing was asked of " + server() + ": " + cause;
  return problem;
}

asio::awaitable<Page> KubernetesClient::list(std::string path, KubernetesQuery query,
                                             std::string accept) {
  for (bool is_second = false;; is_second = true) {
    auto session = co_await credentials_->session();
    if (!session) {
      co_return without_credentials(session.error());
    }
    HttpRequest request = make_request(path, query, accept, *session);
    request.timeout = kubernetes_list_timeout;
    request.body_bytes_max = kubernetes_page_bytes_max;
    if (credentials_->access().disable_compression) {
      request.headers.emplace_back("Accept-Encoding", "identity");
    }
    auto response = co_await session->http->send(std::move(request));
    if (!response) {
      co_return transport_problem(response.error());
    }
    if (response->status == 200 && is_json(*response)) {
      co_return Page(boost::system::in_place_value, std::move(response->body));
    }
    const bool is_rejected = response->status == 401;
    if (!is_rejected || !credentials_->reject(session->generation) || is_second) {
      co_return refused(path, *response);
    }
  }
}

asio::awaitable<Watched> KubernetesClient::watch(std::string path, KubernetesQuery query,
                                                 std::string accept) {
  for (bool is_second = false;; is_second = true) {
    auto session = co_await credentials_->session();
    if (!session) {
      co_return without_credentials(session.error());
    }
    HttpRequest request = make_request(path, query, accept, *session);
    request.timeout = kubernetes_watch_head_timeout;
    auto stream = co_await session->http->open(std::move(request));
    if (!stream) {
      co_return transport_problem(stream.error());
    }
    if ((*stream)->head().status == 200 && is_json((*stream)->head())) {
      co_return std::move(*stream);
    }
    HttpResponse response = (*stream)->head();
    const bool is_rejected = response.status == 401;
    if (!is_rejected || !credentials_->reject(session->generation) || is_second) {
      if (response.status != 200) {
        response.body = co_await read_error_body(**stream);
      }
      co_return refused(path, response);
    }
  }
}

}  // namespace scanclock
