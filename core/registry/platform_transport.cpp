#include "core/registry/platform_transport.hpp"

#include "core/net/retry_after.hpp"
#include "core/registry/registry_problem.hpp"
#include "core/registry/token_client.hpp"

#include <optional>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr Duration throttled_pause = std::chrono::seconds(5);

Url platform_url(const std::string& name, const std::string& url) {
  std::optional<Url> parsed = parse_url(url);
  if (!parsed) {
    throw std::invalid_argument("registry " + name + ": api.url is not an http or https url");
  }
  return *parsed;
}

/// Amazon's APIs throttle with 400 and a name in the body (AWS JSON 1.1).
bool is_throttled(const HttpResponse& response) {
  return response.status == 429 ||
         (response.status == 400 &&
          (response.body.find("ThrottlingException") != std::string::npos ||
           response.body.find("TooManyRequestsException") != std::string::npos));
}

}  // namespace

RegistryProblem platform_problem(const HttpRequest& request, std::string reason, std::string cause,
                                 bool retryable) {
  RegistryProblem problem;
  problem.reason = std::move(reason);
  problem.retryable = retryable;
  problem.message =
      request.method + " " + request.url.substr(0, request.url.find('?')) + ": " + cause;
  return problem;
}

RegistryProblem platform_status_problem(const HttpRequest& request, int status) {
  const std::string cause = "answered " + std::to_string(status);
  switch (status) {
    case 401:
      return platform_problem(request, "unauthorized", cause);
    case 403:
      return platform_problem(request, "forbidden", cause);
    case 404:
      return platform_problem(request, "not_found", cause);
    case 408:
      return platform_problem(request, "timeout", cause, true);
    case 429:
      return platform_problem(request, "rate_limited", cause, true);
    default:
      return platform_problem(request, status >= 500 ? "server_error" : "bad_content", cause,
                              status >= 500);
  }
}

std::string platform_authorization(const RegistryLogin& login) {
  if (!login.registry_token.empty()) {
    return "Bearer " + login.registry_token;
  }
  if (login.username.empty() && login.password.empty()) {
    return std::string();
  }
  return basic_authorization(login.username, login.password);
}

PlatformTransport::PlatformTransport(const RegistryOptions& options, const std::string& url,
                                     Clock& clock, HttpClient& http, RequestObserver observer)
    : name_(options.name),
      origin_(platform_url(options.name, url)),
      clock_(clock),
      http_(http),
      observer_(std::move(observer)),
      pacer_(options, clock) {}

std::string PlatformTransport::url_of(const std::string& target) const {
  return origin_.origin() + target;
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> PlatformTransport::send(
    HttpRequest request) {
  const std::optional<Url> target = parse_url(request.url);
  if (!target || target->origin() != origin_.origin()) {
    co_return platform_problem(request, "bad_content", "is not on the api's own server");
  }
  auto permit = co_await pacer_.acquire();
  if (!permit) {
    co_return permit.error();
  }
  HttpRequest sent = request;
  const Duration started = clock_.monotonic();
  auto response = co_await http_.send(std::move(sent));
  observer_(request.method, response ? response->status : 0, clock_.monotonic() - started);
  if (!response) {
    RegistryProblem problem = problem_of_failure(response.error());
    if (problem.reason == "too_large") {
      permit->answered();
    } else {
      permit->failed(std::nullopt, problem.reason);
    }
    co_return problem;
  }
  const bool throttled = is_throttled(*response);
  if (throttled || response->status >= 500) {
    RegistryProblem problem = platform_status_problem(request, throttled ? 429 : response->status);
    const auto header = response->header("Retry-After");
    std::optional<Duration> pause;
    if (header) {
      pause = parse_retry_after(*header, clock_.now());
    }
    if (!pause && throttled) {
      pause = throttled_pause;
    }
    permit->failed(pause, problem.reason);
    co_return problem;
  }
  permit->answered();
  co_return std::move(*response);
}

}  // namespace scanclock
