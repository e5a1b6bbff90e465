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
#include "core/registry/token_client.hpp"
#include "core/runtime/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Scope of a repository's reads, and of the catalog (distribution, docs/content/spec/auth).
std::string pull_scope(const std::string& repository);
inline constexpr const char* catalog_scope = "registry:catalog:*";

/// Credentials are read again for each token, but no more often than this: a thousand repositories
/// must not run a credential helper a thousand times.
inline constexpr Duration login_believed = std::chrono::seconds(30);
/// And at least this often, for passwords that go to the registry itself expire, too.
inline constexpr Duration login_kept_max = std::chrono::hours(1);

/// Says which Authorization header a request to one registry carries. Basic credentials and
/// registry tokens go to the registry's own origin, other credentials to its token server
/// (TokenClient), and nowhere else. Tokens are cached for each realm, service, scope and login. I/O
/// thread only.
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

  /// After a denial without a challenge: another proof where credentials were renewed since, or a
  /// token was forgotten so that the next answer is a challenge (an empty header); nothing when the
  /// same would be sent again.
  asio::awaitable<std::optional<Header>> answer_denial(std::string scope, Header sent);

  /// Forgets a token that was refused.
  void forget(const std::string& scope, const Header& sent);

  /// The proof is a token of a token server, so that a request without it asks for a new challenge.
  bool is_fetched_token(const Header& sent) const;

 private:
  asio::awaitable<Result<Header, RegistryProblem>> prove(AuthDemand demand, std::string scope,
                                                         bool fresh_login);
  asio::awaitable<Result<Header, RegistryProblem>> bearer(AuthDemand demand, std::string scope);
  asio::awaitable<Result<Header, RegistryProblem>> basic(std::string scope, bool fresh_login);
  /// Reads the logins unless they were read within `age_max`. What went wrong, if anything.
  asio::awaitable<std::optional<RegistryProblem>> read_logins(Duration age_max);
  const RegistryLogin& login_for(const std::string& scope) const;
  TokenKey key_for(const AuthDemand& demand, const std::string& scope) const;
  /// What is to be expected for a scope that was not asked for before.
  std::optional<AuthDemand> expected_demand(const std::string& scope) const;

  std::string name_;
  Url registry_;
  Clock& clock_;
  CredentialReader credentials_;
  TokenClient token_client_;
  std::optional<RegistryLogins> logins_;
  Duration logins_read_at_{0};
  /// A file or program that failed is not asked again at once.
  std::optional<RegistryProblem> logins_failure_;
  Duration logins_failed_until_{0};
  std::uint64_t logins_generation_ = 0;
  std::map<std::string, AuthDemand> demands_;
  std::optional<AuthDemand> last_demand_;
  std::string last_demand_scope_;
  TokenCache tokens_;
  KeyedGates renewals_;
};

}  // namespace scanclock
