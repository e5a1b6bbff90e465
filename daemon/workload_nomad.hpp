#pragma once

#include "core/domain/allocation_twins.hpp"
#include "daemon/workload_sources.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

WatchedWorkload make_nomad_workload(const WorkloadSettings& settings,
                                    const WorkloadSurroundings& around);

/// Whose containers tell what the tasks of which Nomad sources run.
struct TwinScope {
  std::set<std::string> runtimes;
  std::map<std::string, AllocationTwins::Nomad> nomads;
};
TwinScope twin_scope(const std::vector<WorkloadSettings>& workloads);

}  // namespace scanclock
