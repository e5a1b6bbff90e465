#include "daemon/workload_engine.hpp"

#include "core/workloads/docker_source.hpp"
#include "core/workloads/swarm_source.hpp"

#include <utility>

namespace scanclock {

WatchedWorkload make_engine_workload(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around) {
  EngineSourceSettings engine;
  engine.name = settings.name;
  engine.url = settings.url;
  engine.poll_every = settings.poll_every;
  WatchedWorkload watched;
  watched.http = make_workload_client(settings, around);
  if (settings.type == WorkloadType::swarm) {
    watched.source =
        std::make_unique<SwarmSource>(std::move(engine), *watched.http, around.clock, around.pool);
    return watched;
  }
  const EngineProduct product =
      settings.type == WorkloadType::podman ? EngineProduct::podman : EngineProduct::docker;
  watched.source = std::make_unique<DockerSource>(std::move(engine), product, *watched.http,
                                                  around.clock, around.pool);
  return watched;
}

}  // namespace scanclock
