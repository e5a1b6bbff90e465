#pragma once

#include "alerts/evaluator.hpp"

#include <set>
#include <string>

namespace scanclock::alerts {

/// Timers are named after the subject: a letter for its kind, then the subject itself.
enum TimerKind : char {
  image_timer = 'i',
  reference_timer = 'r',
  registry_host_timer = 'h',
  source_timer = 's',
  evidence_timer = 'e',
  receiver_timer = 'v',
  clock_timer = 'c'
};

std::string timer_name(TimerKind kind, const std::string& subject);

/// What one evaluation works on and produces.
struct Evaluator::Step : Subjects {
  explicit Step(const RuleInput& rule_input) : input(rule_input) {}

  RuleInput input;
  ChangeSet changes;
  std::set<std::string> sources;
};

}  // namespace scanclock::alerts
