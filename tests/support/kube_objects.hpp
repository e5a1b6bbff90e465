#pragma once

#include <string>
#include <string_view>

namespace scanclock {

/// What a pod of a test looks like; each member stands for itself.
struct KubePodShape {
  KubePodShape() = default;
  std::string node = "node-1";
  std::string phase = "Running";
  /// Name of the ReplicaSet that owns it; empty: nobody does.
  std::string replica_set;
  std::string image = "registry.example/team/app:1.4";
  std::string image_id;
  /// Distinguishes containers of one pod after a restart.
  std::string container_suffix;
  int containers = 1;
};

/// Objects in the API server's JSON, complete enough for kubectl. UIDs and container IDs follow
/// from the names (kube_container_id).
std::string kube_pod(const std::string& namespace_name, const std::string& name,
                     const KubePodShape& shape = {});
std::string kube_node(const std::string& name, const std::string& architecture = "amd64");
/// A ReplicaSet that `deployment` owns.
std::string kube_replica_set(const std::string& namespace_name, const std::string& name,
                             const std::string& deployment);
std::string kube_job(const std::string& namespace_name, const std::string& name,
                     const std::string& cron_job);
/// As Trivy Operator writes it; `digest` is `sha256:...`.
std::string kube_vulnerability_report(const std::string& namespace_name, const std::string& name,
                                      const std::string& digest, const std::string& updated_at);

/// 64 hexadecimal digits of a container of a pod of kube_pod().
std::string kube_container_id(const std::string& namespace_name, const std::string& pod,
                              int container = 0, const std::string& suffix = {});
/// Of an object of these functions; `namespace_name` is empty for nodes.
std::string kube_object_uid(const std::string& kind, const std::string& namespace_name,
                            const std::string& name);
/// `sha256:` and 64 digits that follow from `seed`.
std::string kube_digest(std::string_view seed);

}  // namespace scanclock
