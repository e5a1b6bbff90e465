#pragma once

#include "alerts/rules.hpp"
#include "core/domain/records.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// How an image runs, as far as alerts ask: containers of ignored images and namespaces are left
/// out.
struct Running {
  std::set<std::string> environments;
  std::set<std::string> sources;
  /// Of the first container that has one, in the order of their quarters.
  std::string owner;
  /// Something runs, but all of it is ignored.
  bool only_ignored = false;

  bool any() const { return !sources.empty(); }
};

/// Does not walk over the containers: one image may have hundreds of thousands of them.
Running running_of(const Inventory& inventory, const Digest& image);
/// Of any groups, those left out that are ignored.
Running running_of(const std::vector<const ImageGroup*>& groups);

/// Nothing when the settings have no such policy any more.
const VersionedPolicy* find_policy(const Scope& scope, std::string_view name);
const PolicyStanding* find_standing(const ImageRecord& image, std::string_view policy);
bool stands_anywhere(const ImageRecord& image);

/// True when the policy alerts about the image in the way it runs, or does not.
bool alerts_about(const Inventory& inventory, const PolicyStanding& standing,
                  const VersionedPolicy& policy, const ImageRecord& image, const Running& running);

/// A spool that was not read yet is asked after this often.
inline constexpr Duration first_reading_recheck = std::chrono::seconds(5);

/// Until when an alert about the image that is not open yet waits for the first answers since the
/// start: of its registries, where nobody watched them for long before, and of the spools. What was
/// scanned meanwhile is not known yet, and a false page is no better than a late one. Nothing when
/// it does not wait. The wait is bounded (RuleSettings, and SourceBook's blind_after for spools),
/// and the image's state is shown as it is all the while.
std::optional<TimePoint> first_answers_awaited_until(const RuleInput& input, const Digest& digest);

}  // namespace scanclock::alerts
