#include "core/workloads/swarm_source.hpp"

#include <set>
#include <utility>

namespace scanclock {

SwarmSource::SwarmSource(EngineSourceSettings settings, HttpClient& http, Clock& clock,
                         BlockingPool& pool)
    : EngineSource(std::move(settings), EngineProduct::swarm, http, clock, pool) {}

/// The tasks first: a service that is made meanwhile is no harm, a task without its service would
/// have no name.
asio::awaitable<Result<WorkloadReport, SourceProblem>> SwarmSource::look() {
  WorkloadReport report;
  report.source = name();
  report.observed_at = clock().now();
  report.complete = true;
  const auto tasks = co_await connection().tasks();
  if (!tasks) {
    co_return tasks.error();
  }
  const auto services = co_await connection().services();
  if (!services) {
    co_return services.error();
  }
  const auto nodes = co_await connection().nodes();
  if (!nodes) {
    co_return nodes.error();
  }
  std::set<std::string> ids;
  for (const SwarmTask& task : tasks->running) {
    const auto service = services->find(task.service_id);
    const auto node = nodes->find(task.node_id);
    auto observation =
        swarm_observation(task, service == services->end() ? nullptr : &service->second,
                          node == nodes->end() ? nullptr : &node->second);
    if (ids.insert(observation.id).second) {
      report.containers.push_back(std::move(observation));
    }
  }
  if (tasks->in_motion && clock().monotonic() < motion_watched_until_) {
    want_list_within(swarm_motion_look_every);
  }
  co_return report;
}

void SwarmSource::watch_motion() {
  motion_watched_until_ = clock().monotonic() + swarm_motion_watched_for;
}

asio::awaitable<void> SwarmSource::apply(DockerEvent event) {
  if (event.kind == DockerEvent::Kind::swarm_changed) {
    watch_motion();
    want_list_within(settings().list_delay);
  }
  co_return;
}

}  // namespace scanclock
