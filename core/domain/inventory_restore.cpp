#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// A registry that still answered this long after the first tags of a repository were noted has
/// had all tags of the first listing resolved.
constexpr Duration first_listing_settles = std::chrono::hours(1);

/// Which repositories hold the indexes that a snapshot knows; it says so of images only.
class IndexPlaces {
 public:
  IndexPlaces(const Snapshot& snapshot, const DigestGraph& graph) {
    for (const TagChange& tag : snapshot.tags) {
      note(tag.repository, tag.digest, graph);
    }
    for (const Evidence& evidence : snapshot.evidence) {
      note({evidence.source, evidence.repository}, evidence.attached_to, graph);
    }
  }

  /// An index that is known elsewhere stands elsewhere. One that no tag names any more may stand
  /// wherever one of its images does; where it does not, the registry will say so.
  bool may_stand(const Digest& index, const RepositoryKey& key) const {
    const auto places = places_.find(index);
    return places == places_.end() || places->second.contains(key);
  }

 private:
  void note(const RepositoryKey& key, const Digest& target, const DigestGraph& graph) {
    std::vector<Digest> pending{target};
    while (!pending.empty()) {
      const Digest digest = std::move(pending.back());
      pending.pop_back();
      const Manifest* manifest = graph.find(digest);
      if (manifest == nullptr || manifest->kind != ManifestKind::index ||
          !places_[digest].insert(key).second) {
        continue;
      }
      for (const ManifestChild& child : manifest->children) {
        pending.push_back(child.digest);
      }
    }
  }

  std::map<Digest, std::set<RepositoryKey>> places_;
};

}  // namespace

void Inventory::restore(const Snapshot& snapshot, TimePoint now) {
  for (const Manifest& manifest : snapshot.manifests) {
    graph_.add(manifest);
  }
  for (const ImageRecord& image : snapshot.images) {
    ImageRecord& record = images_[image.digest];
    record.digest = image.digest;
    record.first_seen_at = image.first_seen_at;
    record.first_running_at = image.first_running_at;
    record.first_scan_at = image.first_scan_at;
    record.recorded = image.recorded;
  }
  restored_at_ = now;
  for (const CoverageInterval& interval : snapshot.coverage) {
    if (interval.kind == SourceKind::registry) {
      watched_to_[interval.source] = interval.to;
    }
  }
  restore_tags(snapshot);
  restore_locations(snapshot);
  restore_evidence(snapshot);
  for (const StoredContainer& container : snapshot.containers) {
    ContainerRecord& record = containers_.get(container.source(), container.id).first;
    static_cast<StoredContainer&>(record) = container;
    record.place = pools_.places.intern(container.place);
    record.printed = pools_.images.intern(container.printed);
    record.shared_name = pools_.texts.intern(container.shared_name);
    record.node = pools_.texts.intern(container.node);
    ++living_[record.source()];
    join_group(record);
  }
  apply_scope(now);
}

void Inventory::restore_tags(const Snapshot& snapshot) {
  for (const TagChange& tag : snapshot.tags) {
    Repository& repository = repositories_[tag.repository];
    point_tag(repository, tag.tag, tag.digest, tag.at);
    const Manifest* manifest = graph_.find(tag.digest);
    if (manifest != nullptr && manifest->kind != ManifestKind::artifact) {
      add_subject(tag.repository, tag.digest);
    }
    // Whoever restarts in the middle of the first listing must not take its other half for new.
    const auto watched = watched_to_.find(tag.repository.registry);
    repository.listed = repository.listed || (watched != watched_to_.end() &&
                                              watched->second >= tag.at + first_listing_settles);
  }
}

void Inventory::restore_locations(const Snapshot& snapshot) {
  const IndexPlaces places(snapshot, graph_);
  for (const auto& [digest, location] : snapshot.locations) {
    const auto image = images_.find(digest);
    if (image == images_.end()) {
      continue;
    }
    image->second.locations[location.key] = location;
    if (location.removed_at) {
      continue;
    }
    std::vector<Digest> subjects{digest};
    for (const Digest& index : graph_.indexes_above(digest)) {
      if (places.may_stand(index, location.key)) {
        subjects.push_back(index);
      }
    }
    for (const Digest& subject : subjects) {
      SubjectAnswer& answer = repositories_[location.key].subjects[subject];
      // An index was asked about when the last of its images was.
      answer.answered_at = std::max(answer.answered_at, location.evidence_answered_at);
    }
  }
}

void Inventory::restore_evidence(const Snapshot& snapshot) {
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
}

}  // namespace scanclock
