#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/net/url.hpp"
#include "core/registry/challenge.hpp"
#include "core/registry/credential_reader.hpp"
#include "core/registry/fair_gate.hpp"
#include "core/registry/options.hpp"
#include "core/registry/token_cache.hpp"
#include "core/runtime/clock.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Scope of a repository's reads, and of the catalog (distribution, docs/content/spec/auth).
std::string pull_scope(const std::string& repository);
inline constexpr const char* catalog_scope = "registry:catalog:*";
/// A token server that failed or refused is not asked again before this: thousands of tags would
/// otherwise hammer it, or lock the account.
inline constexpr Duration token_failure_pause = std::chrono::seconds(10);

/// Whether credentials may be sent to the token server that `registry` named: https always, except
/// to a loopback or link-local address that is not the registry's own host; plain http only where
/// it is the origin of a registry that is itself plain.
bool realm_is_trusted(const Url& registry, const Url& realm);

/// Says which Authorization header a request to one registry carries. Basic credentials and
/// registry tokens go to the registry's own origin, other credentials to a trusted realm, and
/// nowhere else. Tokens are cached for each realm, service and scope. I/O thread only.
class Authenticator {
 public:
  Authenticator(const RegistryOptions& options, Url registry, Clock& clock, HttpClient& http,
                BlockingPool* pool);

  struct Header {
    Header() = default;
    /// Empty for none.
    std::string value;
  };
  /// What the registry demanded before is met in advance.
  asio::awaitable<Result<Header, RegistryProblem>> header_for(std::string scope);

  /// After a 401 to a request that carried `sent`: forgets that proof and makes another one as the
  /// new challenge demands. A problem when there is none, or when it would be the same again.
  asio::awaitable<Result<Header, RegistryProblem>> answer_challenge(
      std::string scope, std::vector<HttpHeader> response_headers, Header sent);

  /// Forgets a token that the registry says has expired without sending a challenge.
  void forget(const std::string& scope, const Header& sent);

 private:
  asio::awaitable<Result<Header, RegistryProblem>> prove(AuthDemand demand, bool fresh_login);
  asio::awaitable<Result<Header, RegistryProblem>> bearer(AuthDemand demand);
  asio::awaitable<Result<Header, RegistryProblem>> fetch_token(TokenKey key);
  asio::awaitable<Result<Header, RegistryProblem>> basic(bool fresh_login);
  Result<HttpRequest, RegistryProblem> token_request(const TokenKey& key, const Url& realm,
                                                     const RegistryLogin& login) const;
  Result<Header, RegistryProblem> read_token(const TokenKey& key,
                                             const Result<HttpResponse, HttpFailure>& response);
  /// The failure that a token request would only repeat.
  std::optional<RegistryProblem> recent_failure(const TokenKey& key) const;
  void remember_failure(const TokenKey& key, int status, const RegistryProblem& problem);
  /// What is to be expected for a scope that was not asked for before.
  std::optional<AuthDemand> expected_demand(const std::string& scope) const;
  RegistryProblem problem(std::string text, bool retryable = false) const;

  struct TokenFailure {
    RegistryProblem problem;
    Duration until{0};
  };

  std::string name_;
  Url registry_;
  Clock& clock_;
  HttpClient& http_;
  CredentialReader credentials_;
  std::optional<RegistryLogin> login_;
  std::map<std::string, AuthDemand> demands_;
  std::optional<AuthDemand> last_demand_;
  std::string last_demand_scope_;
  TokenCache tokens_;
  /// Under the scope alone where the server denied just that, otherwise under an empty one.
  std::map<TokenKey, TokenFailure> token_failures_;
  KeyedGates renewals_;
};

}  // namespace scanclock
