#include "core/domain/policy.hpp"

namespace scanclock {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ",") + item;
  }
  return text;
}

std::string joined(const std::vector<Trust>& classes) {
  std::vector<std::string> names;
  for (const Trust trust : classes) {
    names.emplace_back(to_string(trust));
  }
  return joined(names);
}

/// Nothing for a policy without rules, so that those of before they existed keep their versions.
std::string trust_rules_text(const Policy& policy) {
  std::string text;
  for (const TrustRule& rule : policy.trust_rules) {
    // No pattern holds a bracket (value_check.cpp).
    text += "[" + joined(rule.repositories) + "][" + joined(rule.trust) + "]";
  }
  return text.empty() ? text : " trust_rules=" + text;
}

}  // namespace

std::string canonical_text(const Policy& policy) {
  std::vector<std::string> warnings;
  for (const Duration warning : policy.warn_before) {
    warnings.push_back(format_duration(warning));
  }
  std::vector<std::string> platforms;
  for (const Platform& platform : policy.platforms) {
    platforms.push_back(to_string(platform));
  }
  return "environments=" + joined(policy.match.environments) +
         " repositories=" + joined(policy.match.repositories) +
         " namespaces=" + joined(policy.match.namespaces) +
         " window=" + format_duration(policy.window) + " warn_before=" + joined(warnings) +
         " anchor=" + (policy.anchor == Anchor::last_scan ? "last_scan" : "registry_entry") +
         " never_scanned_grace=" + format_duration(policy.never_scanned_grace) +
         " trust=" + joined(policy.trust) + trust_rules_text(policy) + " database_age_max=" +
         (policy.database_age_max ? format_duration(*policy.database_age_max) : "none") +
         " platforms=" + joined(platforms) +
         " alert_on=" + (policy.alert_on == AlertOn::running ? "running" : "registry") +
         " future_tolerance=" + format_duration(policy.future_tolerance);
}

}  // namespace scanclock
