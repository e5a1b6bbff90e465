#include "core/domain/image_reference.hpp"
#include "core/domain/inventory.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

Verdict verdict_of_outcome(JoinOutcome outcome) {
  switch (outcome) {
    case JoinOutcome::ambiguous:
      return Verdict::ambiguous;
    case JoinOutcome::conflict:
      return Verdict::conflict;
    case JoinOutcome::resolved:
    case JoinOutcome::unresolved:
      break;
  }
  return Verdict::unresolved;
}

bool accepts(const EvidenceRecord& record, const std::string& policy) {
  const auto decision = record.decisions.find(policy);
  return decision != record.decisions.end() && decision->second.accepted;
}

std::string repository_of(const std::string& image) {
  const auto reference = parse_image_reference(image);
  return reference ? reference->repository : std::string();
}

/// Names worth more than others when several standings compete: worse state, earlier deadline.
bool worse(const PolicyStanding& left, const PolicyStanding& right) {
  return std::pair(left.standing.state, right.standing.deadline_at) >
         std::pair(right.standing.state, left.standing.deadline_at);
}

}  // namespace

Touched Inventory::reevaluate(TimePoint now) {
  Touched touched;
  follow_growth(now);
  for (const std::string& due : deadlines_.take_due(now)) {
    dirty_images_.insert(Digest::from_trusted(due));
  }
  for (const ContainerKey& key : std::exchange(dirty_containers_, {})) {
    evaluate_container_join(containers_.at(key), now, touched);
  }
  for (const Digest& digest : std::exchange(dirty_images_, {})) {
    const auto image = images_.find(digest);
    if (image == images_.end()) {
      continue;
    }
    evaluate_image(image->second, now);
    touched.images.insert(digest);
    for (const ContainerRecord* container : containers_of(digest)) {
      evaluate_verdict(containers_.at(container->key));
      touched.containers.insert(container->key);
    }
  }
  for (const ContainerKey& key : touched.containers) {
    const auto container = containers_.find(key);
    if (container != containers_.end() && container->second.ended_at) {
      drop_container(key);
    }
  }
  return touched;
}

void Inventory::evaluate_container_join(ContainerRecord& container, TimePoint now,
                                        Touched& touched) {
  touched.containers.insert(container.key);
  if (container.ended_at) {
    return;
  }
  const Digest before = container.join.image;
  container.join =
      join_container(graph_, container.observation,
                     {container.digest_history.begin(), container.digest_history.end()});
  if (container.join.outcome == JoinOutcome::resolved) {
    container.join.image = preferred_twin(container, container.join.image);
  }
  if (container.join.image != before) {
    if (!before.empty()) {
      leave_image(container.key, before);
      dirty_images_.insert(before);
    }
    if (!container.join.image.empty()) {
      containers_by_image_[container.join.image].insert(container.key);
      dirty_images_.insert(container.join.image);
    }
  }
  container.owner = owner_of(scope_, repository_of(container.observation.image),
                             container.observation.namespace_name, container.observation.labels);
  if (container.join.outcome == JoinOutcome::resolved) {
    container.unresolved_since.reset();
    dirty_images_.insert(container.join.image);
  } else if (!container.unresolved_since) {
    container.unresolved_since = now;
  }
  evaluate_verdict(container);
}

std::vector<Place> Inventory::places_of(const ImageRecord& image) const {
  std::vector<Place> places;
  for (const auto& [key, location] : image.locations) {
    if (!location.removed_at) {
      places.push_back({location.environment, key.repository, {}});
    }
  }
  for (const ContainerRecord* container : containers_of(image.digest)) {
    std::string repository = repository_of(container->observation.image);
    if (repository.empty() && !image.locations.empty()) {
      repository = image.locations.begin()->first.repository;
    }
    places.push_back({container->environment, repository, container->observation.namespace_name});
  }
  return places;
}

ImageFacts Inventory::facts_for(const ImageRecord& image, const VersionedPolicy& policy,
                                const std::vector<CoveringEvidence>& evidence) const {
  ImageFacts facts;
  facts.first_seen_at = image.first_seen_at;
  facts.first_running_at = image.first_running_at;
  facts.running = image.running;
  for (const auto& [key, location] : image.locations) {
    // At equal times the basis that extends nothing counts: it sorts first.
    if (location.environment == production_environment &&
        (!facts.entry_at || std::pair(location.entry_at, location.entry_basis) <
                                std::pair(*facts.entry_at, facts.entry_basis))) {
      facts.entry_at = location.entry_at;
      facts.entry_basis = location.entry_basis;
    }
  }
  for (const auto& [record, covers] : evidence) {
    if (covers != Coverage::covered || !accepts(*record, policy.policy.name)) {
      continue;
    }
    const TimePoint finished_at = *record->evidence.report.finished_at;
    if (!facts.scan_finished_at || finished_at > *facts.scan_finished_at) {
      facts.scan_finished_at = finished_at;
    }
    if (facts.entry_at && finished_at <= *facts.entry_at &&
        finished_at + policy.policy.window >= *facts.entry_at) {
      facts.scanned_before_entry = true;
    }
  }
  return facts;
}

