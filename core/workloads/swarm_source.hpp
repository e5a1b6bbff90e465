#pragma once

#include "core/workloads/engine_source.hpp"

#include <boost/asio/awaitable.hpp>

namespace scanclock {

/// While tasks are on their way after a change of a service, the list is asked for this often, for
/// so long: managers tell of services by events, but not of tasks.
inline constexpr Duration swarm_motion_look_every = std::chrono::seconds(2);
inline constexpr Duration swarm_motion_watched_for = std::chrono::minutes(1);

/// Watches the services of a Swarm by one of its managers: what runs on all nodes, by the managers'
/// word. A docker source on a node may show the same containers; alerts are per image, so nobody is
/// told twice.
class SwarmSource final : public EngineSource {
 public:
  /// See EngineSource.
  SwarmSource(EngineSourceSettings settings, HttpClient& http, Clock& clock, BlockingPool& pool);

 private:
  boost::asio::awaitable<Result<WorkloadReport, SourceProblem>> look() override;
  boost::asio::awaitable<void> apply(DockerEvent event) override;
  /// A service may have changed meanwhile.
  void events_were_missed() override { watch_motion(); }
  void watch_motion();

  /// Monotonic.
  Duration motion_watched_until_{0};
};

}  // namespace scanclock
