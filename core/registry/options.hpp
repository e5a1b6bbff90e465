#pragma once

#include "core/domain/pattern.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace scanclock {

/// Where a registry's login comes from. All empty: anonymous. The readers are called again at
/// every renewal, for secrets rotate; they may throw std::runtime_error and may block for as long
/// as a small file takes, so they run on the pool where there is one.
struct RegistryCredentials {
  RegistryCredentials() = default;
  std::string username;
  std::function<std::string()> password;
  /// A token that is sent to the registry as it is.
  std::function<std::string()> token;
  /// Path of a docker config.json or containers-auth.json.
  std::string docker_config_file;
  /// Absolute path of a docker-credential-* program.
  std::string helper;
  /// Absolute folder of the programs that a docker config may name; empty: none is run.
  std::string helpers_folder;
  /// Names of variables that these programs get from our environment.
  std::vector<std::string> helper_environment;
  /// Origin of the token server, where it does not belong to the registry by its name.
  std::string token_server;
};

/// One registry of the settings.
struct RegistryOptions {
  RegistryOptions() = default;
  /// The name in the settings.
  std::string name;
  /// `https://registry.example`, without a path.
  std::string url;
  /// As image references name it; the URL's authority where empty.
  std::string host;
  /// An include list without wildcards is the list of repositories, and _catalog is not asked.
  PatternFilter repositories;
  PatternFilter tags;
  RegistryCredentials credentials;
  /// Repository of this registry where the evidence of all its images may lie, too, as cosign's
  /// COSIGN_REPOSITORY puts it; empty for none.
  std::string attestation_repository;

  Duration tags_every = std::chrono::minutes(15);
  Duration evidence_every = std::chrono::hours(1);
  /// How long "no referrers API here" is believed of a repository.
  Duration referrers_probe_every = std::chrono::hours(1);

  std::size_t max_concurrency = 8;
  double max_requests_per_second = 50;
  Duration request_timeout = std::chrono::seconds(30);
  /// For evidence of up to 64 MiB: a slow answer costs its image no more than this.
  Duration blob_timeout = std::chrono::seconds(30);

  /// Consecutive failures that stop the asking; the wait doubles from the first to the last.
  std::size_t failures_to_open = 5;
  Duration open_first = std::chrono::seconds(5);
  Duration open_max = std::chrono::seconds(30);
};

}  // namespace scanclock
