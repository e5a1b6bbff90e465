#include "core/domain/inventory.hpp"

#include <algorithm>

namespace scanclock {

void Inventory::add_subject(const RepositoryKey& key, const Digest& digest) {
  if (repositories_[key].subjects.try_emplace(digest).second) {
    // Evidence may be attached to a new index: its images were not asked about for good.
    refresh_observation(key, digest);
  }
}

void Inventory::remove_subject(const RepositoryKey& key, const Digest& digest) {
  Repository& repository = repositories_[key];
  const auto subject = repository.subjects.find(digest);
  if (subject != repository.subjects.end()) {
    repository.failing -= subject->second.failing_since ? 1 : 0;
    repository.subjects.erase(subject);
  }
}

void Inventory::note_evidence_answered(const RepositoryKey& key, const Digest& subject,
                                       TimePoint now) {
  if (graph_.find(subject) == nullptr) {
    return;
  }
  Repository& repository = repositories_[key];
  SubjectAnswer& answer = repository.subjects[subject];
  repository.failing -= answer.failing_since ? 1 : 0;
  answer.answered_at = now;
  answer.failing_since.reset();
  answer.failure.clear();
  refresh_observation(key, subject);
}

void Inventory::note_evidence_failed(const RepositoryKey& key, const Digest& subject,
                                     const std::string& reason, TimePoint now) {
  Repository& repository = repositories_[key];
  if (graph_.find(subject) == nullptr) {
    repository.unreadable.insert(subject);
    return;
  }
  SubjectAnswer& answer = repository.subjects[subject];
  if (!answer.failing_since) {
    answer.failing_since = now;
    ++repository.failing;
  }
  answer.failure = reason;
  refresh_observation(key, subject);
}

void Inventory::refresh_observation(const RepositoryKey& key, const Digest& subject) {
  const Repository& repository = repositories_[key];
  std::vector<Digest> images{subject};
  for (const ManifestChild& child : graph_.runnable_children(subject)) {
    images.push_back(child.digest);
  }
  for (const Digest& digest : images) {
    const auto image = images_.find(digest);
    if (image != images_.end() && image->second.locations.contains(key)) {
      refresh_observation_of(key, repository, image->second);
    }
  }
}

/// An image has been asked about in a repository when its own digest and every index above it
/// that stands there have been: evidence may be attached to any of them.
void Inventory::refresh_observation_of(const RepositoryKey& key, const Repository& repository,
                                       ImageRecord& image) {
  Location& location = image.locations.at(key);
  const bool was_answered = location.evidence_answered_at.has_value();
  const bool was_failing = location.evidence_failing_since.has_value();
  const bool was_in_gap = is_unasked(location);
  location.evidence_failing_since.reset();
  location.evidence_failure.clear();
  std::vector<Digest> names = graph_.indexes_above(image.digest);
  names.push_back(image.digest);
  bool any_unasked = false;
  std::optional<TimePoint> answered_at;
  for (const Digest& name : names) {
    const auto answer = repository.subjects.find(name);
    if (answer == repository.subjects.end()) {
      continue;
    }
    const auto& [answered, failing_since, failure, missing_since] = answer->second;
    any_unasked = any_unasked || !answered;
    answered_at =
        answered_at && answered ? std::min(answered_at, answered) : std::max(answered_at, answered);
    if (failing_since &&
        (!location.evidence_failing_since || *failing_since < *location.evidence_failing_since)) {
      location.evidence_failing_since = failing_since;
      location.evidence_failure = failure;
    }
  }
  location.evidence_answered_at = any_unasked ? std::nullopt : answered_at;
  const bool is_answered = location.evidence_answered_at.has_value();
  if (is_answered && !was_answered) {
    changed_locations_.emplace(image.digest, key);
  }
  if (is_answered != was_answered || location.evidence_failing_since.has_value() != was_failing ||
      is_unasked(location) != was_in_gap) {
    dirty_images_.insert(image.digest);
  }
}

bool Inventory::is_unasked(const Location& location) const {
  return restored_at_ && watched_to_.contains(location.key.registry) &&
         (!location.evidence_answered_at || *location.evidence_answered_at < *restored_at_);
}

std::optional<Inventory::Gap> Inventory::unasked_gap(const ImageRecord& image) const {
  std::optional<Gap> gap;
  for (const auto& [key, location] : image.locations) {
    if (location.removed_at || !is_unasked(location)) {
      continue;
    }
    const TimePoint from = watched_to_.at(key.registry);
    gap = Gap{gap ? std::min(gap->from, from) : from, *restored_at_};
  }
  return gap;
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
      if (observation.status == Observation::Status::unknown &&
          *observation.since <= *location.evidence_failing_since) {
        continue;
      }
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

std::uint64_t Inventory::images_in(const std::string& registry) const {
  std::uint64_t count = 0;
  for (const auto& [digest, image] : images_) {
    count += std::any_of(image.locations.begin(), image.locations.end(), [&](const auto& entry) {
      return entry.first.registry == registry && !entry.second.removed_at;
    });
  }
  return count;
}

std::uint64_t Inventory::members_of(const SourceStatus& source) const {
  return source.kind == SourceKind::registry ? images_in(source.name) : source.seen;
}

double Inventory::unreadable_share(const std::string& registry) const {
  std::size_t total = 0;
  std::size_t failing = 0;
  for (auto entry = repositories_.lower_bound({registry, {}});
       entry != repositories_.end() && entry->first.registry == registry; ++entry) {
    const Repository& repository = entry->second;
    total += repository.unreadable.size() + repository.subjects.size();
    failing += repository.unreadable.size() + repository.failing;
  }
  return total == 0 ? 0 : static_cast<double>(failing) / static_cast<double>(total);
}

}  // namespace scanclock
