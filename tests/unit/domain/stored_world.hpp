#pragma once

#include "core/domain/changes.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace scanclock::facts {

/// Keeps what change sets say, as the storage does, and gives it back as a snapshot: of records
/// only the stored fields, of the answers of evidence sources only the first.
class StoredWorld {
 public:
  void store(const ChangeSet& changes) {
    for (const Manifest& manifest : changes.manifests) {
      manifests_.try_emplace(manifest.digest, manifest);
    }
    for (const ImageRecord& image : changes.images) {
      ImageRecord& stored = images_[image.digest];
      stored.digest = image.digest;
      stored.first_seen_at = image.first_seen_at;
      stored.first_running_at = image.first_running_at;
      stored.first_scan_at = image.first_scan_at;
    }
    for (const auto& [digest, location] : changes.locations) {
      Location& stored = locations_[{digest, location.key}];
      const auto first_answer = stored.evidence_answered_at;
      stored = location;
      if (first_answer) {
        stored.evidence_answered_at = first_answer;
      }
    }
    for (const TagChange& tag : changes.tags) {
      tags_[{tag.repository, tag.tag}] = tag;
    }
    for (const EvidenceRow& row : changes.evidence) {
      evidence_.try_emplace(key_of(row.evidence), row.evidence);
    }
    for (const DecisionRow& row : changes.decisions) {
      decisions_[{row.evidence, row.policy, row.policy_version}] = row;
    }
    for (const StoredContainer& container : changes.containers) {
      StoredContainer& stored = containers_[container.key()];
      const Recorded recorded =
          stored.first_seen_at == container.first_seen_at ? stored.recorded : Recorded();
      stored = container;
      stored.recorded = recorded;
    }
    for (const VerdictChange& change : changes.verdicts) {
      const auto container = containers_.find(change.container);
      if (container != containers_.end() &&
          container->second.first_seen_at == change.first_seen_at) {
        container->second.recorded = {change.at, mark_of(*change.concluded)};
      }
    }
    for (const ObservationChange& change : changes.observations) {
      images_[change.image].recorded = {change.at, mark_of(change)};
    }
  }

  Snapshot snapshot() const {
    Snapshot snapshot;
    snapshot.coverage = coverage;
    for (const auto& [key, value] : manifests_) {
      snapshot.manifests.push_back(value);
    }
    for (const auto& [key, value] : images_) {
      snapshot.images.push_back(value);
    }
    for (const auto& [key, value] : locations_) {
      snapshot.locations.emplace_back(key.first, value);
    }
    for (const auto& [key, value] : tags_) {
      if (!value.digest.empty()) {
        snapshot.tags.push_back(value);
      }
    }
    for (const auto& [key, value] : evidence_) {
      snapshot.evidence.push_back(value);
    }
    for (const auto& [key, value] : decisions_) {
      snapshot.decisions.push_back(value);
    }
    for (const auto& [key, value] : containers_) {
      if (!value.ended_at) {
        snapshot.containers.push_back(value);
      }
    }
    return snapshot;
  }

  std::vector<CoverageInterval> coverage;

 private:
  std::map<Digest, Manifest> manifests_;
  std::map<Digest, ImageRecord> images_;
  std::map<std::pair<Digest, RepositoryKey>, Location> locations_;
  std::map<std::pair<RepositoryKey, std::string>, TagChange> tags_;
  std::map<EvidenceKey, Evidence> evidence_;
  std::map<std::tuple<EvidenceKey, std::string, int>, DecisionRow> decisions_;
  std::map<ContainerKey, StoredContainer> containers_;
};

}  // namespace scanclock::facts
