#include "alerts/waiting_times.hpp"

#include <algorithm>
#include <chrono>

namespace scanclock::alerts {
namespace {

/// A week and what reaches into it from the day before and out of it.
constexpr int waiting_days_looked_at = 9;

struct WaitingInterval {
  TimePoint begin;
  TimePoint end;
};

bool holds_on(const WeeklyTimes& times, std::chrono::local_days day) {
  const auto weekday = static_cast<int>(std::chrono::weekday(day).c_encoding());
  return times.days.empty() ||
         std::find(times.days.begin(), times.days.end(), weekday) != times.days.end();
}

std::vector<WaitingInterval> intervals_around(const std::vector<WeeklyTimes>& times,
                                              const TimeZone& zone, TimePoint now) {
  std::vector<WaitingInterval> intervals;
  const auto today = std::chrono::floor<std::chrono::days>(zone.to_local(now));
  for (int offset = -1; offset < waiting_days_looked_at; ++offset) {
    const std::chrono::local_days day = today + std::chrono::days(offset);
    for (const WeeklyTimes& entry : times) {
      if (holds_on(entry, day)) {
        const auto end_day = entry.to > entry.from ? day : day + std::chrono::days(1);
        intervals.push_back({zone.earliest(LocalTime(day + entry.from)),
                             zone.latest(LocalTime(end_day + entry.to))});
      }
    }
  }
  return intervals;
}

}  // namespace

std::optional<TimePoint> waiting_ends_at(const std::vector<WeeklyTimes>& times,
                                         const TimeZone& zone, TimePoint now) {
  if (times.empty()) {
    return std::nullopt;
  }
  const std::vector<WaitingInterval> intervals = intervals_around(times, zone, now);
  TimePoint end = now;
  bool grows = true;
  while (grows) {
    grows = false;
    for (const WaitingInterval& interval : intervals) {
      if (interval.begin <= end && end < interval.end) {
        end = interval.end;
        grows = true;
      }
    }
  }
  return end == now ? std::nullopt : std::optional(end);
}

}  // namespace scanclock::alerts
