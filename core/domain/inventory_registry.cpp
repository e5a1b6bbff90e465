#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

void Inventory::add_manifest(const RepositoryKey& key, Manifest manifest, TimePoint now) {
  const Digest digest = manifest.digest;
  repositories_[key].unreadable.erase(digest);
  const bool is_new = graph_.find(digest) == nullptr;
  if (is_new) {
    changes_.manifests.push_back(manifest);
    graph_.add(std::move(manifest));
    grown_.push_back(digest);
  }
  place(key, digest, now);
  if (is_new) {
    // A tag may have pointed here, or at an index above, before the manifest could be had.
    refresh_tags(key, digest);
  }
  take_early_push(key, digest);
}

void Inventory::learn_manifest(Manifest manifest) {
  if (graph_.find(manifest.digest) == nullptr) {
    changes_.manifests.push_back(manifest);
    grown_.push_back(manifest.digest);
    graph_.add(std::move(manifest));
  }
}

void Inventory::place(const RepositoryKey& key, const Digest& digest, TimePoint now) {
  const Manifest* manifest = graph_.find(digest);
  if (manifest == nullptr || manifest->kind == ManifestKind::artifact) {
    return;
  }
  if (manifest->kind == ManifestKind::image) {
    place_image(key, digest, now);
    add_subject(key, digest);
    return;
  }
  for (const ManifestChild& child : graph_.runnable_children(digest)) {
    if (graph_.is_image(child.digest)) {
      place_image(key, child.digest, now);
      add_subject(key, child.digest);
    }
  }
  add_subject(key, digest);
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
    repositories_[key].arriving.insert(image);
    take_early_push(key, image);
  } else if (location.removed_at) {
    location.removed_at.reset();
    location.missing_since.reset();
  } else {
    return;
  }
  dirty_images_.insert(image);
  grown_.push_back(image);
  rejoin_twins(image);
  refresh_tags(key, image);
  changed_locations_.emplace(image, key);
}

/// Where an image stands decides which of several images with the same content a container is
/// counted to.
void Inventory::rejoin_twins(const Digest& image) {
  const std::vector<Digest> twins = graph_.images_with_config(graph_.content_key(image));
  if (twins.size() < 2) {
    return;
  }
  for (const Digest& twin : twins) {
    const auto groups = groups_by_image_.find(twin);
    if (groups != groups_by_image_.end()) {
      dirty_groups_.insert(groups->second.begin(), groups->second.end());
    }
  }
}

void Inventory::point_tag(Repository& repository, const std::string& tag, const Digest& target,
                          TimePoint since) {
  const auto known = repository.tags.find(tag);
  if (known != repository.tags.end()) {
    const auto tags = repository.tags_by_target.find(known->second.digest);
    tags->second.erase(tag);
    if (tags->second.empty()) {
      repository.tags_by_target.erase(tags);
    }
    repository.tags.erase(known);
  }
  if (!target.empty()) {
    repository.tags.emplace(tag, TagTarget{target, since});
    repository.tags_by_target[target].insert(tag);
  }
}

void Inventory::set_tag(const RepositoryKey& key, const std::string& tag, const Digest& digest,
                        TimePoint now) {
  Repository& repository = repositories_[key];
  place(key, digest, now);
  const bool was_there_before = repository.initial_tags.erase(tag) > 0 || !repository.listed;
  note_arrival(key, digest, was_there_before);
  const auto known = repository.tags.find(tag);
  const Digest before = known == repository.tags.end() ? Digest() : known->second.digest;
  if (before != digest) {
    point_tag(repository, tag, digest, now);
    changes_.tags.push_back({key, tag, digest, now});
    refresh_tags(key, before);
    refresh_tags(key, digest);
    rejoin_tag(key, tag);
  }
}

