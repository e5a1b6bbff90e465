#include "core/domain/inventory.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace scanclock {
namespace {

bool accepts(const EvidenceRecord& record, const std::string& policy) {
  const auto decision = record.decisions.find(policy);
  return decision != record.decisions.end() && decision->second.accepted;
}

/// Names worth more than others when several standings compete: worse state, earlier deadline.
bool worse(const PolicyStanding& left, const PolicyStanding& right) {
  return std::pair(left.standing.state, right.standing.deadline_at) >
         std::pair(right.standing.state, left.standing.deadline_at);
}

}  // namespace

void Inventory::evaluate_join(ImageGroup& group) {
  const JoinResult before = std::move(group.join);
  const ImageRecord* image_before = group.image;
  const bool was_doubtful = group.doubtful;
  const ContainerImage& printed = *group.printed;
  // What a runtime printed says more than what a reference is taken to mean.
  const bool has_proof = !printed.earlier.empty() || !printed.assumed;
  const bool asks_tag = printed.digests.empty() && printed.earlier.empty();
  const std::optional<TagTarget> target = asks_tag ? find_tag(printed.image) : std::nullopt;
  group.doubtful = target.has_value();
  JoinQuestion question;
  question.platform = *printed.platform;
  question.reference = printed.image;
  if (target) {
    question.digests = {target->digest};
  } else if (!printed.assumed || printed.earlier.empty()) {
    question.digests = printed.digests;
  }
  question.earlier = printed.earlier;
  group.join = join_digests(graph_, question);
  group.assumed = group.join.outcome == JoinOutcome::resolved && (!has_proof || group.doubtful);
  if (group.join.outcome == JoinOutcome::resolved) {
    group.join.image = preferred_twin(printed, group.join.image);
  }
  if (group.join.image != before.image) {
    if (const auto left = groups_by_image_.find(before.image); left != groups_by_image_.end()) {
      left->second.erase(&group);
      if (left->second.empty()) {
        groups_by_image_.erase(left);
      }
      dirty_images_.insert(before.image);
    }
    if (!group.join.image.empty()) {
      groups_by_image_[group.join.image].insert(&group);
    }
  }
  const auto image = images_.find(group.join.image);
  group.image = image == images_.end() ? nullptr : &image->second;
  if (!group.join.image.empty()) {
    dirty_images_.insert(group.join.image);
  }
  if (group.join != before || group.image != image_before || group.doubtful != was_doubtful) {
    conclude(group);
  }
}

std::vector<Place> Inventory::places_of(const ImageRecord& image) const {
  std::vector<Place> places;
  for (const auto& [key, location] : image.locations) {
    if (!location.removed_at) {
      places.push_back({location.environment, key.repository, {}});
    }
  }
  using RunningPlace = std::tuple<std::string_view, std::string_view, std::string_view>;
  std::vector<RunningPlace> running;
  for (const ImageGroup* group : groups_of(image.digest)) {
    std::string_view repository = group->repository;
    if (repository.empty() && !image.locations.empty()) {
      repository = image.locations.begin()->first.repository;
    }
    for (const auto& [whereabouts, workloads] : group->whereabouts) {
      running.emplace_back(*whereabouts.first, repository, *whereabouts.second);
    }
  }
  std::sort(running.begin(), running.end());
  running.erase(std::unique(running.begin(), running.end()), running.end());
  places.reserve(places.size() + running.size());
  for (const auto& [environment, repository, namespace_name] : running) {
    places.push_back(
        {std::string(environment), std::string(repository), std::string(namespace_name)});
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
  const std::vector<const ImageGroup*> groups = groups_of(image.digest);
  image.running = !groups.empty();
  if (image.running) {
    TimePoint first = image.first_running_at.value_or(now);
    for (const ImageGroup* group : groups) {
      // When a container started tells nothing of an image that it only may have.
      if (group->earliest_start && !group->doubtful) {
        first = std::min(first, *group->earliest_start);
      }
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
  judge_image(image);
  name_owner(image, places);
}

void Inventory::name_owner(ImageRecord& image, const std::vector<Place>& places) {
  image.environment.clear();
  image.owner.clear();
  for (const Place& place : places) {
    if (image.environment.empty() || place.environment == production_environment) {
      image.environment = place.environment;
    }
  }
  for (const ImageGroup* group : groups_of(image.digest)) {
    for (const auto& [quarter, count] : group->quarters) {
      image.owner = image.owner.empty() ? *quarter.owner : image.owner;
    }
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

void Inventory::judge_image(ImageRecord& image) {
  Judgement& judgement = image.judgement;
  judgement = Judgement();
  if (image.standings.empty()) {
    judgement.reason = "the image is not in a monitored registry";
    return;
  }
  const bool any_bound = std::any_of(image.standings.begin(), image.standings.end(),
                                     [](const PolicyStanding& item) { return item.bound; });
  judgement.verdict = Verdict::compliant;
  for (const PolicyStanding& standing : image.standings) {
    if (any_bound && !standing.bound) {
      continue;
    }
    const Verdict verdict = verdict_of(standing.standing.state, image.platform_unproven);
    if (verdict >= judgement.verdict) {
      judgement.verdict = verdict;
      judgement.reason =
          "policy " + standing.policy + ": " + std::string(to_string(standing.standing.state));
    }
    if (!judgement.deadline_at || standing.standing.deadline_at < *judgement.deadline_at) {
      judgement.deadline_at = standing.standing.deadline_at;
    }
  }
}

}  // namespace scanclock
