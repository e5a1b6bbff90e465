#pragma once

#include "alerts/evaluator.hpp"

#include <set>
#include <string>

namespace scanclock::alerts {

/// What one evaluation works on and produces.
struct Evaluator::Step {
  RuleInput input;
  ChangeSet changes;
  std::set<Digest> images;
  std::set<std::string> references;
  std::set<std::string> registry_hosts;
  std::set<std::string> sources;
  std::set<Digest> evidence;
};

}  // namespace scanclock::alerts
