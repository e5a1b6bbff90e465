#include "core/registry/registry_transport.hpp"

#include "core/net/retry_after.hpp"
#include "core/registry/origin_guard.hpp"
#include "core/registry/registry_problem.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

Url registry_url(const RegistryOptions& options) {
  const std::optional<Url> url = parse_url(options.url);
  if (!url) {
    throw std::invalid_argument("registry " + options.name + ": not an http or https url");
  }
  return *url;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<Duration> pause_of(const HttpResponse& response, TimePoint now) {
  if (response.status != 429 && response.status != 503) {
    return std::nullopt;
  }
  const auto header = response.header("Retry-After");
  const auto pause = header ? parse_retry_after(*header, now) : std::nullopt;
  return !pause && response.status == 429 ? rate_limited_pause : pause;
}

std::uint64_t& count_of(RequestCounts& counts, RequestKind kind) {
  switch (kind) {
    case RequestKind::head:
      return counts.heads;
    case RequestKind::referrers:
      return counts.referrers;
    case RequestKind::list:
      return counts.lists;
    case RequestKind::other:
      break;
  }
  return counts.others;
}

/// Amazon's registries tell of an expired login without a challenge: the public one with 400, the
/// private one with 403, both with DENIED and a text about the token. Answers to HEAD have no text.
bool says_login_expired(const HttpResponse& response, const std::string& method, bool is_token) {
  if (response.status != 400 && response.status != 403) {
    return false;
  }
  if (method == "HEAD") {
    return response.status == 400 || !is_token;
  }
  return response.body.find("DENIED") != std::string::npos &&
         response.body.find("oken") != std::string::npos;
}

}  // namespace

std::string describe(const RegistryRequest& request) {
  const std::string& target = request.url.target;
  return request.method + " " + request.url.origin() + target.substr(0, target.find('?'));
}

RegistryProblem problem_of_status(const RegistryRequest& request, int status) {
  RegistryProblem problem;
  problem.retryable = status == 429 || status == 408 || status >= 500;
  if (status == 401) {
    problem.reason = "unauthorized";
  } else if (status == 403) {
    problem.reason = "forbidden";
  } else if (status == 404) {
    problem.reason = "not_found";
  } else if (status == 429) {
    problem.reason = "rate_limited";
  } else {
    problem.reason = status >= 500 ? "server_error" : "bad_content";
  }
  problem.message = describe(request) + ": answered " + std::to_string(status);
  return problem;
}

RegistryTransport::RegistryTransport(const RegistryOptions& options, Clock& clock, HttpClient& http,
                                     RequestObserver observer, BlockingPool* pool)
    : name_(options.name),
      registry_(registry_url(options)),
      clock_(clock),
      http_(http),
      observer_(std::move(observer)),
      pacer_(options, clock),
      authenticator_(options, registry_, clock, http, pool) {}

asio::awaitable<Result<HttpResponse, RegistryProblem>> RegistryTransport::send(
    RegistryRequest request) {
  auto header = co_await authenticator_.header_for(request.scope);
  if (!header) {
    co_return header.error();
  }
  Authenticator::Header sent = *header;
  auto response = co_await exchange(request, sent);
  if (response && !sent.value.empty() &&
      says_login_expired(*response, request.method, authenticator_.is_fetched_token(sent))) {
    auto renewed = co_await authenticator_.answer_denial(request.scope, sent);
    if (renewed) {
      sent = std::move(*renewed);
      response = co_await exchange(request, sent);
    }
  }
  if (response && response->status == 401) {
    response = co_await prove_again(request, sent, std::move(*response));
  }
  if (response && response->status == 401) {
    authenticator_.forget(request.scope, sent);
    co_return problem_of_status(request, 401);
  }
  if (response && is_redirect(response->status) && request.follows_redirects) {
    co_return co_await follow(std::move(request), std::move(sent), std::move(*response));
  }
  co_return std::move(response);
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> RegistryTransport::prove_again(
    RegistryRequest request, Authenticator::Header& sent, HttpResponse refused) {
  const bool was_token = authenticator_.is_fetched_token(sent);
  auto header = co_await authenticator_.answer_challenge(request.scope, refused.headers, sent);
  if (!header && was_token) {
    // nvcr.io answers a bad token with a challenge that nobody can meet, and no token with a good
    // one.
    sent = Authenticator::Header();
    auto bare = co_await exchange(request, sent);
    if (!bare || bare->status != 401) {
      co_return std::move(bare);
    }
    header = co_await authenticator_.answer_challenge(request.scope, bare->headers, sent);
  }
  if (!header) {
    co_return header.error();
  }
  sent = std::move(*header);
  co_return co_await exchange(std::move(request), sent);
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> RegistryTransport::exchange(
    RegistryRequest request, Authenticator::Header header) {
  auto permit = co_await pacer_.acquire();
  if (!permit) {
    co_return permit.error();
  }
  HttpRequest message;
  message.method = request.method;
  message.url = to_string(request.url);
  message.timeout = request.timeout;
  message.body_bytes_max = request.body_bytes_max;
  if (request.url.origin() != registry_.origin()) {
    message.led_by_host = registry_.host;
  }
  if (!request.accept.empty()) {
    message.headers.emplace_back("Accept", request.accept);
  }
  if (!header.value.empty()) {
    message.headers.emplace_back("Authorization", header.value);
  }
  const Duration started = clock_.monotonic();
  ++count_of(counts_, request.kind);
  auto response = co_await http_.send(std::move(message));
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
  const int status = response->status;
  if (status == 429 || status >= 500) {
    RegistryProblem problem = problem_of_status(request, status);
    permit->failed(pause_of(*response, clock_.now()), problem.reason);
    co_return problem;
  }
  permit->answered();
  co_return std::move(*response);
}

RegistryProblem RegistryTransport::refuse_redirect(const RegistryRequest& request,
                                                   std::string cause) const {
  RegistryProblem problem;
  problem.reason = "bad_content";
  problem.retryable = false;
  problem.message = describe(request) + ": " + std::move(cause);
  return problem;
}

asio::awaitable<Result<HttpResponse, RegistryProblem>> RegistryTransport::follow(
    RegistryRequest request, Authenticator::Header header, HttpResponse response) {
  for (int step = 0; step < redirects_max; ++step) {
    const auto location = response.header("Location");
    UrlVerdict verdict =
        judge_url(UrlUse::redirect, registry_, request.url, location.value_or(std::string_view()));
    if (!location || !verdict.url) {
      co_return refuse_redirect(request, location ? "refused a redirect: " + verdict.refusal
                                                  : std::string("redirect without a location"));
    }
    // Once dropped it stays dropped: a stranger must not send us back with our proof.
    if (!verdict.gets_credentials) {
      header = Authenticator::Header();
    }
    request.url = std::move(*verdict.url);
    auto next = co_await exchange(request, header);
    if (!next || !is_redirect(next->status)) {
      co_return std::move(next);
    }
    response = std::move(*next);
  }
  co_return refuse_redirect(request, "more than " + std::to_string(redirects_max) + " redirects");
}

}  // namespace scanclock
