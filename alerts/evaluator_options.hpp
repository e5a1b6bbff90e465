#pragma once

#include "alerts/receiver.hpp"
#include "alerts/routing.hpp"
#include "alerts/rules.hpp"
#include "core/domain/time_zone.hpp"

#include <string>
#include <vector>

namespace scanclock::alerts {

struct EvaluatorOptions {
  RuleSettings rules;
  /// Links in messages; without a trailing slash.
  std::string external_url;
  std::vector<Route> routes;
  std::vector<Receiver> receivers;
  /// Of waiting times, of digests, and of times in messages to people.
  TimeZone time_zone;
  /// False in mode observe: alerts are recorded and nobody is told.
  bool notify = true;
  /// Ends are owed for this long to receivers that were told of the beginning, be they in the
  /// settings or not: what ended before may be gone from the record.
  Duration owed_ends_kept = std::chrono::hours(24 * 400);
};

}  // namespace scanclock::alerts
