#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

bool Inventory::observe(const WorkloadReport& report, TimePoint now) {
  WorkloadLook look(&report);
  while (!look.is_done()) {
    go_on(look, all_at_once, now);
  }
  return look.is_believed();
}

void Inventory::go_on(WorkloadLook& look, std::size_t containers_max, TimePoint now) {
  using Phase = WorkloadLook::Phase;
  std::size_t room = std::max<std::size_t>(containers_max, 1);
  if (look.number_ == 0) {
    look.number_ = ++look_;
  }
  if (look.phase_ == Phase::find_shown) {
    find_shown(look, room);
  }
  if (look.phase_ == Phase::mark_unchanged) {
    mark_unchanged(look, room, now);
  }
  if (look.phase_ == Phase::find_absent) {
    find_absent(look, room);
  }
  if (look.phase_ == Phase::note_shown) {
    note_shown(look, room, now);
  }
  if (look.phase_ == Phase::judge) {
    const WorkloadReport& report = look.report();
    look.believed_ = guards_.believes(report.source, report.namespaces, look.before_,
                                      look.before_ - look.absent_.size(), now);
    look.phase_ = look.believed_ ? Phase::end_absent : Phase::done;
  }
  if (look.phase_ == Phase::end_absent) {
    end_absent(look, room, now);
  }
}

void Inventory::find_shown(WorkloadLook& look, std::size_t& room) {
  const WorkloadReport& report = look.report();
  const ContainerTable::OfSource* all = containers_.of(report.source);
  if (all == nullptr || all->empty()) {
    look.known_.resize(report.containers.size());
  }
  look.known_.reserve(report.containers.size());
  for (; look.known_.size() < report.containers.size() && room > 0; --room) {
    ContainerRecord* record =
        containers_.find(report.source, report.containers[look.known_.size()].id);
    if (record != nullptr) {
      record->look = look.number_;
    }
    look.known_.push_back(record);
  }
  if (look.known_.size() == report.containers.size()) {
    look.phase_ = WorkloadLook::Phase::mark_unchanged;
  }
}

void Inventory::mark_unchanged(WorkloadLook& look, std::size_t& room, TimePoint now) {
  const WorkloadReport& report = look.report();
  for (; look.position_ < report.unchanged.size() && room > 0; --room) {
    const ContainerId& id = report.unchanged[look.position_++];
    ContainerRecord* record = containers_.find(report.source, id);
    if (record == nullptr || record->ended_at) {
      look.untold_.push_back(id.str());
      continue;
    }
    record->look = look.number_;
    record->last_seen_at = now;
  }
  if (look.position_ == report.unchanged.size()) {
    look.phase_ =
        report.complete ? WorkloadLook::Phase::find_absent : WorkloadLook::Phase::note_shown;
    look.position_ = 0;
  }
}

/// What the source is believed to run, and of that what the report does not show.
void Inventory::find_absent(WorkloadLook& look, std::size_t& room) const {
  const WorkloadReport& report = look.report();
  const ContainerTable::OfSource* all = containers_.of(report.source);
  if (all != nullptr) {
    auto position = look.walked_ ? all->lower_bound(*look.walked_) : all->begin();
    for (; position != all->end() && room > 0; ++position, --room) {
      const ContainerRecord& record = *position;
      const bool is_in_view =
          !report.namespaces || report.namespaces->contains(record.namespace_name());
      if (record.ended_at || !is_in_view) {
        continue;
      }
      ++look.before_;
      if (record.look != look.number_) {
        look.absent_.push_back(&ContainerTable::writable(record));
      }
    }
    if (position != all->end()) {
      look.walked_ = position->id;
      return;
    }
  }
  look.phase_ = WorkloadLook::Phase::note_shown;
}

void Inventory::note_shown(WorkloadLook& look, std::size_t& room, TimePoint now) {
  const WorkloadReport& report = look.report();
  for (; look.position_ < report.containers.size() && room > 0; --room) {
    upsert_container(report.source, report.containers[look.position_], look.known_[look.position_],
                     now);
    ++look.position_;
  }
  if (look.position_ == report.containers.size()) {
    look.phase_ = report.complete ? WorkloadLook::Phase::judge : WorkloadLook::Phase::done;
    look.position_ = 0;
  }
}

void Inventory::end_absent(WorkloadLook& look, std::size_t& room, TimePoint now) {
  for (; look.position_ < look.absent_.size() && room > 0; --room) {
    ContainerRecord* record = look.absent_[look.position_++];
    // An operator may have ended the whole source meanwhile.
    if (!record->ended_at) {
      end_container(*record, now);
    }
  }
  if (look.position_ < look.absent_.size()) {
    return;
  }
  look.phase_ = WorkloadLook::Phase::done;
  if (!look.report().namespaces) {
    guards_.ends(look.report().source).reset();
    held_ends_.erase(look.report().source);
  }
}

}  // namespace scanclock
