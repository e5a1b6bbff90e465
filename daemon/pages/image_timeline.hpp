#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "daemon/pages/html.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Of the past; older events are counted only.
inline constexpr std::size_t timeline_events_max = 100;

struct TimelineEvent {
  TimePoint at;
  /// For the colour: `entry`, `accepted`, `rejected`, `firing`, `resolved`, `deadline`, `overdue`.
  std::string_view kind;
  Html what;
};

/// What is known to have happened to an image and what comes, oldest first: where it came in, what
/// was scanned and collected, when it ran first, its alerts, and the deadline of each policy. What
/// timeline() leaves out may have no words.
std::vector<TimelineEvent> timeline_of(const Inventory& inventory, const ImageRecord& image,
                                       const std::vector<Alert>& alerts, TimePoint now);

/// As an ordered list with a mark where now is.
Html timeline(const std::vector<TimelineEvent>& events, TimePoint now);

}  // namespace scanclock
