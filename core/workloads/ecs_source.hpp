#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/backoff.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/ecs_connection.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

struct EcsSourceSettings {
  EcsSourceSettings() = default;
  std::string name;
  EcsAccess access;
  /// Names or ARNs; left out: all that ListClusters names.
  std::vector<std::string> clusters;
  Duration poll_every = std::chrono::seconds(30);
};

/// Watches the Amazon ECS clusters of one account in one region. ECS has no stream of events that
/// could be asked for, so the list is all. A look is complete only if every cluster answered;
/// where one did not, what the others said is told all the same, and the look is a failure.
class EcsSource final : public WorkloadSource {
 public:
  /// All must outlive the source. Throws std::invalid_argument for a URL that is none.
  EcsSource(EcsSourceSettings settings, HttpClient& http, Clock& clock, BlockingPool& pool);

  const std::string& name() const override { return settings_.name; }
  std::string kind() const override { return "ecs"; }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

 private:
  using Containers = std::vector<ContainerObservation>;
  /// What the newest answer of a cluster said.
  struct Cluster {
    /// ARNs of tasks of which something runs.
    std::set<std::string> tasks;
    std::set<std::string> container_ids;
    std::map<std::string, EcsInstance> instances;
  };
  /// What one look learns.
  struct View {
    View() = default;
    Containers containers;
    /// IDs that ran before and that their cluster says have ended.
    std::vector<std::string> ended;
    std::optional<SourceProblem> problem;
    std::size_t failed_clusters = 0;
  };

  /// Returns how long to wait until the next look.
  boost::asio::awaitable<Duration> look_once();
  boost::asio::awaitable<View> look();
  boost::asio::awaitable<std::optional<SourceProblem>> look_at(std::string cluster, View& view);
  boost::asio::awaitable<Result<std::vector<EcsTask>, SourceProblem>> tasks_of(std::string cluster);
  boost::asio::awaitable<std::optional<SourceProblem>> learn_instances(
      std::string cluster, const std::vector<EcsTask>& tasks);
  void report(TimePoint observed_at, View view);

  EcsSourceSettings settings_;
  Clock& clock_;
  WorkloadSink* sink_ = nullptr;
  EcsConnection connection_;
  Backoff backoff_;
  std::map<std::string, Cluster> clusters_;
  bool instances_are_hidden_ = false;
};

}  // namespace scanclock
