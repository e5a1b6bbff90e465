#pragma once

#include "config/secret.hpp"
#include "core/domain/kubernetes_access.hpp"
#include "core/domain/pattern.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

enum class WorkloadType { docker, file, podman, swarm, kubernetes, nomad, ecs };

struct WorkloadTlsSettings {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
};

struct KubernetesWorkloadSettings {
  /// Merged, the first wins; empty with in_cluster.
  std::vector<std::string> kubeconfig;
  bool in_cluster = false;
  /// Empty: the files' current-context.
  std::string context;
  bool allow_exec = false;
  bool streaming_list = false;
  /// Empty: the whole cluster.
  std::set<std::string> watch_namespaces;
  bool vulnerability_reports = false;
  /// Keys of labels to keep; not set: all.
  std::optional<std::set<std::string, std::less<>>> labels;
  /// What the files say; it holds secrets.
  KubernetesAccess access;
};

struct NomadWorkloadSettings {
  /// Empty: no token is sent.
  Secret token;
  std::string region;
  /// Empty: all that the token may read.
  std::set<std::string> watch_namespaces;
  /// Node → the only workload source that is believed about its containers.
  std::map<std::string, std::string> docker_sources;
};

struct EcsWorkloadSettings {
  std::string region;
  /// No secret by itself, but it rotates with the others where it comes from a file.
  Secret access_key_id;
  Secret secret_access_key;
  /// Empty for keys that are not temporary.
  Secret session_token;
  /// Names or ARNs; empty: all of the region.
  std::vector<std::string> clusters;
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
  KubernetesWorkloadSettings kubernetes;
  NomadWorkloadSettings nomad;
  EcsWorkloadSettings ecs;
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
