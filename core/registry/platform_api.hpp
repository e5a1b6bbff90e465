#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/registry/options.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

enum class PlatformType { harbor, quay, ecr };

/// What signs requests to Amazon's API. The readers may block, so they run on the pool.
struct EcrCredentials {
  EcrCredentials() = default;
  std::string access_key_id;
  std::function<std::string()> secret_access_key;
  /// Of temporary credentials; unset for long-lived ones.
  std::function<std::string()> session_token;
};

/// The product API of one registry, `registries[].api` of the settings.
struct PlatformOptions {
  PlatformOptions() = default;
  PlatformType type = PlatformType::harbor;
  /// Origin of the API.
  std::string url;
  /// Harbor: Basic or a bearer token; Quay: a bearer token; empty: anonymous.
  RegistryCredentials credentials;
  EcrCredentials ecr;
  /// ecr: `us-east-1`.
  std::string region;
  /// ecr: the account whose registry it is; empty: that of the key.
  std::string account;
  Duration every = std::chrono::minutes(15);
};

/// What an API said about the subjects it was asked about. All that has no problem was answered:
/// what the API knows of it was handed to the sink.
struct PlatformAnswer {
  PlatformAnswer() = default;
  /// Nothing was answered.
  std::optional<RegistryProblem> problem;
  std::map<Digest, RegistryProblem> failed;
};

/// The record that a registry product keeps of scans and pushes. Hands evidence and push times to
/// its sink. I/O thread only.
class PlatformApi {
 public:
  virtual ~PlatformApi() = default;

  /// Asks about the subjects of a repository, whose manifests are known. `fresh`: also where it
  /// was asked just before.
  virtual asio::awaitable<PlatformAnswer> ask(std::string repository, std::vector<Digest> subjects,
                                              bool fresh) = 0;
};

}  // namespace scanclock
