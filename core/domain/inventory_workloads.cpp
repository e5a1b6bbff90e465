#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

bool Inventory::observe(const WorkloadReport& report, TimePoint now) {
  std::set<std::string> present;
  for (const ContainerObservation& container : report.containers) {
    present.insert(container.id);
  }
  std::vector<ContainerKey> absent;
  std::size_t before = 0;
  for (const auto& [key, container] : containers_) {
    if (key.source == report.source && !container.ended_at) {
      ++before;
      if (!present.contains(key.id)) {
        absent.push_back(key);
      }
    }
  }
  if (report.complete && !guards_[report.source].believes(before, before - absent.size(), now)) {
    return false;
  }
  for (const ContainerObservation& container : report.containers) {
    upsert_container(report.source, container, now);
  }
  if (report.complete) {
    for (const ContainerKey& key : absent) {
      end_container(containers_.at(key), now);
    }
  }
  return true;
}

void Inventory::observe_started(const std::string& source, const ContainerObservation& container,
                                TimePoint now) {
  upsert_container(source, container, now);
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
  record.environment = workload_environment(scope_, source, container.namespace_name);
  record.ignored = is_ignored(scope_, source, container.namespace_name, container.image);
  dirty_containers_.insert(key);
  changes_.containers.push_back(record);
}

void Inventory::end_container(ContainerRecord& container, TimePoint now) {
  container.ended_at = now;
  changes_.containers.push_back(container);
  if (!container.join.image.empty()) {
    containers_by_image_[container.join.image].erase(container.key);
    dirty_images_.insert(container.join.image);
  }
  dirty_containers_.insert(container.key);
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
