#pragma once

#include "config/map_reader.hpp"
#include "config/settings.hpp"

/// One reader a type of workload source: takes the keys that only this type has.
namespace scanclock {

void read_docker_workload(MapReader& map, WorkloadSettings& workload);
void read_podman_workload(MapReader& map, WorkloadSettings& workload);
void read_swarm_workload(MapReader& map, WorkloadSettings& workload);
void read_file_workload(MapReader& map, WorkloadSettings& workload);
void read_kubernetes_workload(MapReader& map, WorkloadSettings& workload);
void read_nomad_workload(MapReader& map, WorkloadSettings& workload);
void read_ecs_workload(MapReader& map, WorkloadSettings& workload);

/// The key `tls` of a source whose url is read already.
void read_workload_tls(MapReader& map, WorkloadSettings& workload);

/// Whether a source of this type tells which containers a Nomad client runs.
bool sees_containers_of_nomad(WorkloadType type);
/// Reports `docker_sources` that do not name such a source.
void check_docker_sources(const Cursor& item, const WorkloadSettings& workload,
                          const std::vector<WorkloadSettings>& all);

/// Labels that owner rules ask for are kept beside those that a workload names.
void keep_labels_of_owners(const std::vector<OwnerRule>& owners,
                           std::vector<WorkloadSettings>& workloads);

}  // namespace scanclock
