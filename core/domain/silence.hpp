#pragma once

#include "core/domain/label_matcher.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr Duration silence_duration_max = std::chrono::hours(24 * 366);
inline constexpr std::size_t silence_text_bytes_max = 1024;

/// Someone's word that alerts with these labels need no telling for a time. It moves no deadline,
/// no verdict and no alert, and it is part of the record: rows are ended, never deleted.
struct Silence {
  /// `sil_…`, made by the daemon.
  std::string id;
  /// Over an alert's labels and `rule`; never empty.
  std::vector<LabelMatcher> matchers;
  std::string author;
  std::string reason;
  TimePoint created_at;
  TimePoint starts_at;
  TimePoint expires_at;
  /// Ended by hand before it expired.
  std::optional<TimePoint> ended_at;
  std::string ended_by;

  bool is_active(TimePoint now) const {
    return starts_at <= now && now < expires_at && (!ended_at || now < *ended_at);
  }
};

/// Someone has taken an alert: it is not repeated until `expires_at` or until it grows worse. Of
/// ScanclockRanBeforeScan and ScanclockEvidenceRejected it is the end. An alert's newest one
/// counts.
struct Acknowledgement {
  std::string alert_id;
  std::string author;
  std::string reason;
  TimePoint at;
  TimePoint expires_at;
  /// Taken back.
  std::optional<TimePoint> ended_at;

  bool is_active(TimePoint now) const { return now < expires_at && (!ended_at || now < *ended_at); }
};

}  // namespace scanclock
