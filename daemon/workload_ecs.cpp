#include "daemon/workload_ecs.hpp"

#include "core/workloads/ecs_source.hpp"
#include "daemon/secret_reader.hpp"

#include <utility>

namespace scanclock {

WatchedWorkload make_ecs_workload(const WorkloadSettings& settings,
                                  const WorkloadSurroundings& around) {
  EcsSourceSettings ecs;
  ecs.name = settings.name;
  ecs.access.url = settings.url;
  ecs.access.region = settings.ecs.region;
  ecs.access.access_key_id = secret_reader(settings.ecs.access_key_id);
  ecs.access.secret_access_key = secret_reader(settings.ecs.secret_access_key);
  ecs.access.session_token = secret_reader(settings.ecs.session_token);
  ecs.clusters = settings.ecs.clusters;
  ecs.poll_every = settings.poll_every;
  WatchedWorkload watched;
  watched.http = make_workload_client(settings, around);
  watched.source =
      std::make_unique<EcsSource>(std::move(ecs), *watched.http, around.clock, around.pool);
  return watched;
}

}  // namespace scanclock
