#pragma once

#include "daemon/workload_sources.hpp"

namespace scanclock {

/// Docker Engine, Podman or a Swarm, as the type in the settings says. See make_workload_source.
WatchedWorkload make_engine_workload(const WorkloadSettings& settings,
                                     const WorkloadSurroundings& around);

}  // namespace scanclock
