#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

/// Compares with what the record says, so that neither a restart nor a second look at the same
/// facts writes anything. A wall clock that was set back must not put a conclusion before the one
/// that it replaces. What is told of a container is the same for all of its group.
void Inventory::record_verdict(ContainerRecord& container, TimePoint now) {
  Told& told = told_[container.group];
  if (told.mark == 0) {
    told.conclusion = Interned<Conclusion>(Conclusion{container.verdict(), container.join().image,
                                                      container.reason(), container.environment(),
                                                      container.owner()});
    told.mark = mark_of(*told.conclusion);
  }
  if (told.mark != container.recorded.mark) {
    container.recorded = {std::max(now, container.recorded.at), told.mark};
    changes_.verdicts.push_back(
        {container.key(), container.first_seen_at, container.recorded.at, told.conclusion});
  }
}

void Inventory::record_observation(ImageRecord& image, TimePoint now) {
  const Observation observed = observation(image);
  ObservationChange change;
  change.image = image.digest;
  change.at = std::max(now, image.recorded.at);
  change.status = to_string(observed.status);
  change.reason = observed.reason;
  const std::uint64_t mark = mark_of(change);
  if (mark != image.recorded.mark) {
    image.recorded = {change.at, mark};
    changes_.observations.push_back(std::move(change));
  }
}

void Inventory::end_source(const std::string& source, TimePoint now) {
  const ContainerTable::OfSource* containers = containers_.of(source);
  if (containers == nullptr) {
    return;
  }
  for (const ContainerRecord& entry : *containers) {
    if (!entry.ended_at) {
      ContainerRecord& container = ContainerTable::writable(entry);
      container.end_confirmed = true;
      end_container(container, now);
    }
  }
}

bool Inventory::shows_running(const std::string& source) const {
  const auto living = living_.find(source);
  return living != living_.end() && living->second > 0;
}

}  // namespace scanclock
