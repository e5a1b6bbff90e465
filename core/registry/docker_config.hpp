#pragma once

#include "core/domain/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t docker_config_bytes_max = std::size_t{1} << 20;

/// What proves who we are to one registry. All empty: anonymous.
struct RegistryLogin {
  RegistryLogin() = default;
  std::string username;
  std::string password;
  /// A refresh token for the token server (docker config.json `identitytoken`).
  std::string identity_token;
  /// Sent to the registry itself as a bearer token (`registrytoken`).
  std::string registry_token;

  bool anonymous() const {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }
  bool operator==(const RegistryLogin&) const = default;
};

/// Finds the login for `host[:port]` in the text of a docker config.json; nothing when `auths` has
/// none. Keys may carry a scheme and a path; docker.io's key is `https://index.docker.io/v1/`.
/// Failures name what is wrong and never a value. Credential stores (`credsStore`, `credHelpers`)
/// are not asked.
Result<std::optional<RegistryLogin>, std::string> find_docker_login(std::string_view text,
                                                                    std::string_view host);

}  // namespace scanclock
