#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

Inventory::Inventory(Scope scope) : scope_(std::move(scope)) {}

void Inventory::set_scope(Scope scope, TimePoint now) {
  std::map<std::string, int> versions;
  for (const VersionedPolicy& policy : scope.policies) {
    versions[policy.policy.name] = policy.version;
  }
  std::set<std::string> outdated;
  for (const VersionedPolicy& policy : scope_.policies) {
    const auto next = versions.find(policy.policy.name);
    if (next == versions.end() || next->second != policy.version) {
      outdated.insert(policy.policy.name);
    }
  }
  for (auto& [key, record] : evidence_) {
    std::erase_if(record.decisions,
                  [&](const auto& decision) { return outdated.contains(decision.first); });
  }
  scope_ = std::move(scope);
  apply_scope(now);
}

void Inventory::apply_scope(TimePoint now) {
  for (auto& [digest, image] : images_) {
    for (auto& [key, location] : image.locations) {
      std::string environment = registry_environment(scope_, key.registry, key.repository);
      std::string host = location.host;
      for (const RegistryScope& registry : scope_.registries) {
        host = registry.name == key.registry ? registry.host : host;
      }
      if (environment != location.environment || host != location.host) {
        location.environment = std::move(environment);
        location.host = std::move(host);
        changed_locations_.emplace(digest, key);
      }
    }
    dirty_images_.insert(digest);
  }
  // Once the places have their environments, for trust depends on them.
  for (auto& [key, record] : evidence_) {
    judge(record, now);
  }
  for (auto& [printed, group] : groups_) {
    for (auto& [place, workload] : group.workloads) {
      place_group(workload);
    }
    dirty_groups_.insert(&group);
    conclude(group);
  }
}

ChangeSet Inventory::take_changes() {
  for (const Digest& digest : std::exchange(changed_images_, {})) {
    changes_.images.push_back(images_.at(digest));
  }
  for (const auto& [digest, key] : std::exchange(changed_locations_, {})) {
    changes_.locations.emplace_back(digest, images_.at(digest).locations.at(key));
  }
  return std::exchange(changes_, {});
}

const ImageRecord* Inventory::image(const Digest& digest) const {
  const auto found = images_.find(digest);
  return found == images_.end() ? nullptr : &found->second;
}

}  // namespace scanclock
