#pragma once

#include "daemon/workload_sources.hpp"

namespace scanclock {

WatchedWorkload make_ecs_workload(const WorkloadSettings& settings,
                                  const WorkloadSurroundings& around);

}  // namespace scanclock
