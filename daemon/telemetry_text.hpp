#pragma once

#include "daemon/metric_text.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace scanclock {

/// Appends counters, gauges and histograms as prometheus-cpp collects them. Bounds of histograms
/// are written as OpenMetrics wants them in both formats, so that their series are the same.
void append_families(std::string& text, const std::vector<prometheus::MetricFamily>& families,
                     MetricFormat format);

}  // namespace scanclock
