#pragma once

#include "core/domain/workload.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// Nomad's Docker driver labels every container with its allocation; the task's name is a label
/// only where the client's `extra_labels` asks for it, and is in the container's name always.
inline constexpr const char* nomad_alloc_id_label = "com.hashicorp.nomad.alloc_id";
inline constexpr const char* nomad_task_name_label = "com.hashicorp.nomad.task_name";

/// A driver's container starts before its task counts as started, by this much at most. What is
/// older belonged to the attempt before, which may have run another image.
inline constexpr Duration nomad_start_lag_max = std::chrono::seconds(10);

/// Nomad knows no digests: what a task runs exactly, the container runtime of its node tells. Finds
/// for each task of a Nomad source its container in a Docker or Podman source, by the label of the
/// allocation, and gives the task the container's digests, in whatever order the sources answer.
/// A pure state machine; only sources that the daemon polls itself are believed, for anybody may
/// write a label into a document.
class AllocationTwins {
 public:
  struct Nomad {
    /// Node name → the only source that is believed about containers of that node. Nodes that are
    /// not named: any runtime.
    std::map<std::string, std::string> runtime_of_node;
  };

  /// The names of the Docker and Podman sources, and of the Nomad sources.
  void configure(std::set<std::string> runtimes, std::map<std::string, Nomad> nomads);

  /// Before a Nomad source's view is believed: completes its tasks. Leaves other sources' alone.
  void complete(WorkloadReport& report);
  void complete(WorkloadChanges& changes);

  /// After a runtime's view was taken: what that changes for tasks of Nomad sources, one entry a
  /// source. Nothing for other sources. A view that is doubted takes nothing away.
  std::vector<WorkloadChanges> learn(const WorkloadReport& report, bool is_believed = true);
  std::vector<WorkloadChanges> learn(const WorkloadChanges& changes);

 private:
  struct Task {
    ContainerObservation told;
    ContainerObservation completed;
  };
  using Tasks = std::map<std::string, Task>;
  using Containers = std::map<std::string, ContainerObservation>;

  ContainerObservation completed(const Nomad& nomad, const ContainerObservation& task) const;
  std::vector<const ContainerObservation*> twins_of(const Nomad& nomad,
                                                    const ContainerObservation& task) const;
  ContainerObservation remember(const Nomad& nomad, Tasks& tasks, const ContainerObservation& told);
  void put(const std::string& source, const ContainerObservation& container);
  void drop(const std::string& source, const std::string& id);
  std::vector<WorkloadChanges> changed_tasks(TimePoint observed_at);

  std::set<std::string> runtimes_;
  std::map<std::string, Nomad> nomads_;
  std::map<std::string, Tasks> tasks_;
  /// By source: containers that have the label.
  std::map<std::string, Containers> containers_;
  /// Allocation → source and container ID.
  std::map<std::string, std::set<std::pair<std::string, std::string>>> by_allocation_;
  /// Allocations whose containers changed since the last changed_tasks().
  std::set<std::string> dirty_;
};

}  // namespace scanclock
