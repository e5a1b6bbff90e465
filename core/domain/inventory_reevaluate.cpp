// What facts or the passing of time have changed is worked out in this order, so that each rests on
// what was worked out before: joins, images, conclusions about containers, and what has ended.
#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// False when there is not enough room left; what costs more than all there ever is, is done alone.
bool take_room(std::size_t& room, std::size_t cost) {
  if (room == 0) {
    return false;
  }
  room -= std::min(room, cost);
  return true;
}

}  // namespace

Touched Inventory::reevaluate(TimePoint now, std::size_t work_max) {
  Touched touched;
  std::size_t work = work_max;
  end_overdue_held(now);
  follow_growth(now);
  for (const std::string& due : deadlines_.take_due(now)) {
    dirty_images_.insert(Digest::from_trusted(due));
  }
  evaluate_groups(work);
  if (dirty_groups_.empty()) {
    evaluate_images(touched, work, now);
  }
  if (dirty_groups_.empty() && dirty_images_.empty()) {
    note_conclusions(touched, work, now);
  }
  if (concluded_.empty() && concluded_workloads_.empty()) {
    forget_ended(touched, work);
  }
  touched.left = std::exchange(left_, {});
  // What is told of a group may be another thing the next time.
  told_.clear();
  return touched;
}

bool Inventory::is_behind() const {
  return !dirty_groups_.empty() || !dirty_images_.empty() || !concluded_.empty() ||
         !concluded_workloads_.empty() || !ended_.empty();
}

void Inventory::evaluate_groups(std::size_t& work) {
  while (!dirty_groups_.empty() && take_room(work, reevaluation_of_group)) {
    ImageGroup* group = *dirty_groups_.begin();
    dirty_groups_.erase(dirty_groups_.begin());
    evaluate_join(*group);
  }
}

void Inventory::evaluate_images(Touched& touched, std::size_t& work, TimePoint now) {
  while (!dirty_images_.empty() && take_room(work, reevaluation_of_image)) {
    const Digest digest = std::move(dirty_images_.extract(dirty_images_.begin()).value());
    const auto found = images_.find(digest);
    if (found == images_.end()) {
      continue;
    }
    ImageRecord& image = found->second;
    const Verdict verdict = image.judgement.verdict;
    const std::string reason = image.judgement.reason;
    evaluate_image(image, now);
    touched.images.insert(digest);
    if (image.judgement.verdict != verdict || image.judgement.reason != reason) {
      if (const auto groups = groups_by_image_.find(digest); groups != groups_by_image_.end()) {
        for (ImageGroup* group : groups->second) {
          conclude(*group);
        }
      }
    }
    if (image.running) {
      record_observation(image, now);
    }
  }
}

void Inventory::conclude(ContainerRecord& container) {
  if (!container.concluded) {
    container.concluded = true;
    concluded_.push_back(&container);
  }
}

void Inventory::conclude(ImageGroup& group) {
  for (auto& [place, workload] : group.workloads) {
    concluded_workloads_.insert(&workload);
  }
}

void Inventory::note_conclusions(Touched& touched, std::size_t& work, TimePoint now) {
  while (!concluded_.empty() && take_room(work, 1)) {
    ContainerRecord& container = *concluded_.front();
    concluded_.pop_front();
    container.concluded = false;
    note_conclusion(container, touched, now);
  }
  while (!concluded_workloads_.empty() && work > 0) {
    WorkloadGroup& workload = **concluded_workloads_.begin();
    concluded_workloads_.erase(concluded_workloads_.begin());
    take_room(work, workload.members.size() + 1);
    for (ContainerRecord& container : workload.members) {
      note_conclusion(container, touched, now);
    }
  }
}

void Inventory::note_conclusion(ContainerRecord& container, Touched& touched, TimePoint now) {
  if (container.ended_at) {
    return;
  }
  ImageGroup& images = *container.group->images;
  const bool is_open = images.verdict() >= Verdict::ambiguous;
  if (is_open || container.unresolved_since) {
    touched.containers.insert(container.key());
  }
  if (!is_open) {
    container.unresolved_since.reset();
    images.unresolved_from.reset();
  } else {
    if (!container.unresolved_since) {
      container.unresolved_since = now;
    }
    images.note_unresolved(*container.unresolved_since);
  }
  record_verdict(container, now);
}

void Inventory::forget_ended(Touched& touched, std::size_t& work) {
  while (!ended_.empty() && take_room(work, 1)) {
    const ContainerRecord* container = *ended_.begin();
    ended_.erase(ended_.begin());
    // One that began again meanwhile may have been something else before.
    touched.containers.insert(container->key());
    if (container->ended_at) {
      containers_.erase(*container);
    }
  }
}

}  // namespace scanclock
