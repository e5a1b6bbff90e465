#include "core/domain/inventory.hpp"

#include <utility>

namespace scanclock {

Inventory::Inventory(Scope scope) : scope_(std::move(scope)) {}

void Inventory::restore(const Snapshot& snapshot, TimePoint now) {
  for (const Manifest& manifest : snapshot.manifests) {
    graph_.add(manifest);
  }
  for (const ImageRecord& image : snapshot.images) {
    images_[image.digest] = image;
    dirty_images_.insert(image.digest);
  }
  for (const TagChange& tag : snapshot.tags) {
    Repository& repository = repositories_[tag.repository];
    repository.tags[tag.tag] = tag.digest;
    repository.subjects.try_emplace(tag.digest);
    // What the daemon remembers was listed before: a tag that is new now has arrived since.
    repository.listed = true;
    repository.listed_at = now;
  }
  for (const auto& [digest, location] : snapshot.locations) {
    const auto image = images_.find(digest);
    if (image == images_.end()) {
      continue;
    }
    image->second.locations[location.key] = location;
    if (location.removed_at) {
      continue;
    }
    Repository& repository = repositories_[location.key];
    repository.subjects[digest].answered_at = location.evidence_answered_at;
    for (const Digest& index : graph_.indexes_above(digest)) {
      repository.subjects[index].answered_at = location.evidence_answered_at;
    }
  }
  for (const Evidence& evidence : snapshot.evidence) {
    EvidenceRecord& record = evidence_[key_of(evidence)];
    record.evidence = evidence;
    index_evidence(record);
  }
  for (const DecisionRow& row : snapshot.decisions) {
    const auto record = evidence_.find(row.evidence);
    for (const VersionedPolicy& policy : scope_.policies) {
      if (record != evidence_.end() && policy.policy.name == row.policy &&
          policy.version == row.policy_version) {
        record->second.decisions[row.policy] = row.decision;
      }
    }
  }
  for (const ContainerRecord& container : snapshot.containers) {
    containers_[container.key] = container;
    dirty_containers_.insert(container.key);
  }
  set_scope(std::move(scope_), now);
}

void Inventory::set_scope(Scope scope, TimePoint now) {
  std::map<std::string, int> versions;
  for (const VersionedPolicy& policy : scope_.policies) {
    versions[policy.policy.name] = policy.version;
  }
  scope_ = std::move(scope);
  for (const VersionedPolicy& policy : scope_.policies) {
    const auto known = versions.find(policy.policy.name);
    const bool same = known != versions.end() && known->second == policy.version;
    for (auto& [key, record] : evidence_) {
      if (!same) {
        record.decisions.erase(policy.policy.name);
      }
    }
  }
  for (auto& [key, record] : evidence_) {
    judge(record, now);
  }
  for (auto& [digest, image] : images_) {
    for (auto& [key, location] : image.locations) {
      location.environment = registry_environment(scope_, key.registry, key.repository);
    }
    dirty_images_.insert(digest);
  }
  for (auto& [key, container] : containers_) {
    container.environment =
        workload_environment(scope_, key.source, container.observation.namespace_name);
    container.ignored = is_ignored(scope_, key.source, container.observation.namespace_name,
                                   container.observation.image);
    if (!container.ended_at) {
      dirty_containers_.insert(key);
    }
  }
}

ChangeSet Inventory::take_changes() { return std::exchange(changes_, {}); }

const ImageRecord* Inventory::image(const Digest& digest) const {
  const auto found = images_.find(digest);
  return found == images_.end() ? nullptr : &found->second;
}

}  // namespace scanclock
