#include "core/registry/authenticator.hpp"

#include "core/registry/token_response.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration token_timeout = std::chrono::seconds(20);

bool is_private_literal(const Url& url) {
  return url.is_loopback() || url.host.starts_with("169.254.") || url.host.starts_with("fe80:") ||
         url.host == "0.0.0.0" || url.host == "::";
}

std::string query_of(const TokenKey& key, const std::string& username) {
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
  return "grant_type=refresh_token&client_id=scanclock&service=" + percent_encode(key.service) +
         "&scope=" + percent_encode(key.scope) + "&refresh_token=" + percent_encode(refresh_token);
}

std::string basic_value(const RegistryLogin& login) {
  return "Basic " + base64_encode(login.username + ":" + login.password);
}

}  // namespace

std::string pull_scope(const std::string& repository) {
  return "repository:" + repository + ":pull";
}

bool realm_is_trusted(const Url& registry, const Url& realm) {
  if (realm.scheme != "https") {
    return registry.scheme == "http" && registry.origin() == realm.origin();
  }
  return realm.host == registry.host || !is_private_literal(realm);
}

Authenticator::Authenticator(const RegistryOptions& options, Url registry, Clock& clock,
                             HttpClient& http, BlockingPool* pool)
    : name_(options.name),
      registry_(std::move(registry)),
      clock_(clock),
      http_(http),
      credentials_(options.credentials, options.host.empty() ? registry_.authority() : options.host,
                   pool) {}

RegistryProblem Authenticator::problem(std::string text, bool retryable) const {
  RegistryProblem result;
  result.reason = "unauthorized";
  result.retryable = retryable;
  result.message = "registry " + name_ + ": " + std::move(text);
  return result;
}

