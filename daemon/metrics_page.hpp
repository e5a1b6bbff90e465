#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/source_book.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// Unique running images with series of their own; beyond it the farthest deadlines are left out.
inline constexpr std::size_t image_series_max = 100'000;

struct MetricsInput {
  const Inventory& inventory;
  const SourceBook& sources;
  const std::vector<Alert>& alerts;
  const std::vector<OutboxStatistics>& outbox;
  std::optional<TimePoint> last_evaluation_at;
  TimePoint now;
};

/// The metrics that are a view of what is known (contract.md, "Metrics"), in the text format 0.0.4.
/// Every series is unique by construction.
std::string render_metrics(const MetricsInput& input);

}  // namespace scanclock
