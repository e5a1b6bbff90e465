#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

std::vector<Digest> subject_digests(const Evidence& evidence) {
  std::vector<Digest> digests = evidence.report.subjects;
  if (!evidence.report.subject_config.empty()) {
    digests.push_back(evidence.report.subject_config);
  }
  if (!evidence.attached_to.empty()) {
    digests.push_back(evidence.attached_to);
  }
  return digests;
}

/// Where the evidence lies. A pushed report is for the place that its sender names, `host/path`.
std::optional<TrustPlace> place_of(const Scope& scope, const Evidence& evidence) {
  if (evidence.repository.empty()) {
    return std::nullopt;
  }
  TrustPlace place;
  place.registry = evidence.source;
  place.repository = evidence.repository;
  if (trust_of_origin(evidence.origin) == Trust::pushed) {
    const std::size_t slash = evidence.repository.find('/');
    const std::string host = evidence.repository.substr(0, slash);
    place.registry.clear();
    for (const RegistryScope& registry : scope.registries) {
      if (registry.host == host && slash != std::string::npos) {
        place.registry = registry.name;
        place.repository = evidence.repository.substr(slash + 1);
      }
    }
  }
  place.environment = registry_environment(scope, place.registry, place.repository);
  return place;
}

TimePoint recency(const EvidenceRecord& record) {
  return record.evidence.report.finished_at.value_or(record.evidence.collected_at);
}

}  // namespace

bool Inventory::add_evidence(Evidence evidence, std::string bytes, TimePoint now) {
  const EvidenceKey key = key_of(evidence);
  if (evidence_.contains(key)) {
    return false;
  }
  // What was found is for the database alone; in memory the counts do.
  std::vector<Finding> findings = std::exchange(evidence.report.findings, {});
  EvidenceRecord& record = evidence_[key];
  record.evidence = evidence;
  index_evidence(record);
  EvidenceRow row;
  row.evidence = std::move(evidence);
  row.evidence.report.findings = std::move(findings);
  row.bytes = std::move(bytes);
  changes_.evidence.push_back(std::move(row));
  judge(record, now);
  return true;
}

void Inventory::index_evidence(const EvidenceRecord& record) {
  const EvidenceKey key = key_of(record.evidence);
  for (const Digest& digest : subject_digests(record.evidence)) {
    evidence_by_subject_[digest].insert(key);
    mark_subject_dirty(digest);
  }
  for (const Digest& digest : record.evidence.report.inner_subjects) {
    evidence_by_inner_subject_[digest].insert(key);
  }
}

void Inventory::judge(EvidenceRecord& record, TimePoint now) {
  std::optional<TrustGround> ground;
  for (const VersionedPolicy& versioned : scope_.policies) {
    if (!ground && depends_on_ground(record.evidence, versioned.policy)) {
      ground = ground_of(record.evidence);
    }
    const Decision decision =
        decide(record.evidence, versioned.policy, graph_, ground ? *ground : TrustGround());
    Decision& known = record.decisions[versioned.policy.name];
    if (known == decision && (known.accepted || known.reason)) {
      continue;
    }
    known = decision;
    changes_.decisions.push_back(
        {key_of(record.evidence), versioned.policy.name, versioned.version, decision, now});
    for (const Digest& digest : subject_digests(record.evidence)) {
      mark_subject_dirty(digest);
    }
  }
}

TrustGround Inventory::ground_of(const Evidence& evidence) const {
  TrustGround ground;
  ground.keys = scope_.keys;
  std::set<Digest> images;
  for (const Digest& subject : subject_digests(evidence)) {
    for (const Digest& image : images_of(subject)) {
      images.insert(image);
      const std::vector<Digest> twins = graph_.images_with_config(graph_.content_key(image));
      images.insert(twins.begin(), twins.end());
    }
  }
  std::set<TrustPlace> places;
  for (const Digest& digest : images) {
    const ImageRecord* record = image(digest);
    if (record == nullptr) {
      continue;
    }
    for (const auto& [key, location] : record->locations) {
      if (!location.removed_at) {
        places.insert({key.registry, key.repository, location.environment});
      }
    }
  }
  ground.places.assign(places.begin(), places.end());
  ground.found_at = place_of(scope_, evidence);
  return ground;
}

