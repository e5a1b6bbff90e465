#pragma once

#include "core/domain/result.hpp"
#include "core/registry/docker_config.hpp"
#include "core/registry/options.hpp"
#include "core/runtime/blocking_pool.hpp"

#include <string>

namespace scanclock {

/// Reads a registry's logins anew each time it is asked, on the pool where there is one.
class CredentialReader {
 public:
  /// `host` is looked up in a docker config.json and told to credential helpers.
  CredentialReader(RegistryCredentials credentials, std::string host, BlockingPool* pool);

  /// The failure names the file or program and the cause, never a secret.
  asio::awaitable<Result<RegistryLogins, std::string>> read() const;

 private:
  RegistryCredentials credentials_;
  std::string host_;
  BlockingPool* pool_;
};

}  // namespace scanclock
