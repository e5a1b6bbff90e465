#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

void Inventory::add_manifest(const RepositoryKey& key, Manifest manifest, TimePoint now) {
  const Digest digest = manifest.digest;
  repositories_[key].unreadable.erase(digest);
  if (graph_.find(digest) == nullptr) {
    changes_.manifests.push_back(manifest);
    const Digest config = manifest.config;
    graph_.add(std::move(manifest));
    graph_grew_ = true;
    mark_subject_dirty(digest);
    mark_subject_dirty(config);
  }
  if (graph_.find(digest)->kind == ManifestKind::artifact) {
    return;
  }
  place(key, digest, now);
}

void Inventory::place(const RepositoryKey& key, const Digest& digest, TimePoint now) {
  const Manifest* manifest = graph_.find(digest);
  if (manifest == nullptr || manifest->kind == ManifestKind::artifact) {
    return;
  }
  repositories_[key].subjects.try_emplace(digest);
  if (manifest->kind == ManifestKind::image) {
    place_image(key, digest, now);
    return;
  }
  for (const ManifestChild& child : graph_.runnable_children(digest)) {
    if (graph_.is_image(child.digest)) {
      repositories_[key].subjects.try_emplace(child.digest);
      place_image(key, child.digest, now);
    }
  }
}

void Inventory::place_image(const RepositoryKey& key, const Digest& image, TimePoint now) {
  auto [entry, is_new_image] = images_.try_emplace(image);
  ImageRecord& record = entry->second;
  if (is_new_image) {
    record.digest = image;
    record.first_seen_at = now;
    changed_images_.insert(image);
  }
  auto [position, is_new_location] = record.locations.try_emplace(key);
  Location& location = position->second;
  if (is_new_location) {
    location.key = key;
    for (const RegistryScope& registry : scope_.registries) {
      if (registry.name == key.registry) {
        location.host = registry.host;
      }
    }
    location.environment = registry_environment(scope_, key.registry, key.repository);
    location.first_seen_at = now;
    location.entry_at = now;
    location.entry_basis = EntryBasis::initial;
  } else if (location.removed_at) {
    location.removed_at.reset();
    location.missing_since.reset();
  } else {
    return;
  }
  dirty_images_.insert(image);
  refresh_tags(key, image);
  location_changed(image, location);
}

void Inventory::set_tag(const RepositoryKey& key, const std::string& tag, const Digest& digest,
                        TimePoint now) {
  Repository& repository = repositories_[key];
  place(key, digest, now);
  if (repository.listed && !repository.initial_tags.contains(tag)) {
    note_arrival(key, digest);
  }
  Digest& target = repository.tags[tag];
  if (target != digest) {
    const Digest before = target;
    target = digest;
    changes_.tags.push_back({key, tag, digest, now});
    refresh_tags(key, before);
    refresh_tags(key, digest);
  }
}

/// A tag that a complete listing lacked brought images in, unless they were known here before:
/// retagging and pushing again restart nothing.
void Inventory::note_arrival(const RepositoryKey& key, const Digest& target) {
  for (const Digest& digest : images_of(target)) {
    const auto image = images_.find(digest);
    if (image == images_.end() || !image->second.locations.contains(key)) {
      continue;
    }
    Location& location = image->second.locations.at(key);
    const bool is_new =
        location.tags.empty() && location.first_seen_at > repositories_[key].listed_at;
    if (is_new && location.entry_basis == EntryBasis::initial) {
      location.entry_basis = EntryBasis::first_seen;
      dirty_images_.insert(digest);
      location_changed(digest, location);
    }
  }
}

void Inventory::keep_tags(const RepositoryKey& key, const std::vector<std::string>& tags,
                          TimePoint now) {
  Repository& repository = repositories_[key];
  const std::set<std::string> present(tags.begin(), tags.end());
  if (!repository.listed) {
    repository.listed = true;
    repository.listed_at = now;
    repository.initial_tags = present;
  }
  std::vector<std::pair<std::string, Digest>> gone;
  for (const auto& [tag, digest] : repository.tags) {
    if (!present.contains(tag)) {
      gone.emplace_back(tag, digest);
    }
  }
  for (const auto& [tag, digest] : gone) {
    repository.tags.erase(tag);
    repository.initial_tags.erase(tag);
    changes_.tags.push_back({key, tag, Digest(), now});
    refresh_tags(key, digest);
  }
}

void Inventory::refresh_tags(const RepositoryKey& key, const Digest& target) {
  const Repository& repository = repositories_[key];
  std::vector<Digest> images;
  if (graph_.is_image(target)) {
    images.push_back(target);
  }
  for (const ManifestChild& child : graph_.runnable_children(target)) {
    images.push_back(child.digest);
  }
  for (const Digest& digest : images) {
    const auto image = images_.find(digest);
    if (image == images_.end()) {
      continue;
    }
    const auto location = image->second.locations.find(key);
    if (location == image->second.locations.end()) {
      continue;
    }
    std::vector<Digest> names = graph_.indexes_above(digest);
    names.push_back(digest);
    std::set<std::string> tags;
    for (const auto& [tag, pointed] : repository.tags) {
      if (std::find(names.begin(), names.end(), pointed) != names.end()) {
        tags.insert(tag);
      }
    }
    if (tags != location->second.tags) {
      location->second.tags = std::move(tags);
      location_changed(digest, location->second);
    }
  }
}

void Inventory::location_changed(const Digest& image, const Location& location) {
  changes_.locations.emplace_back(image, location);
}

