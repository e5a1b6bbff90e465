#include "core/domain/time_zone.hpp"

#include <date/tz.h>
#include <stdexcept>

namespace scanclock {
namespace {

date::local_time<Duration> local_of(LocalTime time) {
  return date::local_time<Duration>(time.time_since_epoch());
}

}  // namespace

std::optional<TimeZone> TimeZone::find(const std::string& name) {
  TimeZone zone;
  if (name == "UTC") {
    return zone;
  }
  try {
    zone.zone_ = date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
  return zone;
}

LocalTime TimeZone::to_local(TimePoint time) const {
  return LocalTime(zone_ == nullptr ? time.time_since_epoch()
                                    : zone_->to_local(time).time_since_epoch());
}

TimePoint TimeZone::earliest(LocalTime time) const {
  return zone_ == nullptr ? TimePoint(time.time_since_epoch())
                          : zone_->to_sys(local_of(time), date::choose::earliest);
}

TimePoint TimeZone::latest(LocalTime time) const {
  return zone_ == nullptr ? TimePoint(time.time_since_epoch())
                          : zone_->to_sys(local_of(time), date::choose::latest);
}

std::string TimeZone::format(TimePoint time) const {
  const auto shown = std::chrono::floor<std::chrono::seconds>(time);
  return zone_ == nullptr ? date::format("%F %T UTC", shown)
                          : date::format("%F %T %Z", date::make_zoned(zone_, shown));
}

}  // namespace scanclock