void Inventory::evaluate_image(ImageRecord& image, TimePoint now) {
  image.running = !containers_of(image.digest).empty();
  if (image.running) {
    TimePoint first = image.first_running_at.value_or(now);
    for (const ContainerRecord* container : containers_of(image.digest)) {
      const std::optional<TimePoint>& started_at = container->observation.started_at;
      first = started_at && is_set(*started_at) ? std::min(first, *started_at) : first;
    }
    if (first != image.first_running_at) {
      image.first_running_at = first;
      changed_images_.insert(image.digest);
    }
  }
  std::vector<CoveringEvidence> evidence;
  for (const EvidenceRecord* record : evidence_of(image.digest)) {
    evidence.push_back({record, coverage(record->evidence, graph_, image.digest)});
  }
  const std::vector<Place> places = places_of(image);
  image.standings.clear();
  bool any_bound = false;
  std::optional<TimePoint> next_change_at;
  for (const VersionedPolicy& versioned : scope_.policies) {
    PolicyStanding standing;
    standing.policy = versioned.policy.name;
    standing.version = versioned.version;
    standing.bound = std::any_of(places.begin(), places.end(), [&](const Place& place) {
      return binds(versioned.policy.match, place);
    });
    any_bound = any_bound || standing.bound;
    standing.standing = evaluate(now, versioned.policy, facts_for(image, versioned, evidence));
    const auto change = standing.standing.next_change_at;
    if (change && (!next_change_at || *change < *next_change_at)) {
      next_change_at = change;
    }
    image.standings.push_back(std::move(standing));
  }
  const PolicyStanding* worst = nullptr;
  for (const PolicyStanding& standing : image.standings) {
    // Where no policy binds the image, all of them are shown and none alerts.
    if ((standing.bound || !any_bound) && (worst == nullptr || worse(standing, *worst))) {
      worst = &standing;
    }
  }
  if (worst != nullptr) {
    image.state = worst->standing.state;
    image.deadline_at = worst->standing.deadline_at;
  }
  deadlines_.set(image.digest.str(), next_change_at);
  choose_last_scan(image, evidence);

  image.environment.clear();
  image.owner.clear();
  for (const Place& place : places) {
    if (image.environment.empty() || place.environment == production_environment) {
      image.environment = place.environment;
    }
  }
  for (const ContainerRecord* container : containers_of(image.digest)) {
    image.owner = image.owner.empty() ? container->owner : image.owner;
  }
  for (const Place& place : places) {
    if (image.owner.empty()) {
      image.owner = owner_of(scope_, place.repository, place.namespace_name, {});
    }
  }
}

void Inventory::choose_last_scan(ImageRecord& image,
                                 const std::vector<CoveringEvidence>& evidence) {
  image.last_scan.reset();
  image.platform_unproven = false;
  std::optional<TimePoint> first_scan_at;
  for (const auto& [record, covers] : evidence) {
    const bool accepted = std::any_of(record->decisions.begin(), record->decisions.end(),
                                      [](const auto& entry) { return entry.second.accepted; });
    if (!accepted) {
      continue;
    }
    if (covers == Coverage::covered) {
      if (!image.last_scan) {
        image.last_scan = key_of(record->evidence);
      }
      first_scan_at = record->evidence.report.finished_at;
    } else if (covers == Coverage::platform_unproven) {
      image.platform_unproven = true;
    }
  }
  if (first_scan_at && (!image.first_scan_at || *first_scan_at < *image.first_scan_at)) {
    image.first_scan_at = first_scan_at;
    changed_images_.insert(image.digest);
  }
}

void Inventory::evaluate_verdict(ContainerRecord& container) {
  container.deadline_at.reset();
  if (container.join.outcome != JoinOutcome::resolved) {
    container.verdict = verdict_of_outcome(container.join.outcome);
    container.reason = container.join.reason;
    return;
  }
  container.verdict = Verdict::unresolved;
  const auto image = images_.find(container.join.image);
  if (image == images_.end() || image->second.standings.empty()) {
    container.reason = "the image is not in a monitored registry";
    return;
  }
  const ImageRecord& record = image->second;
  const bool any_bound = std::any_of(record.standings.begin(), record.standings.end(),
                                     [](const PolicyStanding& item) { return item.bound; });
  container.verdict = Verdict::compliant;
  container.reason.clear();
  for (const PolicyStanding& standing : record.standings) {
    if (any_bound && !standing.bound) {
      continue;
    }
    const Verdict verdict = verdict_of(standing.standing.state, record.platform_unproven);
    if (verdict >= container.verdict) {
      container.verdict = verdict;
      container.reason =
          "policy " + standing.policy + ": " + std::string(to_string(standing.standing.state));
    }
    if (!container.deadline_at || standing.standing.deadline_at < *container.deadline_at) {
      container.deadline_at = standing.standing.deadline_at;
    }
  }
}

}  // namespace scanclock
