#pragma once

#include "core/domain/time.hpp"

#include <optional>

namespace scanclock::alerts {

/// A smaller movement of the wall clock against the boot clock between two looks is no step: it is
/// how NTP corrects a clock that runs fast or slow.
inline constexpr Duration clock_step_tolerated = std::chrono::seconds(2);

/// Notices that somebody set the wall clock. Look at it often: what it compares are two looks.
class ClockWatch {
 public:
  /// Both clocks at one moment. By how much the wall clock was set forward since the last look;
  /// nothing when it was not set, or at the first look.
  std::optional<Duration> note(TimePoint now, Duration boot) {
    const Duration offset = now.time_since_epoch() - boot;
    const std::optional<Duration> before = offset_;
    offset_ = offset;
    if (!before || std::chrono::abs(offset - *before) <= clock_step_tolerated) {
      return std::nullopt;
    }
    return offset - *before;
  }

 private:
  std::optional<Duration> offset_;
};

}  // namespace scanclock::alerts
