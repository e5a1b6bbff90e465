#pragma once

#include "alerts/routing.hpp"
#include "core/domain/time_zone.hpp"

#include <optional>
#include <vector>

namespace scanclock::alerts {

/// When the waiting that holds at `now` ends; nothing when none does. Times that touch or overlap
/// are one. Times are those of the clock on the wall: a night in which clocks change is shorter or
/// longer by that, and an hour that comes twice belongs wholly to the time that it stands in. At
/// most nine days away, even where the times leave no gap.
std::optional<TimePoint> waiting_ends_at(const std::vector<WeeklyTimes>& times,
                                         const TimeZone& zone, TimePoint now);

}  // namespace scanclock::alerts