/// A tag that the first complete listing lacked, or that has moved since, brought its images in,
/// unless they were known here before: retagging and pushing again restart nothing. An image that
/// a tag of the first listing names was there all along, even when that tag could be resolved only
/// later.
void Inventory::note_arrival(const RepositoryKey& key, const Digest& target,
                             bool was_there_before) {
  for (const Digest& digest : images_of(target)) {
    const auto image = images_.find(digest);
    if (image == images_.end()) {
      continue;
    }
    const auto location = image->second.locations.find(key);
    if (location == image->second.locations.end()) {
      continue;
    }
    const bool is_arriving = repositories_[key].arriving.erase(digest) > 0;
    EntryBasis basis = location->second.entry_basis;
    if (was_there_before && basis == EntryBasis::first_seen) {
      basis = EntryBasis::initial;
    } else if (!was_there_before && is_arriving && basis == EntryBasis::initial) {
      basis = EntryBasis::first_seen;
    }
    if (basis != location->second.entry_basis) {
      location->second.entry_basis = basis;
      dirty_images_.insert(digest);
      changed_locations_.emplace(digest, key);
    }
  }
}

void Inventory::keep_tags(const RepositoryKey& key, const std::vector<std::string>& tags,
                          TimePoint now) {
  Repository& repository = repositories_[key];
  const std::set<std::string> present(tags.begin(), tags.end());
  if (!repository.listed) {
    repository.listed = true;
    for (const std::string& tag : present) {
      if (!repository.tags.contains(tag)) {
        repository.initial_tags.insert(tag);
      }
    }
  }
  std::erase_if(repository.initial_tags,
                [&](const std::string& tag) { return !present.contains(tag); });
  std::vector<std::pair<std::string, Digest>> gone;
  for (const auto& [tag, target] : repository.tags) {
    if (!present.contains(tag)) {
      gone.emplace_back(tag, target.digest);
    }
  }
  for (const auto& [tag, digest] : gone) {
    point_tag(repository, tag, Digest(), now);
    changes_.tags.push_back({key, tag, Digest(), now});
    refresh_tags(key, digest);
    rejoin_tag(key, tag);
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
    for (const Digest& name : names) {
      const auto pointing = repository.tags_by_target.find(name);
      if (pointing != repository.tags_by_target.end()) {
        tags.insert(pointing->second.begin(), pointing->second.end());
      }
    }
    if (tags != location->second.tags) {
      location->second.tags = std::move(tags);
      changed_locations_.emplace(digest, key);
      dirty_images_.insert(digest);
    }
  }
}

void Inventory::note_missing(const RepositoryKey& key, const Digest& digest, Duration cycle,
                             TimePoint now) {
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    note_index_missing(key, digest, cycle, now);
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
    remove_subject(key, digest);
    dirty_images_.insert(digest);
    grown_.push_back(digest);
    rejoin_twins(digest);
  } else {
    return;
  }
  changed_locations_.emplace(digest, key);
}

/// An index that is gone is asked about no more; its images are judged by their own digests.
void Inventory::note_index_missing(const RepositoryKey& key, const Digest& digest, Duration cycle,
                                   TimePoint now) {
  Repository& repository = repositories_[key];
  repository.unreadable.erase(digest);
  const auto subject = repository.subjects.find(digest);
  if (subject == repository.subjects.end()) {
    return;
  }
  if (!subject->second.missing_since) {
    subject->second.missing_since = now;
  } else if (now - *subject->second.missing_since >= cycle) {
    remove_subject(key, digest);
    refresh_observation(key, digest);
  }
}

void Inventory::note_present(const RepositoryKey& key, const Digest& digest, TimePoint now) {
  Repository& repository = repositories_[key];
  if (const auto subject = repository.subjects.find(digest); subject != repository.subjects.end()) {
    subject->second.missing_since.reset();
  }
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    return;
  }
  const auto location = image->second.locations.find(key);
  if (location != image->second.locations.end() && location->second.missing_since &&
      !location->second.removed_at) {
    location->second.missing_since.reset();
    changed_locations_.emplace(digest, key);
  }
  place(key, digest, now);
}

std::vector<std::pair<std::string, Digest>> Inventory::tags(const RepositoryKey& key) const {
  const auto found = repositories_.find(key);
  if (found == repositories_.end()) {
    return {};
  }
  std::vector<std::pair<std::string, Digest>> tags;
  for (const auto& [tag, target] : found->second.tags) {
    tags.emplace_back(tag, target.digest);
  }
  return tags;
}

std::vector<std::string> Inventory::repositories(const std::string& registry) const {
  std::vector<std::string> names;
  for (auto entry = repositories_.lower_bound({registry, {}});
       entry != repositories_.end() && entry->first.registry == registry; ++entry) {
    names.push_back(entry->first.repository);
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
