#pragma once

#include "core/domain/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// The logins of one registry: one for the host, and others for namespaces in it.
struct RegistryLogins {
  RegistryLogins() = default;
  RegistryLogin general;
  /// `team` or `team/app`, longest first.
  std::vector<std::pair<std::string, RegistryLogin>> namespaces;

  /// The most specific login for a repository; the general one for an empty name.
  const RegistryLogin& of(std::string_view repository) const;
  /// The namespace whose login that is; empty for the general one.
  std::string namespace_of(std::string_view repository) const;
};

/// What a docker config.json or containers-auth.json says about one registry.
struct DockerLogins {
  DockerLogins() = default;
  bool found = false;
  RegistryLogins logins;
  /// Name of the program that keeps the host's login (`ecr-login`), where the file names one and
  /// holds no login itself.
  std::string helper;
};

/// Finds the logins for `host[:port]` in the text of a docker config.json (docker/cli
/// docs/reference/commandline/docker_login.md) or containers-auth.json(5). Keys may carry a scheme
/// and, as Docker wrote them, the path of its version 1 API; any other path is a namespace.
/// docker.io's key is `https://index.docker.io/v1/`. Of `credHelpers`, `auths` and `credsStore` the
/// first that knows the host decides. Failures name what is wrong and never a value.
Result<DockerLogins, std::string> find_docker_logins(std::string_view text, std::string_view host);

/// Reads what a credential helper prints: `{"ServerURL", "Username", "Secret"}`. The user name
/// `<token>` means that the secret is an identity token. The failure shows no value.
Result<RegistryLogin, std::string> parse_program_login(std::string_view output);

}  // namespace scanclock
