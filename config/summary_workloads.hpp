#pragma once

#include "config/settings.hpp"
#include "config/summary_lines.hpp"

#include <vector>

namespace scanclock::summary {

void print_workloads(const std::vector<WorkloadSettings>& workloads, Lines& out);

}  // namespace scanclock::summary
