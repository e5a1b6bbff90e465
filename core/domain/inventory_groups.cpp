// Containers about whose image the same was printed, and what a reference without a digest is
// taken to mean.
#include "core/domain/image_reference.hpp"
#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {
namespace {

template <class Index, class Key>
void forget_group(Index& index, const Key& key, ImageGroup* group) {
  const auto named = index.find(key);
  if (named != index.end() && named->second.erase(group) > 0 && named->second.empty()) {
    index.erase(named);
  }
}

/// With all of its members.
void forget_place(WorkloadGroup& workload) {
  if (workload.quarter == nullptr) {
    return;
  }
  const Quarter quarter = workload.quarter->first;
  auto& whereabouts = workload.images->whereabouts;
  const auto known = whereabouts.find({quarter.environment, workload.place->namespace_name});
  if (known != whereabouts.end() && --known->second == 0) {
    whereabouts.erase(known);
  }
  QuarterCount& count = workload.quarter->second;
  count.containers -= static_cast<std::uint32_t>(workload.members.size());
  if (--count.workloads == 0) {
    workload.images->quarters.erase(quarter);
  }
  workload.quarter = nullptr;
}

/// The tag that container engines pull where a reference names none.
constexpr const char* default_tag = "latest";

}  // namespace

void Inventory::join_group(ContainerRecord& container) {
  const auto [entry, is_new] = groups_.try_emplace(&*container.printed);
  ImageGroup& group = entry->second;
  if (is_new) {
    group.printed = container.printed;
    if (const auto reference = parse_image_reference(group.printed->image)) {
      group.host = reference->host;
      group.repository = reference->repository;
      groups_by_host_[group.host].insert(&group);
      if (group.printed->digests.empty() && group.printed->earlier.empty()) {
        groups_by_tag_host_[group.host].insert(&group);
      }
    }
    for (const auto* digests : {&group.printed->digests, &group.printed->earlier}) {
      for (const Digest& digest : *digests) {
        groups_by_digest_[digest].insert(&group);
      }
    }
    groups_by_name_[group.printed->image].insert(&group);
    dirty_groups_.insert(&group);
  }
  auto [position, is_new_place] = group.workloads.try_emplace(container.place);
  WorkloadGroup& workload = position->second;
  if (is_new_place) {
    workload.images = &group;
    workload.place = container.place;
    place_group(workload);
  }
  container.group = &workload;
  workload.members.push_back(container);
  ++workload.quarter->second.containers;
  if (container.started_at && is_set(*container.started_at) &&
      (!group.earliest_start || *container.started_at < *group.earliest_start)) {
    group.earliest_start = container.started_at;
  }
  if (container.unresolved_since) {
    group.note_unresolved(*container.unresolved_since);
  }
  if (!group.join.image.empty()) {
    dirty_images_.insert(group.join.image);
  }
}

void Inventory::leave_group(ContainerRecord& container) {
  if (container.group == nullptr) {
    return;
  }
  WorkloadGroup& workload = *container.group;
  ImageGroup& group = *workload.images;
  workload.members.erase(WorkloadGroup::Members::s_iterator_to(container));
  --workload.quarter->second.containers;
  container.group = nullptr;
  left_.try_emplace(&*group.printed, group.printed);
  if (!group.join.image.empty()) {
    dirty_images_.insert(group.join.image);
  }
  if (!workload.members.empty()) {
    return;
  }
  forget_place(workload);
  concluded_workloads_.erase(&workload);
  const Interned<ContainerPlace> place = workload.place;
  group.workloads.erase(place);
  if (group.workloads.empty()) {
    drop_group(group);
  }
}

void Inventory::drop_group(ImageGroup& group) {
  for (const auto* digests : {&group.printed->digests, &group.printed->earlier}) {
    for (const Digest& digest : *digests) {
      forget_group(groups_by_digest_, digest, &group);
    }
  }
  forget_group(groups_by_name_, group.printed->image, &group);
  forget_group(groups_by_host_, group.host, &group);
  forget_group(groups_by_tag_host_, group.host, &group);
  forget_group(groups_by_image_, group.join.image, &group);
  dirty_groups_.erase(&group);
  groups_.erase(&*group.printed);
}

