#pragma once

#include "alerts/rules.hpp"
#include "core/domain/records.hpp"

#include <string>
#include <vector>

namespace scanclock::alerts {

/// How an image runs, as far as alerts ask: containers of ignored images and namespaces are left
/// out.
struct Running {
  std::vector<const ContainerRecord*> containers;
  /// Something runs, but all of it is ignored.
  bool only_ignored = false;

  bool any() const { return !containers.empty(); }
};

Running running_of(const Inventory& inventory, const Digest& image);

/// Nothing when the settings have no such policy any more.
const VersionedPolicy* find_policy(const Scope& scope, std::string_view name);
const PolicyStanding* find_standing(const ImageRecord& image, std::string_view policy);
bool stands_anywhere(const ImageRecord& image);

/// True when the policy alerts about the image in the way it runs, or does not.
bool alerts_about(const Inventory& inventory, const PolicyStanding& standing,
                  const VersionedPolicy& policy, const ImageRecord& image, const Running& running);

}  // namespace scanclock::alerts
