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

}  // namespace

std::string canonical_text(const Policy& policy) {
  std::vector<std::string> warnings;
  for (const Duration warning : policy.warn_before) {
    warnings.push_back(format_duration(warning));
  }
  std::vector<std::string> trusts;
  for (const Trust trust : policy.trust) {
    trusts.emplace_back(to_string(trust));
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
         " trust=" + joined(trusts) + " database_age_max=" +
         (policy.database_age_max ? format_duration(*policy.database_age_max) : "none") +
         " platforms=" + joined(platforms) +
         " alert_on=" + (policy.alert_on == AlertOn::running ? "running" : "registry") +
         " future_tolerance=" + format_duration(policy.future_tolerance);
}

}  // namespace scanclock