/// Where the group runs, as the settings see it.
void Inventory::place_group(WorkloadGroup& workload) {
  ImageGroup& group = *workload.images;
  const ContainerPlace& place = *workload.place;
  const std::string& namespace_name = *place.namespace_name;
  forget_place(workload);
  Quarter quarter;
  quarter.source = place.source;
  quarter.environment =
      pools_.texts.intern(workload_environment(scope_, *place.source, namespace_name));
  quarter.ignored = is_ignored(scope_, *place.source, namespace_name, group.printed->image);
  quarter.owner =
      pools_.texts.intern(owner_of(scope_, group.repository, namespace_name, *place.labels));
  ++group.whereabouts[{quarter.environment, place.namespace_name}];
  workload.quarter = &*group.quarters.try_emplace(std::move(quarter)).first;
  ++workload.quarter->second.workloads;
  workload.quarter->second.containers += static_cast<std::uint32_t>(workload.members.size());
}

std::optional<Inventory::TagTarget> Inventory::find_tag(const std::string& reference) const {
  const auto parsed = parse_image_reference(reference);
  if (!parsed || !parsed->digest.empty()) {
    return std::nullopt;
  }
  for (const RegistryScope& registry : scope_.registries) {
    if (registry.host != parsed->host) {
      continue;
    }
    const auto repository = repositories_.find({registry.name, parsed->repository});
    if (repository == repositories_.end()) {
      continue;
    }
    const auto tag = repository->second.tags.find(parsed->tag.empty() ? default_tag : parsed->tag);
    if (tag != repository->second.tags.end()) {
      return tag->second;
    }
  }
  return std::nullopt;
}

/// Only where the source gives no digest. A container is taken to run what its tag named when it
/// started, if that was watched, and goes on being so when the tag moves. Whatever a runtime once
/// printed for it says more. Where nobody knows what the tag named, nothing is taken here: the
/// group asks the tag anew each time, and is doubted (docs/decisions/0007-workloads.md).
ContainerObservation Inventory::with_assumed_image(const ContainerObservation& container,
                                                   const ContainerRecord* known,
                                                   TimePoint now) const {
  ContainerObservation seen = container;
  if (known != nullptr && !known->digest_history().empty()) {
    seen.assumed = false;
    return seen;
  }
  seen.assumed = true;
  if (known != nullptr && known->printed->assumed && known->image() == seen.image &&
      known->started_at == seen.started_at) {
    seen.digests = known->digests();
    return seen;
  }
  const std::optional<TagTarget> target = find_tag(seen.image);
  // A source whose clock is ahead must not move a start behind a tag.
  if (target && seen.started_at && is_set(*seen.started_at) &&
      target->since <= std::min(*seen.started_at, now)) {
    seen.digests = {target->digest};
  }
  return seen;
}

void Inventory::rejoin_tag(const RepositoryKey& key, const std::string& tag) {
  for (const RegistryScope& registry : scope_.registries) {
    if (registry.name != key.registry) {
      continue;
    }
    const auto groups = groups_by_tag_host_.find(registry.host);
    if (groups == groups_by_tag_host_.end()) {
      continue;
    }
    for (ImageGroup* group : groups->second) {
      const auto reference = group->repository == key.repository
                                 ? parse_image_reference(group->printed->image)
                                 : std::nullopt;
      if (reference && (reference->tag.empty() ? default_tag : reference->tag) == tag) {
        dirty_groups_.insert(group);
      }
    }
  }
}

std::optional<bool> Inventory::tag_moved(const ContainerRecord& container) const {
  const Digest& joined = container.join().image;
  const std::optional<TagTarget> target =
      joined.empty() ? std::nullopt : find_tag(container.image());
  const std::vector<Digest> images = target ? images_of(target->digest) : std::vector<Digest>();
  if (images.empty()) {
    return std::nullopt;
  }
  const Digest content = graph_.content_key(joined);
  return std::none_of(images.begin(), images.end(),
                      [&](const Digest& image) { return graph_.content_key(image) == content; });
}

