#pragma once

#include "config/map_reader.hpp"
#include "config/settings.hpp"

/// One reader a type of workload source: takes the keys that only this type has.
namespace scanclock {

void read_docker_workload(MapReader& map, WorkloadSettings& workload);
void read_podman_workload(MapReader& map, WorkloadSettings& workload);
void read_swarm_workload(MapReader& map, WorkloadSettings& workload);
void read_file_workload(MapReader& map, WorkloadSettings& workload);

}  // namespace scanclock