std::optional<AuthDemand> Authenticator::expected_demand(const std::string& scope) const {
  const auto known = demands_.find(scope);
  if (known != demands_.end()) {
    return known->second;
  }
  std::optional<AuthDemand> demand = last_demand_;
  // A scope of the usual form names the repository; any other is opaque and stays.
  if (demand && demand->scope.starts_with(last_demand_scope_)) {
    demand->scope = scope;
  }
  return demand;
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::header_for(
    std::string scope) {
  if (!login_) {
    auto login = co_await credentials_.read();
    if (!login) {
      co_return problem(login.error(), true);
    }
    login_ = std::move(*login);
  }
  if (!login_->registry_token.empty()) {
    Header header;
    header.value = "Bearer " + login_->registry_token;
    co_return header;
  }
  std::optional<AuthDemand> demand = expected_demand(scope);
  if (!demand) {
    co_return Header();
  }
  co_return co_await prove(std::move(*demand), false);
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::answer_challenge(
    std::string scope, std::vector<HttpHeader> response_headers, Header sent) {
  forget(scope, sent);
  if (login_ && !login_->registry_token.empty()) {
    auto login = co_await credentials_.read();
    if (!login || login->registry_token == login_->registry_token) {
      co_return problem(login ? "the token is refused" : login.error());
    }
    login_ = std::move(*login);
    Header header;
    header.value = "Bearer " + login_->registry_token;
    co_return header;
  }
  std::optional<AuthDemand> demand = demand_of(response_headers);
  if (!demand) {
    co_return problem("401 without a challenge that can be met");
  }
  if (demand->scope.empty()) {
    demand->scope = scope;
  }
  AuthDemand wanted = *demand;
  auto header = co_await prove(std::move(wanted), true);
  if (header && header->value == sent.value) {
    co_return problem("the credentials are refused");
  }
  if (header) {
    demands_[scope] = *demand;
    last_demand_ = *demand;
    last_demand_scope_ = scope;
  }
  co_return std::move(header);
}

void Authenticator::forget(const std::string& scope, const Header& sent) {
  const auto known = demands_.find(scope);
  const std::optional<AuthDemand> demand =
      known != demands_.end() ? known->second : expected_demand(scope);
  if (demand && sent.value.starts_with("Bearer ")) {
    TokenKey key;
    key.realm = demand->realm;
    key.service = demand->service;
    key.scope = demand->scope;
    tokens_.drop(key, sent.value.substr(7));
  }
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::prove(
    AuthDemand demand, bool fresh_login) {
  if (demand.scheme == AuthDemand::Scheme::basic) {
    co_return co_await basic(fresh_login);
  }
  co_return co_await bearer(std::move(demand));
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::basic(
    bool fresh_login) {
  if (fresh_login || !login_) {
    auto login = co_await credentials_.read();
    if (!login) {
      co_return problem(login.error(), true);
    }
    login_ = std::move(*login);
  }
  if (login_->username.empty() && login_->password.empty()) {
    co_return problem("a user name and a password are demanded and none are configured");
  }
  Header header;
  header.value = basic_value(*login_);
  co_return header;
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::bearer(
    AuthDemand demand) {
  TokenKey key;
  key.realm = demand.realm;
  key.service = demand.service;
  key.scope = demand.scope;
  std::string gate = key.realm + "\n" + key.service + "\n" + key.scope;
  FairGate::Pass pass = co_await renewals_.enter(std::move(gate));
  if (const auto token = tokens_.find(key, clock_.monotonic())) {
    Header header;
    header.value = "Bearer " + *token;
    co_return header;
  }
  if (auto failure = recent_failure(key)) {
    co_return std::move(*failure);
  }
  co_return co_await fetch_token(std::move(key));
}

std::optional<RegistryProblem> Authenticator::recent_failure(const TokenKey& key) const {
  TokenKey server = key;
  server.scope.clear();
  for (const TokenKey& candidate : {key, server}) {
    const auto failure = token_failures_.find(candidate);
    if (failure != token_failures_.end() && clock_.monotonic() < failure->second.until) {
      return failure->second.problem;
    }
  }
  return std::nullopt;
}

void Authenticator::remember_failure(const TokenKey& key, int status,
                                     const RegistryProblem& problem) {
  const Duration now = clock_.monotonic();
  std::erase_if(token_failures_, [now](const auto& entry) { return now >= entry.second.until; });
  TokenKey concerned = key;
  if (status != 403) {
    concerned.scope.clear();
  }
  token_failures_[concerned] = TokenFailure{problem, now + token_failure_pause};
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::fetch_token(
    TokenKey key) {
  const std::optional<Url> realm = resolve_url(registry_, key.realm);
  if (!realm || !realm_is_trusted(registry_, *realm)) {
    co_return problem("refused to send credentials to the token server " +
                      (realm ? realm->origin() : std::string("(malformed URL)")) +
                      " that the registry named");
  }
  auto login = co_await credentials_.read();
  if (!login) {
    co_return problem(login.error(), true);
  }
  auto request = token_request(key, *realm, *login);
  if (!request) {
    co_return request.error();
  }
  const auto response = co_await http_.send(std::move(*request));
  co_return read_token(key, response);
}

Result<HttpRequest, RegistryProblem> Authenticator::token_request(
    const TokenKey& key, const Url& realm, const RegistryLogin& login) const {
  HttpRequest request;
  request.timeout = token_timeout;
  request.body_bytes_max = token_bytes_max;
  if (!login.identity_token.empty()) {
    request.method = "POST";
    request.url = to_string(realm);
    request.body = refresh_form(key, login.identity_token);
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return request;
  }
  const std::string base = to_string(realm);
  request.url =
      base + (base.find('?') == std::string::npos ? "?" : "&") + query_of(key, login.username);
  if (!login.username.empty() || !login.password.empty()) {
    request.headers.emplace_back("Authorization", basic_value(login));
  }
  return request;
}

Result<Authenticator::Header, RegistryProblem> Authenticator::read_token(
    const TokenKey& key, const Result<HttpResponse, HttpFailure>& response) {
  if (!response) {
    RegistryProblem failure =
        problem("token server: " + response.error().message, response.error().retryable);
    failure.reason = to_string(response.error().reason);
    remember_failure(key, 0, failure);
    return failure;
  }
  const int status = response->status;
  if (status != 200) {
    RegistryProblem failure =
        problem("token server answered " + std::to_string(status), status == 429 || status >= 500);
    if (status == 429 || status >= 500) {
      failure.reason = status == 429 ? "rate_limited" : "server_error";
    }
    remember_failure(key, status, failure);
    return failure;
  }
  auto token = parse_token_response(response->body);
  if (!token) {
    return problem(token.error(), true);
  }
  tokens_.keep(key, token->token, token->lifetime, clock_.monotonic());
  Header header;
  header.value = "Bearer " + token->token;
  return header;
}

}  // namespace scanclock
