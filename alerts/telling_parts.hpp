#pragma once

#include "alerts/telling.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// A receiver that an alert goes to now, or that was told of it before.
struct Telling::Target {
  Recipient recipient;
  /// False: no route sends the alert there any more; it is kept up to date, and not repeated.
  bool is_routed = true;
  /// Of the newest event that it knows.
  std::optional<std::int64_t> told;
  bool is_owed = false;
  /// Empty: it is told of this alert by itself.
  std::string group;
  std::optional<TimePoint> muted_until;
};

/// What one message of a group could tell. Points into the book.
struct Telling::Round {
  /// Fire, and their receiver does not know how they are.
  std::vector<const Alert*> news;
  /// Have ended, and their receiver does not know it.
  std::vector<const Alert*> ended;
  /// Fire, as their receiver knows; those last that are muted.
  std::vector<const Alert*> ongoing;
  std::size_t ongoing_muted = 0;
  /// Members that are known no more.
  std::vector<std::string> gone;
  /// When the first of the muted ones may be told of: those that are owed, and the others.
  std::optional<TimePoint> owed_muted_until;
  std::optional<TimePoint> ongoing_muted_until;
};

/// As the receiver knows it; nothing when it does not know of the alert.
std::optional<std::int64_t> told_sequence(const Alert& alert, const std::string& receiver);

}  // namespace scanclock::alerts
