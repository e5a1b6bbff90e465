#include "core/registry/token_client.hpp"

#include "core/net/retry_after.hpp"
#include "core/registry/origin_guard.hpp"
#include "core/registry/registry_problem.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration token_timeout = std::chrono::seconds(20);

std::string token_query(const TokenKey& key, const std::string& username) {
  std::string query = "client_id=scanclock";
  if (!key.service.empty()) {
    query += "&service=" + percent_encode(key.service);
  }
  std::istringstream scopes(key.scope);
  for (std::string scope; scopes >> scope;) {
    query += "&scope=" + percent_encode(scope);
  }
  if (!username.empty()) {
    query += "&account=" + percent_encode(username);
  }
  return query;
}

std::string refresh_form(const TokenKey& key, const std::string& refresh_token) {
  std::string form = "grant_type=refresh_token&client_id=scanclock";
  if (!key.service.empty()) {
    form += "&service=" + percent_encode(key.service);
  }
  if (!key.scope.empty()) {
    form += "&scope=" + percent_encode(key.scope);
  }
  return form + "&refresh_token=" + percent_encode(refresh_token);
}

/// Google answered POST with 404, Artifactory with 401 (containerd remotes/docker/authorizer.go).
bool knows_no_post(int status) { return status == 401 || status == 404 || status == 405; }

std::string origin_of(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed ? parsed->origin() : std::string();
}

}  // namespace

std::string basic_authorization(const std::string& username, const std::string& password) {
  return "Basic " + base64_encode(username + ":" + password);
}

TokenClient::TokenClient(const RegistryOptions& options, Url registry, Clock& clock,
                         HttpClient& http)
    : name_(options.name),
      registry_(std::move(registry)),
      token_server_(origin_of(options.credentials.token_server)),
      clock_(clock),
      http_(http) {}

std::optional<RegistryProblem> TokenClient::recent_failure(const TokenKey& key) const {
  TokenKey server = key;
  server.scope.clear();
  for (const TokenKey& candidate : {key, server}) {
    const auto failure = failures_.find(candidate);
    if (failure != failures_.end() && clock_.monotonic() < failure->second.until) {
      return failure->second.problem;
    }
  }
  return std::nullopt;
}

void TokenClient::remember_failure(const TokenKey& key, int status, Duration pause,
                                   const RegistryProblem& problem) {
  const Duration now = clock_.monotonic();
  std::erase_if(failures_, [now](const auto& entry) { return now >= entry.second.until; });
  TokenKey concerned = key;
  if (status != 403) {
    concerned.scope.clear();
  }
  failures_[concerned] = TokenFailure{problem, now + std::max(pause, token_failure_pause)};
}

Result<Url, RegistryProblem> TokenClient::server_of(const TokenKey& key,
                                                    const RegistryLogin& login) const {
  UrlVerdict verdict =
      judge_url(UrlUse::token_server, registry_, registry_, key.realm, token_server_);
  if (!verdict.url) {
    return login_problem(
        name_, "refused to ask the token server that the registry named: " + verdict.refusal);
  }
  if (!verdict.gets_credentials && !login.anonymous()) {
    return login_problem(
        name_, "refused to send credentials to the token server that the registry named: " +
                   verdict.refusal +
                   "\nHINT: if it is this registry's token server, name it as "
                   "credentials.token_server");
  }
  return std::move(*verdict.url);
}

HttpRequest TokenClient::request_to(const Url& server) const {
  HttpRequest request;
  request.url = to_string(server);
  request.timeout = token_timeout;
  request.body_bytes_max = token_bytes_max;
  if (server.origin() != token_server_) {
    request.led_by_host = registry_.host;
  }
  return request;
}

HttpRequest TokenClient::post_request(const TokenKey& key, const Url& server,
                                      const RegistryLogin& login) const {
  HttpRequest request = request_to(server);
  request.method = "POST";
  request.body = refresh_form(key, login.identity_token);
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return request;
}

HttpRequest TokenClient::get_request(const TokenKey& key, const Url& server,
                                     const RegistryLogin& login) const {
  HttpRequest request = request_to(server);
  request.url +=
      (request.url.find('?') == std::string::npos ? "?" : "&") + token_query(key, login.username);
  const std::string& secret = login.password.empty() ? login.identity_token : login.password;
  if (!login.username.empty() || !secret.empty()) {
    request.headers.emplace_back("Authorization", basic_authorization(login.username, secret));
  }
  return request;
}

asio::awaitable<Result<TokenResponse, RegistryProblem>> TokenClient::fetch(TokenKey key,
                                                                           RegistryLogin login) {
  const auto server = server_of(key, login);
  if (!server) {
    co_return server.error();
  }
  if (!login.identity_token.empty()) {
    HttpRequest post = post_request(key, *server, login);
    const auto response = co_await http_.send(std::move(post));
    if (!response || !knows_no_post(response->status)) {
      co_return read(key, response);
    }
  }
  HttpRequest get = get_request(key, *server, login);
  const auto response = co_await http_.send(std::move(get));
  co_return read(key, response);
}

Result<TokenResponse, RegistryProblem> TokenClient::read(
    const TokenKey& key, const Result<HttpResponse, HttpFailure>& response) {
  if (!response) {
    RegistryProblem failure = login_problem(name_, "token server: " + response.error().message,
                                            response.error().retryable);
    failure.reason = to_string(response.error().reason);
    remember_failure(key, 0, Duration::zero(), failure);
    return failure;
  }
  const int status = response->status;
  if (status != 200) {
    RegistryProblem failure = login_problem(
        name_, "token server answered " + std::to_string(status), status == 429 || status >= 500);
    if (status == 429 || status >= 500) {
      failure.reason = status == 429 ? "rate_limited" : "server_error";
    }
    const auto header = response->header("Retry-After");
    const auto pause = header ? parse_retry_after(*header, clock_.now()) : std::nullopt;
    remember_failure(key, status, pause.value_or(Duration::zero()), failure);
    return failure;
  }
  auto token = parse_token_response(response->body);
  if (!token) {
    RegistryProblem failure = login_problem(name_, token.error(), true);
    remember_failure(key, status, Duration::zero(), failure);
    return failure;
  }
  return std::move(*token);
}

}  // namespace scanclock