void Inventory::note_missing(const RepositoryKey& key, const Digest& digest, Duration cycle,
                             TimePoint now) {
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    // An index that is gone is asked about no more; its images are judged by their own digests.
    repositories_[key].subjects.erase(digest);
    repositories_[key].unreadable.erase(digest);
    return;
  }
  const auto position = image->second.locations.find(key);
  if (position == image->second.locations.end() || position->second.removed_at) {
    return;
  }
  Location& location = position->second;
  if (!location.missing_since) {
    location.missing_since = now;
  } else if (now - *location.missing_since >= cycle) {
    location.removed_at = now;
    location.tags.clear();
    repositories_[key].subjects.erase(digest);
    dirty_images_.insert(digest);
  } else {
    return;
  }
  location_changed(digest, location);
}

void Inventory::note_present(const RepositoryKey& key, const Digest& digest, TimePoint now) {
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    return;
  }
  const auto location = image->second.locations.find(key);
  if (location != image->second.locations.end() && location->second.missing_since &&
      !location->second.removed_at) {
    location->second.missing_since.reset();
    location_changed(digest, location->second);
  }
  place(key, digest, now);
}

void Inventory::note_evidence_answered(const RepositoryKey& key, const Digest& subject,
                                       TimePoint now) {
  if (graph_.find(subject) == nullptr) {
    return;
  }
  SubjectAnswer& answer = repositories_[key].subjects[subject];
  answer.answered_at = now;
  answer.failing_since.reset();
  answer.failure.clear();
  refresh_observation(key, subject);
}

void Inventory::note_evidence_failed(const RepositoryKey& key, const Digest& subject,
                                     const std::string& reason, TimePoint now) {
  if (graph_.find(subject) == nullptr) {
    repositories_[key].unreadable.insert(subject);
    return;
  }
  SubjectAnswer& answer = repositories_[key].subjects[subject];
  if (!answer.failing_since) {
    answer.failing_since = now;
  }
  answer.failure = reason;
  refresh_observation(key, subject);
}

/// An image has been asked about in a repository when its own digest and every index above it
/// that stands there have been: evidence may be attached to any of them.
void Inventory::refresh_observation(const RepositoryKey& key, const Digest& subject) {
  const Repository& repository = repositories_[key];
  std::vector<Digest> images{subject};
  for (const ManifestChild& child : graph_.runnable_children(subject)) {
    images.push_back(child.digest);
  }
  for (const Digest& digest : images) {
    const auto image = images_.find(digest);
    if (image == images_.end() || !image->second.locations.contains(key)) {
      continue;
    }
    Location& location = image->second.locations.at(key);
    const bool first_answer = !location.evidence_answered_at;
    std::optional<TimePoint> answered_at = TimePoint::max();
    location.evidence_failing_since.reset();
    location.evidence_failure.clear();
    std::vector<Digest> names = graph_.indexes_above(digest);
    names.push_back(digest);
    for (const Digest& name : names) {
      const auto answer = repository.subjects.find(name);
      if (answer == repository.subjects.end()) {
        continue;
      }
      answered_at = answered_at && answer->second.answered_at
                        ? std::optional(std::min(*answered_at, *answer->second.answered_at))
                        : std::nullopt;
      if (answer->second.failing_since) {
        location.evidence_failing_since = answer->second.failing_since;
        location.evidence_failure = answer->second.failure;
      }
    }
    if (answered_at && *answered_at != TimePoint::max()) {
      location.evidence_answered_at = answered_at;
      if (first_answer) {
        location_changed(digest, location);
        dirty_images_.insert(digest);
      }
    }
  }
}

Observation Inventory::observation(const ImageRecord& image) const {
  Observation observation;
  observation.status = Observation::Status::ok;
  bool any_place = false;
  for (const auto& [key, location] : image.locations) {
    if (location.removed_at) {
      continue;
    }
    any_place = true;
    if (location.evidence_answered_at &&
        (!observation.last_success_at ||
         *location.evidence_answered_at < *observation.last_success_at)) {
      observation.last_success_at = location.evidence_answered_at;
    }
    if (location.evidence_failing_since) {
      observation.status = Observation::Status::unknown;
      observation.reason = location.evidence_failure;
      observation.since = location.evidence_failing_since;
    } else if (!location.evidence_answered_at && observation.status == Observation::Status::ok) {
      observation.status = Observation::Status::not_asked_yet;
      observation.since = location.first_seen_at;
    }
  }
  if (!any_place) {
    observation.status = Observation::Status::unknown;
    observation.reason = "not_in_a_monitored_registry";
  }
  return observation;
}

double Inventory::unreadable_share(const std::string& registry) const {
  std::size_t total = 0;
  std::size_t failing = 0;
  for (const auto& [key, repository] : repositories_) {
    if (key.registry != registry) {
      continue;
    }
    total += repository.unreadable.size();
    failing += repository.unreadable.size();
    for (const auto& [digest, answer] : repository.subjects) {
      ++total;
      failing += answer.failing_since ? 1 : 0;
    }
  }
  return total == 0 ? 0 : static_cast<double>(failing) / static_cast<double>(total);
}

std::vector<std::pair<std::string, Digest>> Inventory::tags(const RepositoryKey& key) const {
  const auto found = repositories_.find(key);
  if (found == repositories_.end()) {
    return {};
  }
  return {found->second.tags.begin(), found->second.tags.end()};
}

std::vector<std::string> Inventory::repositories(const std::string& registry) const {
  std::vector<std::string> names;
  for (const auto& [key, repository] : repositories_) {
    if (key.registry == registry) {
      names.push_back(key.repository);
    }
  }
  return names;
}

std::vector<Digest> Inventory::subjects(const RepositoryKey& key) const {
  std::vector<Digest> digests;
  const auto found = repositories_.find(key);
  if (found != repositories_.end()) {
    for (const auto& [digest, answer] : found->second.subjects) {
      digests.push_back(digest);
    }
  }
  return digests;
}

}  // namespace scanclock
