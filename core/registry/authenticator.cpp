#include "core/registry/authenticator.hpp"

#include "core/registry/registry_problem.hpp"

#include <string_view>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view repository_scope_prefix = "repository:";

/// The repository of a pull scope; empty for the catalog's.
std::string repository_of(const std::string& scope) {
  if (!scope.starts_with(repository_scope_prefix)) {
    return std::string();
  }
  const std::string rest = scope.substr(repository_scope_prefix.size());
  return rest.substr(0, rest.rfind(':'));
}

Authenticator::Header bearer_header(const std::string& token) {
  Authenticator::Header header;
  header.value = "Bearer " + token;
  return header;
}

}  // namespace

std::string pull_scope(const std::string& repository) {
  return std::string(repository_scope_prefix) + repository + ":pull";
}

Authenticator::Authenticator(const RegistryOptions& options, Url registry, Clock& clock,
                             HttpClient& http, BlockingPool* pool)
    : name_(options.name),
      registry_(std::move(registry)),
      clock_(clock),
      credentials_(options.credentials, options.host.empty() ? registry_.authority() : options.host,
                   pool),
      token_client_(options, registry_, clock, http) {}

asio::awaitable<std::optional<RegistryProblem>> Authenticator::read_logins(Duration age_max) {
  const auto is_young = [this, age_max] {
    return logins_ && clock_.monotonic() - logins_read_at_ < age_max;
  };
  if (is_young()) {
    co_return std::nullopt;
  }
  const std::uint64_t generation = logins_generation_;
  FairGate::Pass pass = co_await renewals_.enter(std::string("logins"));
  if (generation != logins_generation_) {
    co_return std::nullopt;
  }
  if (logins_failure_ && clock_.monotonic() < logins_failed_until_) {
    co_return logins_failure_;
  }
  auto read = co_await credentials_.read();
  if (!read) {
    logins_failure_ = login_problem(name_, read.error(), true);
    logins_failed_until_ = clock_.monotonic() + token_failure_pause;
    co_return logins_failure_;
  }
  logins_failure_.reset();
  logins_ = std::move(*read);
  logins_read_at_ = clock_.monotonic();
  ++logins_generation_;
  co_return std::nullopt;
}

const RegistryLogin& Authenticator::login_for(const std::string& scope) const {
  return logins_->of(repository_of(scope));
}

TokenKey Authenticator::key_for(const AuthDemand& demand, const std::string& scope) const {
  TokenKey key;
  key.realm = demand.realm;
  key.service = demand.service;
  key.scope = demand.scope;
  key.account = logins_ ? logins_->namespace_of(repository_of(scope)) : std::string();
  return key;
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
  auto failure = co_await read_logins(login_kept_max);
  if (failure) {
    co_return std::move(*failure);
  }
  const RegistryLogin& login = login_for(scope);
  if (!login.registry_token.empty()) {
    co_return bearer_header(login.registry_token);
  }
  std::optional<AuthDemand> demand = expected_demand(scope);
  if (!demand) {
    co_return Header();
  }
  co_return co_await prove(std::move(*demand), std::move(scope), false);
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::answer_challenge(
    std::string scope, std::vector<HttpHeader> response_headers, Header sent) {
  forget(scope, sent);
  if (logins_ && !login_for(scope).registry_token.empty()) {
    auto failure = co_await read_logins(Duration::zero());
    if (failure) {
      co_return std::move(*failure);
    }
    Header header = bearer_header(login_for(scope).registry_token);
    if (header.value == sent.value) {
      co_return login_problem(name_, "the token is refused");
    }
    co_return std::move(header);
  }
  std::optional<AuthDemand> demand = demand_of(response_headers);
  if (!demand) {
    co_return login_problem(name_, "401 without a challenge that can be met");
  }
  if (demand->scope.empty()) {
    demand->scope = scope;
  }
  AuthDemand wanted = *demand;
  auto header = co_await prove(std::move(wanted), scope, true);
  if (header && header->value == sent.value) {
    co_return login_problem(name_, "the credentials are refused");
  }
  if (header) {
    demands_[scope] = *demand;
    last_demand_ = *demand;
    last_demand_scope_ = scope;
  }
  co_return std::move(header);
}

asio::awaitable<std::optional<Authenticator::Header>> Authenticator::answer_denial(
    std::string scope, Header sent) {
  if (is_fetched_token(sent)) {
    forget(scope, sent);
    co_return Header();
  }
  const auto failure = co_await read_logins(login_believed);
  if (failure) {
    co_return std::nullopt;
  }
  auto renewed = co_await header_for(std::move(scope));
  if (!renewed || renewed->value == sent.value) {
    co_return std::nullopt;
  }
  co_return std::move(*renewed);
}

bool Authenticator::is_fetched_token(const Header& sent) const {
  const std::string_view value = sent.value;
  if (!value.starts_with("Bearer ") || !logins_) {
    return false;
  }
  const std::string_view token = value.substr(7);
  if (token == logins_->general.registry_token) {
    return false;
  }
  for (const auto& [space, login] : logins_->namespaces) {
    if (token == login.registry_token) {
      return false;
    }
  }
  return true;
}

void Authenticator::forget(const std::string& scope, const Header& sent) {
  const std::optional<AuthDemand> demand = expected_demand(scope);
  if (demand && sent.value.starts_with("Bearer ")) {
    tokens_.drop(key_for(*demand, scope), sent.value.substr(7));
  }
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::prove(
    AuthDemand demand, std::string scope, bool fresh_login) {
  if (demand.scheme == AuthDemand::Scheme::basic) {
    co_return co_await basic(std::move(scope), fresh_login);
  }
  co_return co_await bearer(std::move(demand), std::move(scope));
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::basic(
    std::string scope, bool fresh_login) {
  auto failure = co_await read_logins(fresh_login ? Duration::zero() : login_kept_max);
  if (failure) {
    co_return std::move(*failure);
  }
  const RegistryLogin& login = login_for(scope);
  if (login.username.empty() && login.password.empty()) {
    co_return login_problem(name_,
                            "a user name and a password are demanded and none are configured");
  }
  Header header;
  header.value = basic_authorization(login.username, login.password);
  co_return header;
}

asio::awaitable<Result<Authenticator::Header, RegistryProblem>> Authenticator::bearer(
    AuthDemand demand, std::string scope) {
  const TokenKey key = key_for(demand, scope);
  std::string gate = key.realm + "\n" + key.service + "\n" + key.scope + "\n" + key.account;
  FairGate::Pass pass = co_await renewals_.enter(std::move(gate));
  // Another coroutine may have renewed the token meanwhile.
  if (const auto token = tokens_.find(key, clock_.monotonic())) {
    co_return bearer_header(*token);
  }
  if (auto recent = token_client_.recent_failure(key)) {
    co_return std::move(*recent);
  }
  auto failure = co_await read_logins(login_believed);
  if (failure) {
    co_return std::move(*failure);
  }
  RegistryLogin login = login_for(scope);
  auto fetched = co_await token_client_.fetch(key, std::move(login));
  if (!fetched) {
    co_return fetched.error();
  }
  tokens_.keep(key, fetched->token, fetched->lifetime, clock_.monotonic());
  co_return bearer_header(fetched->token);
}

}  // namespace scanclock
