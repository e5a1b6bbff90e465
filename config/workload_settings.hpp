#pragma once

#include "core/domain/pattern.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/time.hpp"

#include <string>
#include <vector>

namespace scanclock {

enum class WorkloadType { docker, file, podman, swarm };

struct WorkloadTlsSettings {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
};

struct WorkloadSettings {
  std::string name;
  WorkloadType type = WorkloadType::docker;
  /// docker, podman, swarm: `unix:///path`, `https://host:port` or, allowed by the rules on plain
  /// text, `http://`.
  std::string url;
  WorkloadTlsSettings tls;
  /// file: the workload file, which need not exist yet.
  std::string path;
  Duration poll_every = std::chrono::seconds(30);
  std::string environment = "production";
  PatternFilter namespaces;
  EnvironmentRules environments;
  /// Image references that never alert.
  std::vector<std::string> ignore_images;
  /// The default is the longer of two cycles and 10 minutes.
  Duration blind_after = std::chrono::minutes(10);
  bool allow_plaintext = false;
};

}  // namespace scanclock
