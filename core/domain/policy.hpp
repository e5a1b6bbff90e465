#pragma once

#include "core/domain/evidence.hpp"
#include "core/domain/platform.hpp"
#include "core/domain/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// 30 days are 2 592 000 s: no calendar, no time zone.
inline constexpr Duration fedramp_window = std::chrono::hours(24 * 30);
inline constexpr Duration future_tolerance_default = std::chrono::minutes(5);

enum class Anchor { last_scan, registry_entry };
enum class AlertOn { running, registry };

/// Which images a policy binds. Every list must match; patterns are those of glob_match.
struct PolicyMatch {
  std::vector<std::string> environments{"production"};
  std::vector<std::string> repositories{"**"};
  std::vector<std::string> namespaces{"*"};

  bool operator==(const PolicyMatch&) const = default;
};

/// Trust classes for repositories that are singled out.
struct TrustRule {
  /// Patterns of glob_match.
  std::vector<std::string> repositories;
  std::vector<Trust> trust;

  bool operator==(const TrustRule&) const = default;
};

/// A named scanning rule. Defaults are the settings' defaults (contract.md, "Configuration").
struct Policy {
  std::string name = "fedramp-30d";
  PolicyMatch match;
  Duration window = fedramp_window;
  /// Remaining times at which the warning stage rises, longest first.
  std::vector<Duration> warn_before{std::chrono::hours(24 * 7), std::chrono::hours(24 * 3),
                                    std::chrono::hours(24)};
  Anchor anchor = Anchor::last_scan;
  Duration never_scanned_grace = fedramp_window;
  std::vector<Trust> trust{Trust::signed_, Trust::platform, Trust::pushed, Trust::unsigned_};
  /// The first that matches a repository stands for `trust` there.
  std::vector<TrustRule> trust_rules;
  /// Nothing: the age of the vulnerability database is not judged.
  std::optional<Duration> database_age_max = fedramp_window;
  std::vector<Platform> platforms;
  AlertOn alert_on = AlertOn::running;
  Duration future_tolerance = future_tolerance_default;

  bool operator==(const Policy&) const = default;
};

/// A policy's content in one canonical line: equal text, equal rule. The storage numbers the
/// distinct texts of a name and so makes versions.
std::string canonical_text(const Policy& policy);

}  // namespace scanclock
