#pragma once

#include "daemon/workload_sources.hpp"

namespace scanclock {

/// A cluster, with credentials that it reads anew by itself.
WatchedWorkload make_kubernetes_workload(const WorkloadSettings& settings,
                                         const WorkloadSurroundings& around);

}  // namespace scanclock