std::vector<const ImageGroup*> Inventory::groups_of(const Digest& image) const {
  const auto found = groups_by_image_.find(image);
  if (found == groups_by_image_.end()) {
    return {};
  }
  return {found->second.begin(), found->second.end()};
}

std::vector<std::string> Inventory::container_hosts() const {
  std::vector<std::string> hosts;
  for (const auto& [host, groups] : groups_by_host_) {
    hosts.push_back(host);
  }
  return hosts;
}

std::vector<const ImageGroup*> Inventory::groups_from(const std::string& host) const {
  const auto found = groups_by_host_.find(host);
  if (found == groups_by_host_.end()) {
    return {};
  }
  return {found->second.begin(), found->second.end()};
}

std::vector<const ImageGroup*> Inventory::groups_named(const std::string& image) const {
  const auto found = groups_by_name_.find(image);
  if (found == groups_by_name_.end()) {
    return {};
  }
  return {found->second.begin(), found->second.end()};
}

std::vector<const ImageGroup*> Inventory::groups_printing(const Digest& digest) const {
  const auto found = groups_by_digest_.find(digest);
  if (found == groups_by_digest_.end()) {
    return {};
  }
  return {found->second.begin(), found->second.end()};
}

std::vector<std::string> Inventory::container_references() const {
  std::vector<std::string> references;
  references.reserve(groups_by_name_.size());
  for (const auto& [reference, groups] : groups_by_name_) {
    references.push_back(reference);
  }
  return references;
}

std::vector<const ContainerRecord*> Inventory::containers_named(const std::string& image) const {
  std::vector<const ContainerRecord*> records;
  for (const ImageGroup* group : groups_named(image)) {
    for (const auto& [place, workload] : group->workloads) {
      for (const ContainerRecord& container : workload.members) {
        records.push_back(&container);
      }
    }
  }
  return records;
}

/// Of several images with the same content, the one that stands where the container's came from.
Digest Inventory::preferred_twin(const ContainerImage& printed, const Digest& image) const {
  const std::vector<Digest> twins = graph_.images_with_config(graph_.content_key(image));
  if (twins.size() < 2) {
    return image;
  }
  std::set<Digest> named(printed.earlier.begin(), printed.earlier.end());
  named.insert(printed.digests.begin(), printed.digests.end());
  std::set<std::string> repositories(printed.repositories.begin(), printed.repositories.end());
  if (const auto reference = parse_image_reference(printed.image)) {
    repositories.insert(reference->host + "/" + reference->repository);
  }
  // A manifest of an unmonitored registry tells the content alone.
  const bool any_known = std::any_of(
      twins.begin(), twins.end(), [&](const Digest& twin) { return this->image(twin) != nullptr; });
  const auto worth = [&](const Digest& twin) {
    const std::vector<Digest> above = graph_.indexes_above(twin);
    int points = named.contains(twin) ? 8 : 0;
    points += std::any_of(above.begin(), above.end(),
                          [&](const Digest& index) { return named.contains(index); })
                  ? 4
                  : 0;
    bool stands = false;
    bool stands_there = false;
    if (const ImageRecord* record = this->image(twin)) {
      for (const auto& [key, location] : record->locations) {
        stands = stands || !location.removed_at;
        stands_there =
            stands_there ||
            (!location.removed_at && repositories.contains(location.host + "/" + key.repository));
      }
    }
    return points + (stands_there ? 2 : 0) + (stands ? 1 : 0);
  };
  Digest best;
  int best_worth = -1;
  for (const Digest& twin : twins) {
    if (any_known && this->image(twin) == nullptr) {
      continue;
    }
    if (const int points = worth(twin); points > best_worth) {
      best = twin;
      best_worth = points;
    }
  }
  return best;
}

}  // namespace scanclock
