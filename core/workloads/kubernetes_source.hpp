#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/evidence_sink.hpp"
#include "core/workloads/kubernetes_api.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

struct KubernetesSourceSettings {
  KubernetesSourceSettings() = default;
  std::string name;
  /// Empty: pods of the whole cluster are listed at once, which needs a ClusterRole. Else one list
  /// and watch for each of these, and the view is a partial one.
  std::set<std::string> only_namespaces;
  /// Asks for lists as streams (KEP-3157) and goes back to pages when the server refuses.
  bool streaming_list = false;
  /// Reads the Trivy Operator's VulnerabilityReport objects, where the cluster has them.
  bool vulnerability_reports = true;
  /// See KubernetesReadOptions::labels.
  std::optional<std::set<std::string, std::less<>>> labels;
  /// See PodSurroundings::runtime_classes.
  std::map<std::string, Platform, std::less<>> runtime_classes;
};

/// How long the first list of pods waits for nodes, ReplicaSets and Jobs, so that platforms and
/// owners are right at once.
inline constexpr Duration kubernetes_surroundings_wait_max = std::chrono::minutes(1);
/// The least time between two words that the view still stands.
inline constexpr Duration kubernetes_stand_every = std::chrono::minutes(1);
/// Watches one Kubernetes cluster: pods, nodes, and of ReplicaSets and Jobs the metadata, each by a
/// list and a watch of its own. Pages of a list are told as they come; the end of a list is told as
/// a complete report that names by ID what runs, so that what vanished in between ends then and
/// never before. Without the right to see nodes, ReplicaSets or Jobs it goes on and says so;
/// without the right to see pods it has failed (`forbidden`). Of a pod nothing is kept but its UID,
/// its resource version and the IDs of its containers.
class KubernetesSource final : public WorkloadSource {
 public:
  /// `clock`, `pool` and `evidence` must outlive the source; without `evidence` no reports are
  /// asked for.
  KubernetesSource(KubernetesSourceSettings settings, std::unique_ptr<KubernetesApi> api,
                   Clock& clock, BlockingPool& pool, EvidenceSink* evidence);
  ~KubernetesSource() override;

  const std::string& name() const override;
  std::string kind() const override { return "kubernetes"; }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace scanclock
