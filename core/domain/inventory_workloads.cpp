#include "core/domain/image_reference.hpp"
#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

bool Inventory::observe(const WorkloadReport& report, TimePoint now) {
  std::set<std::string> present;
  for (const ContainerObservation& container : report.containers) {
    present.insert(container.id);
  }
  present.insert(report.unchanged.begin(), report.unchanged.end());
  std::vector<ContainerKey> absent;
  std::size_t before = 0;
  for (auto entry = containers_.lower_bound({report.source, {}});
       entry != containers_.end() && entry->first.source == report.source; ++entry) {
    const bool is_in_view =
        !report.namespaces || report.namespaces->contains(entry->second.observation.namespace_name);
    if (!entry->second.ended_at && is_in_view) {
      ++before;
      if (!present.contains(entry->first.id)) {
        absent.push_back(entry->first);
      }
    }
  }
  if (report.complete && !guards_[report.source].believes(before, before - absent.size(), now)) {
    return false;
  }
  for (const ContainerObservation& container : report.containers) {
    upsert_container(report.source, container, now);
  }
  for (const std::string& id : report.unchanged) {
    const auto known = containers_.find({report.source, id});
    if (known != containers_.end()) {
      known->second.last_seen_at = now;
    }
  }
  if (report.complete) {
    for (const ContainerKey& key : absent) {
      end_container(containers_.at(key), now);
    }
  }
  return true;
}

void Inventory::apply(const WorkloadChanges& changes, TimePoint now) {
  for (const ContainerObservation& container : changes.running) {
    upsert_container(changes.source, container, now);
  }
  for (const std::string& id : changes.ended) {
    const auto known = containers_.find({changes.source, id});
    if (known != containers_.end() && !known->second.ended_at) {
      end_container(known->second, now);
    }
  }
}

void Inventory::upsert_container(const std::string& source, const ContainerObservation& container,
                                 TimePoint now) {
  const ContainerKey key{source, container.id};
  auto [position, is_new] = containers_.try_emplace(key);
  ContainerRecord& record = position->second;
  const bool restarted = record.ended_at.has_value();
  const bool changed = is_new || restarted || record.observation != container;
  record.last_seen_at = now;
  if (!changed) {
    return;
  }
  if (is_new || restarted) {
    record.key = key;
    record.first_seen_at = now;
    record.ended_at.reset();
    record.unresolved_since.reset();
  }
  record.observation = container;
  record.digest_history.insert(container.digests.begin(), container.digests.end());
  index_container(record);
  record.environment = workload_environment(scope_, source, container.namespace_name);
  record.ignored = is_ignored(scope_, source, container.namespace_name, container.image);
  dirty_containers_.insert(key);
  changes_.containers.push_back(record);
}

void Inventory::end_container(ContainerRecord& container, TimePoint now) {
  container.ended_at = now;
  changes_.containers.push_back(container);
  if (!container.join.image.empty()) {
    leave_image(container.key, container.join.image);
    dirty_images_.insert(container.join.image);
    // Should it start again, it is joined anew.
    container.join = JoinResult();
  }
  dirty_containers_.insert(container.key);
}

void Inventory::leave_image(const ContainerKey& key, const Digest& image) {
  const auto containers = containers_by_image_.find(image);
  if (containers != containers_by_image_.end() && containers->second.erase(key) > 0 &&
      containers->second.empty()) {
    containers_by_image_.erase(containers);
  }
}

void Inventory::index_container(const ContainerRecord& container) {
  for (const Digest& digest : container.digest_history) {
    containers_by_digest_[digest].insert(container.key);
  }
}

/// What has ended is history, and history is the database's.
void Inventory::drop_container(const ContainerKey& key) {
  const auto container = containers_.find(key);
  for (const Digest& digest : container->second.digest_history) {
    const auto named = containers_by_digest_.find(digest);
    if (named != containers_by_digest_.end() && named->second.erase(key) > 0 &&
        named->second.empty()) {
      containers_by_digest_.erase(named);
    }
  }
  containers_.erase(container);
}

/// Of several images with the same content, the one that stands where the container's came from.
Digest Inventory::preferred_twin(const ContainerRecord& container, const Digest& image) const {
  const std::vector<Digest> twins = graph_.images_with_config(graph_.content_key(image));
  if (twins.size() < 2) {
    return image;
  }
  const std::set<Digest>& named = container.digest_history;
  std::set<std::string> repositories(container.observation.repositories.begin(),
                                     container.observation.repositories.end());
  if (const auto reference = parse_image_reference(container.observation.image)) {
    repositories.insert(reference->host + "/" + reference->repository);
  }
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
    if (const int points = worth(twin); points > best_worth) {
      best = twin;
      best_worth = points;
    }
  }
  return best;
}

std::vector<const ContainerRecord*> Inventory::containers_of(const Digest& image) const {
  std::vector<const ContainerRecord*> records;
  const auto found = containers_by_image_.find(image);
  if (found != containers_by_image_.end()) {
    for (const ContainerKey& key : found->second) {
      records.push_back(&containers_.at(key));
    }
  }
  return records;
}

}  // namespace scanclock
