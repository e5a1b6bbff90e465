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
  /// Of waiting times, and of times in messages to people.
  TimeZone time_zone;
  /// False in mode observe: alerts are recorded and nobody is told.
  bool notify = true;
};

}  // namespace scanclock::alerts
