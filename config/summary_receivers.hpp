#pragma once

#include "config/settings.hpp"
#include "config/summary_lines.hpp"

#include <vector>

namespace scanclock::summary {

/// The section `receivers`; no secret, and of URLs that are one nothing but the host.
void print_receivers(const std::vector<ReceiverSettings>& receivers, Lines& out);

}  // namespace scanclock::summary