/// What new manifests and new places may have changed: evidence and containers that name them,
/// their configs or indexes above them. Everything else follows from other manifests and stays.
void Inventory::follow_growth(TimePoint now) {
  std::set<Digest> names;
  for (const Digest& digest : std::exchange(grown_, {})) {
    names.insert(digest);
    if (const Manifest* manifest = graph_.find(digest)) {
      names.insert(manifest->config);
    }
    // What bears names for an image has one more.
    for (const ManifestChild& child : graph_.runnable_children(digest)) {
      dirty_images_.insert(child.digest);
    }
    // Evidence of equal content is judged by where all of it stands.
    const std::vector<Digest> twins = graph_.images_with_config(graph_.content_key(digest));
    names.insert(twins.begin(), twins.end());
    const std::vector<Digest> above = graph_.indexes_above(digest);
    names.insert(above.begin(), above.end());
  }
  std::set<EvidenceKey> evidence;
  for (const Digest& name : names) {
    for (const auto* index : {&evidence_by_subject_, &evidence_by_inner_subject_}) {
      if (const auto found = index->find(name); found != index->end()) {
        evidence.insert(found->second.begin(), found->second.end());
      }
    }
    if (const auto found = groups_by_digest_.find(name); found != groups_by_digest_.end()) {
      dirty_groups_.insert(found->second.begin(), found->second.end());
    }
  }
  for (const EvidenceKey& key : evidence) {
    EvidenceRecord& record = evidence_.at(key);
    judge(record, now);
    for (const Digest& digest : subject_digests(record.evidence)) {
      mark_subject_dirty(digest);
    }
  }
}

void Inventory::mark_subject_dirty(const Digest& digest) {
  if (digest.empty()) {
    return;
  }
  std::set<Digest> contents;
  for (const Digest& image : images_of(digest)) {
    dirty_images_.insert(image);
    contents.insert(graph_.content_key(image));
  }
  // Equal content shares scans (reference, rule R9).
  for (const Digest& content : contents) {
    const std::vector<Digest> twins = graph_.images_with_config(content);
    dirty_images_.insert(twins.begin(), twins.end());
  }
}

std::vector<Digest> Inventory::images_of(const Digest& digest) const {
  std::set<Digest> images;
  if (graph_.is_image(digest)) {
    images.insert(digest);
  }
  for (const Digest& image : graph_.images_with_config(digest)) {
    images.insert(image);
  }
  for (const ManifestChild& child : graph_.runnable_children(digest)) {
    if (graph_.is_image(child.digest)) {
      images.insert(child.digest);
    }
  }
  return {images.begin(), images.end()};
}

std::set<Digest> Inventory::evidence_subjects_of(const Digest& image) const {
  std::set<Digest> subjects;
  const Digest content = graph_.content_key(image);
  subjects.insert(content);
  std::vector<Digest> twins = graph_.images_with_config(content);
  twins.push_back(image);
  for (const Digest& twin : twins) {
    subjects.insert(twin);
    for (const Digest& index : graph_.indexes_above(twin)) {
      subjects.insert(index);
    }
  }
  return subjects;
}

std::vector<const EvidenceRecord*> Inventory::evidence_of(const Digest& image) const {
  std::set<EvidenceKey> keys;
  for (const Digest& subject : evidence_subjects_of(image)) {
    const auto found = evidence_by_subject_.find(subject);
    if (found != evidence_by_subject_.end()) {
      keys.insert(found->second.begin(), found->second.end());
    }
  }
  std::vector<const EvidenceRecord*> records;
  for (const EvidenceKey& key : keys) {
    records.push_back(&evidence_.at(key));
  }
  std::sort(records.begin(), records.end(),
            [](const EvidenceRecord* left, const EvidenceRecord* right) {
              return std::pair(recency(*left), key_of(left->evidence)) >
                     std::pair(recency(*right), key_of(right->evidence));
            });
  return records;
}

const EvidenceRecord* Inventory::evidence(const EvidenceKey& key) const {
  const auto found = evidence_.find(key);
  return found == evidence_.end() ? nullptr : &found->second;
}

}  // namespace scanclock
