#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/bounded_json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A manager keeps some ended tasks of every replica, too.
inline constexpr std::size_t swarm_entries_max = 500'000;

struct SwarmService {
  std::string name;
  std::map<std::string, std::string> labels;

  bool operator==(const SwarmService&) const = default;
};

struct SwarmNode {
  std::string host_name;
  /// Normalized to what images say: `x86_64` is amd64, `aarch64` is arm64.
  Platform platform;

  bool operator==(const SwarmNode&) const = default;
};

/// A task whose container runs.
struct SwarmTask {
  std::string id;
  std::string service_id;
  std::string node_id;
  /// Of a replicated service, from 1; 0 for tasks of global services, which have one a node.
  std::int64_t slot = 0;
  std::string container_id;
  /// As the service's owner wrote it, with the digest of the index where his client resolved the
  /// tag (not with `--no-resolve-image`, nor when the registry did not answer).
  std::string image;
  std::map<std::string, std::string> labels;
  std::optional<TimePoint> started_at;

  bool operator==(const SwarmTask&) const = default;
};

struct SwarmTasks {
  std::vector<SwarmTask> running;
  /// Some task is on its way to run or to end.
  bool in_motion = false;
};

/// `GET /services`, by ID.
Result<std::map<std::string, SwarmService>, JsonFailure> parse_swarm_services(
    std::string_view body);
/// `GET /nodes`, by ID.
Result<std::map<std::string, SwarmNode>, JsonFailure> parse_swarm_nodes(std::string_view body);
/// `GET /tasks`. Those whose state is running count, whatever is desired of them: a task that is
/// to end still runs. Tasks of plugins run no container.
Result<SwarmTasks, JsonFailure> parse_swarm_tasks(std::string_view body);

/// What runs by a manager's word. The namespace is the stack, the workload `service/NAME`, the name
/// that of Docker's without the task's ID: `web.1`. The ID is the container's, as the node's own
/// Docker Engine has it. An image by tag alone makes the observation an assumed one: nobody says
/// what the tag meant when the node pulled it. `service` and `node` are null where the manager no
/// longer knows them.
ContainerObservation swarm_observation(const SwarmTask& task, const SwarmService* service,
                                       const SwarmNode* node);

}  // namespace scanclock
