#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/net/url.hpp"
#include "core/registry/docker_config.hpp"
#include "core/registry/options.hpp"
#include "core/registry/token_cache.hpp"
#include "core/registry/token_response.hpp"
#include "core/runtime/clock.hpp"

#include <map>
#include <optional>
#include <string>

namespace scanclock {

/// A token server that failed or refused is not asked again before this, or for as long as it asks
/// to be left alone: thousands of tags would otherwise hammer it, or lock the account.
inline constexpr Duration token_failure_pause = std::chrono::seconds(10);

/// Gets tokens from the token server that a registry named (distribution,
/// docs/content/spec/auth/token.md and oauth.md). Credentials go to a server that belongs to the
/// registry and to no other. Redirects are not followed. I/O thread only.
class TokenClient {
 public:
  TokenClient(const RegistryOptions& options, Url registry, Clock& clock, HttpClient& http);

  /// One token for `key` with `login`, which may be anonymous. An identity token is posted; where
  /// the server knows no POST, or refuses it, it is asked by GET as other logins are.
  asio::awaitable<Result<TokenResponse, RegistryProblem>> fetch(TokenKey key, RegistryLogin login);

  /// The failure that asking for `key` now would only repeat.
  std::optional<RegistryProblem> recent_failure(const TokenKey& key) const;

 private:
  /// Where to send the request; a problem when credentials, or anything, must not go there.
  Result<Url, RegistryProblem> server_of(const TokenKey& key, const RegistryLogin& login) const;
  HttpRequest request_to(const Url& server) const;
  HttpRequest post_request(const TokenKey& key, const Url& server,
                           const RegistryLogin& login) const;
  HttpRequest get_request(const TokenKey& key, const Url& server, const RegistryLogin& login) const;
  Result<TokenResponse, RegistryProblem> read(const TokenKey& key,
                                              const Result<HttpResponse, HttpFailure>& response);
  void remember_failure(const TokenKey& key, int status, Duration pause,
                        const RegistryProblem& problem);

  struct TokenFailure {
    RegistryProblem problem;
    Duration until{0};
  };

  std::string name_;
  Url registry_;
  /// Origin that the settings name; empty for none.
  std::string token_server_;
  Clock& clock_;
  HttpClient& http_;
  /// Under the scope alone where the server denied just that, otherwise under an empty one.
  std::map<TokenKey, TokenFailure> failures_;
};

/// `Basic dXNlcjpwYXNz`.
std::string basic_authorization(const std::string& username, const std::string& password);

}  // namespace scanclock
