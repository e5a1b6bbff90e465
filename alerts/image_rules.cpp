#include "alerts/image_rules.hpp"

#include "alerts/rule_parts.hpp"
#include "core/domain/views.hpp"

#include <algorithm>

namespace scanclock::alerts {
namespace {

/// A deadline is the last moment of compliance; the next one is this much later.
constexpr Duration resolution = Duration(1);

struct Subject {
  const RuleInput& input;
  const ImageRecord& image;
  const Running& running;
  Observation observation;
};

std::string environment_of(const ImageRecord& image, const Running& running) {
  std::vector<std::string> environments(running.environments.begin(), running.environments.end());
  if (environments.empty()) {
    for (const auto& [key, location] : image.locations) {
      if (!location.removed_at) {
        environments.push_back(location.environment);
      }
    }
  }
  return worst_environment(environments);
}

/// Empty while the sources answer for the image.
std::string observation_note(const Subject& subject) {
  const Observation& observation = subject.observation;
  if (observation.status == Observation::Status::unknown) {
    std::string note = "evidence not observable";
    if (observation.since) {
      note += " since " + format_rfc3339(*observation.since);
    }
    return observation.reason.empty() ? note : note + ": " + observation.reason;
  }
  for (const auto& [key, location] : subject.image.locations) {
    if (!location.removed_at && subject.input.sources.is_blind(key.registry, subject.input.now)) {
      return "evidence not observable: registry " + key.registry + " does not answer";
    }
  }
  if (observation.status == Observation::Status::not_asked_yet) {
    return "evidence not observable: the registry has not been asked about it yet";
  }
  return {};
}

std::string summary_of(const Condition& condition, const std::string& name,
                       const Standing& standing) {
  const std::string deadline = format_rfc3339(standing.deadline_at);
  if (condition.key.rule == rule_scan_due_soon) {
    return name + " must be scanned by " + deadline;
  }
  if (condition.key.rule == rule_scan_overdue) {
    return name + " is overdue for a vulnerability scan since " + deadline;
  }
  return name + " has never been scanned for vulnerabilities";
}

std::string description_of(const Subject& subject, const Condition& condition,
                           const VersionedPolicy& policy, const std::string& clusters) {
  std::string text = "Image " + subject.image.digest.str();
  text += clusters.empty() ? " does not run" : " runs in " + clusters;
  text += "; policy " + policy.policy.name;
  if (condition.key.rule == rule_never_scanned) {
    text += " wants an accepted vulnerability scan, and none is known";
    if (subject.image.platform_unproven) {
      text += " (a scan of its index does not prove this platform)";
    }
  } else {
    text += " accepts a scan for " + format_duration(policy.policy.window);
  }
  const EvidenceRecord* last = subject.image.last_scan
                                   ? subject.input.inventory.evidence(*subject.image.last_scan)
                                   : nullptr;
  if (last != nullptr && last->evidence.report.finished_at) {
    text += "; the last one finished at " + format_rfc3339(*last->evidence.report.finished_at);
  }
  return text + ".";
}

Condition make_condition(const Subject& subject, std::string_view rule,
                         const PolicyStanding& standing, const VersionedPolicy& policy) {
  Condition condition;
  condition.key = AlertKey{std::string(rule), subject.image.digest.str(), standing.policy};
  condition.environment = environment_of(subject.image, subject.running);
  condition.owner = subject.running.owner.empty() ? subject.image.owner : subject.running.owner;
  const bool grave = rule != rule_scan_due_soon && subject.running.any() &&
                     condition.environment == production_environment;
  condition.severity = grave ? Severity::critical : Severity::warning;
  condition.stage = standing.standing.stage;
  complete(condition, "digest", subject.input.settings);

  const std::string clusters = join_names(subject.running.sources);
  const std::string name = asset_id(subject.image);
  set_annotation(condition, "image", name);
  set_annotation(condition, "summary", summary_of(condition, name, standing.standing));
  set_annotation(condition, "description", description_of(subject, condition, policy, clusters));
  set_annotation(condition, "stage", std::to_string(condition.stage));
  set_annotation(condition, annotation_deadline, format_rfc3339(standing.standing.deadline_at));
  set_annotation(condition, annotation_policy_version, std::to_string(standing.version));
  if (!clusters.empty()) {
    set_annotation(condition, annotation_clusters, clusters);
  }
  const std::string contact = contact_of(subject.input.inventory.scope(), condition.owner);
  if (!contact.empty()) {
    set_annotation(condition, "contact", contact);
  }
  const std::string note = observation_note(subject);
  if (!note.empty()) {
    set_annotation(condition, annotation_observation, note);
  }
  return condition;
}

bool is_listed_platform(const Inventory& inventory, const Policy& policy, const Digest& image) {
  const Manifest* manifest = inventory.graph().find(image);
  return manifest != nullptr &&
         std::any_of(policy.platforms.begin(), policy.platforms.end(),
                     [&](const Platform& wanted) { return matches(wanted, manifest->platform); });
}

/// True when another platform of one of the image's indexes runs.
bool sibling_runs(const Inventory& inventory, const Digest& image) {
  for (const Digest& index : inventory.graph().indexes_above(image)) {
    for (const ManifestChild& child : inventory.graph().runnable_children(index)) {
      if (child.digest != image && running_of(inventory, child.digest).any()) {
        return true;
      }
    }
  }
  return false;
}

/// "Never scanned" is said only after every evidence source has answered; but silence of theirs
/// must not hide an unscanned image for ever, so the wait has an end. It begins when they could
/// first be asked, for most containers are older than our knowledge of their images.
bool may_say_never_scanned(const Subject& subject, const Standing& standing,
                           std::optional<TimePoint>& next_change_at) {
  const TimePoint now = subject.input.now;
  TimePoint since = subject.image.first_running_at.value_or(now);
  if (!subject.running.any()) {
    if (now <= standing.deadline_at) {
      keep_earlier(next_change_at, standing.deadline_at + resolution);
      return false;
    }
    since = standing.deadline_at + resolution;
  }
  if (subject.observation.status == Observation::Status::ok) {
    return true;
  }
  since = std::max(since, subject.image.first_seen_at);
  const TimePoint held_until = since + subject.input.settings.never_scanned_hold;
  if (now >= held_until) {
    return true;
  }
  keep_earlier(next_change_at, held_until);
  return false;
}

}  // namespace

Running running_of(const Inventory& inventory, const Digest& image) {
  return running_of(inventory.groups_of(image));
}

Running running_of(const std::vector<const ImageGroup*>& groups) {
  Running running;
  for (const ImageGroup* group : groups) {
    for (const auto& [quarter, count] : group->quarters) {
      if (quarter.ignored) {
        running.only_ignored = true;
        continue;
      }
      running.environments.insert(*quarter.environment);
      running.sources.insert(*quarter.source);
      running.owner = running.owner.empty() ? *quarter.owner : running.owner;
    }
  }
  running.only_ignored = running.only_ignored && !running.any();
  return running;
}

const VersionedPolicy* find_policy(const Scope& scope, std::string_view name) {
  const auto found =
      std::find_if(scope.policies.begin(), scope.policies.end(),
                   [&](const VersionedPolicy& policy) { return policy.policy.name == name; });
  return found == scope.policies.end() ? nullptr : &*found;
}

const PolicyStanding* find_standing(const ImageRecord& image, std::string_view policy) {
  const auto found =
      std::find_if(image.standings.begin(), image.standings.end(),
                   [&](const PolicyStanding& standing) { return standing.policy == policy; });
  return found == image.standings.end() ? nullptr : &*found;
}

bool stands_anywhere(const ImageRecord& image) {
  return std::any_of(image.locations.begin(), image.locations.end(),
                     [](const auto& entry) { return !entry.second.removed_at; });
}

bool alerts_about(const Inventory& inventory, const PolicyStanding& standing,
                  const VersionedPolicy& policy, const ImageRecord& image, const Running& running) {
  if (!standing.bound || running.only_ignored) {
    return false;
  }
  if (running.any()) {
    return true;
  }
  if (!stands_anywhere(image)) {
    return false;
  }
  // Of an index that is deployed, the platforms that nobody deploys raise nothing unless the
  // policy lists them (design.md, rule 5).
  const bool listed = is_listed_platform(inventory, policy.policy, image.digest);
  if (policy.policy.alert_on == AlertOn::registry) {
    return listed || !sibling_runs(inventory, image.digest);
  }
  return listed && sibling_runs(inventory, image.digest);
}

std::optional<TimePoint> first_answers_awaited_until(const RuleInput& input, const Digest& digest) {
  const ImageRecord* image = input.inventory.image(digest);
  if (image == nullptr) {
    return std::nullopt;
  }
  std::optional<TimePoint> until;
  if (const auto gap = input.inventory.unasked_gap(*image);
      gap && gap->to - gap->from > input.settings.unwatched_max) {
    until = gap->to + input.settings.first_answer_hold;
  }
  if (input.sources.awaits_first_answer(SourceKind::spool, input.now)) {
    until = std::max(until, std::optional(input.now + first_reading_recheck));
  }
  return until && input.now < *until ? until : std::nullopt;
}

Assessment assess_image(const RuleInput& input, const Digest& digest) {
  Assessment assessment;
  const ImageRecord* image = input.inventory.image(digest);
  if (image == nullptr) {
    return assessment;
  }
  const Running running = running_of(input.inventory, digest);
  const Subject subject{input, *image, running, input.inventory.observation(*image)};
  for (const PolicyStanding& standing : image->standings) {
    const VersionedPolicy* policy = find_policy(input.inventory.scope(), standing.policy);
    if (policy == nullptr || !alerts_about(input.inventory, standing, *policy, *image, running)) {
      continue;
    }
    const State state = standing.standing.state;
    std::string_view rule;
    if (state == State::due_soon) {
      rule = rule_scan_due_soon;
    } else if (state == State::overdue) {
      rule = rule_scan_overdue;
    } else if (state == State::never_scanned &&
               may_say_never_scanned(subject, standing.standing, assessment.next_change_at)) {
      rule = rule_never_scanned;
    }
    if (!rule.empty()) {
      assessment.conditions.push_back(make_condition(subject, rule, standing, *policy));
    }
  }
  return assessment;
}

}  // namespace scanclock::alerts
