#pragma once

#include "core/domain/time.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace date {
class time_zone;
}

namespace scanclock {

/// Of the clock on the wall.
using LocalTime = std::chrono::local_time<Duration>;

/// A time zone by its IANA name, from the system's tzdata, which is read once. A value that copies
/// cheaply; its methods do no I/O. Any thread.
class TimeZone {
 public:
  /// UTC; needs no tzdata.
  TimeZone() = default;

  /// Nothing for a name that the system does not know, or when it has no tzdata.
  static std::optional<TimeZone> find(const std::string& name);

  LocalTime to_local(TimePoint time) const;
  /// Of a time that comes twice the first, of one that is left out the moment of the change.
  TimePoint earliest(LocalTime time) const;
  /// Of a time that comes twice the second.
  TimePoint latest(LocalTime time) const;

  /// `2026-11-01 13:00:00 CET`, for people.
  std::string format(TimePoint time) const;

  bool operator==(const TimeZone&) const = default;

 private:
  /// Null for UTC. Owned by the library for the life of the process.
  const date::time_zone* zone_ = nullptr;
};

}  // namespace scanclock
