#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

bool Inventory::apply(const WorkloadChanges& changes, TimePoint now) {
  const std::size_t living = living_[changes.source];
  std::vector<ContainerRecord*> ending;
  for (const std::string& id : changes.ended) {
    ContainerRecord* record = containers_.find(changes.source, id);
    if (record != nullptr && !record->ended_at) {
      ending.push_back(record);
    }
  }
  for (const ContainerObservation& container : changes.running) {
    upsert_container(changes.source, container, nullptr, now);
  }
  const std::size_t beginning = living_[changes.source] - living;
  if (!guards_.ends(changes.source).believes(living, beginning, ending.size(), now)) {
    HeldEnds& held = held_ends_.try_emplace(changes.source, HeldEnds{now, {}}).first->second;
    for (const ContainerRecord* record : ending) {
      held.ids.insert(record->id);
    }
    return false;
  }
  for (ContainerRecord* record : ending) {
    end_container(*record, now);
  }
  return true;
}

bool Inventory::confirm_drop(const std::string& source, TimePoint now) {
  const bool holds = held_ends_.contains(source);
  end_held(source, now);
  return guards_.confirm(source) || holds;
}

void Inventory::end_held(const std::string& source, TimePoint now) {
  const auto held = held_ends_.find(source);
  if (held == held_ends_.end()) {
    return;
  }
  for (const ContainerId& id : held->second.ids) {
    ContainerRecord* record = containers_.find(source, id);
    if (record != nullptr && !record->ended_at) {
      end_container(*record, now);
    }
  }
  held_ends_.erase(held);
  guards_.ends(source).reset();
}

void Inventory::end_overdue_held(TimePoint now) {
  std::vector<std::string> due;
  for (const auto& [source, held] : held_ends_) {
    if (now - held.since >= suspicious_drop_hold) {
      due.push_back(source);
    }
  }
  for (const std::string& source : due) {
    end_held(source, now);
  }
}

std::optional<TimePoint> Inventory::next_change_at() const {
  std::optional<TimePoint> next = deadlines_.next();
  for (const auto& [source, held] : held_ends_) {
    const TimePoint at = held.since + suspicious_drop_hold;
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

void Inventory::upsert_container(const std::string& source, const ContainerObservation& container,
                                 ContainerRecord* known, TimePoint now) {
  bool is_new = false;
  if (known == nullptr) {
    auto [found, is_made] = containers_.get(source, container.id);
    known = &found;
    is_new = is_made;
  }
  ContainerRecord& record = *known;
  if (const auto held = held_ends_.find(source); held != held_ends_.end()) {
    held->second.ids.erase(container.id);
  }
  record.last_seen_at = now;
  const bool begins = is_new || record.ended_at;
  if (!begins && record.says(container)) {
    return;
  }
  const std::optional<ContainerObservation> assumed =
      container.digests.empty()
          ? std::optional(with_assumed_image(container, is_new ? nullptr : known, now))
          : std::nullopt;
  const ContainerObservation& seen = assumed ? *assumed : container;
  if (assumed && !begins && record.says(seen)) {
    return;
  }
  if (begins) {
    record.first_seen_at = now;
    record.ended_at.reset();
    record.end_confirmed = false;
    record.unresolved_since.reset();
    record.recorded = Recorded();
    ++living_[source];
  } else if (prints_other_image(record.observation(), seen)) {
    const ContainerImage& before = *record.printed;
    changes_.printed_images.push_back({record.key(), record.first_seen_at, now, before.image,
                                       before.image_id, before.digests, before.assumed});
  }
  const Interned<ContainerImage> printed = record.printed;
  const Interned<ContainerPlace> place = record.place;
  record.set_observation(source, seen, pools_);
  const bool moved =
      record.group != nullptr && (&*printed != &*record.printed || &*place != &*record.place);
  if (moved) {
    leave_group(record);
  }
  if (record.group == nullptr) {
    join_group(record);
  }
  conclude(record);
  changes_.containers.push_back(record);
}

void Inventory::end_container(ContainerRecord& container, TimePoint now) {
  container.ended_at = now;
  --living_[container.source()];
  changes_.containers.push_back(container);
  leave_group(container);
  ended_.insert(&container);
}

std::vector<const ContainerRecord*> Inventory::containers_of(const Digest& image) const {
  std::vector<const ContainerRecord*> records;
  for (const ImageGroup* group : groups_of(image)) {
    for (const auto& [place, workload] : group->workloads) {
      for (const ContainerRecord& container : workload.members) {
        records.push_back(&container);
      }
    }
  }
  return records;
}

}  // namespace scanclock
