#include "daemon/workload_nomad.hpp"

#include "config/workload_types.hpp"
#include "core/workloads/nomad_source.hpp"
#include "daemon/secret_reader.hpp"

#include <utility>

namespace scanclock {

WatchedWorkload make_nomad_workload(const WorkloadSettings& settings,
                                    const WorkloadSurroundings& around) {
  NomadSourceSettings nomad;
  nomad.name = settings.name;
  nomad.access.url = settings.url;
  nomad.access.region = settings.nomad.region;
  nomad.access.token = secret_reader(settings.nomad.token);
  nomad.namespaces = settings.nomad.watch_namespaces;
  nomad.poll_every = settings.poll_every;
  WatchedWorkload watched;
  watched.http = make_workload_client(settings, around);
  watched.source =
      std::make_unique<NomadSource>(std::move(nomad), *watched.http, around.clock, around.pool);
  return watched;
}

TwinScope twin_scope(const std::vector<WorkloadSettings>& workloads) {
  TwinScope scope;
  for (const WorkloadSettings& workload : workloads) {
    if (sees_containers_of_nomad(workload.type)) {
      scope.runtimes.insert(workload.name);
    } else if (workload.type == WorkloadType::nomad) {
      scope.nomads[workload.name].runtime_of_node = workload.nomad.docker_sources;
    }
  }
  return scope;
}

}  // namespace scanclock
