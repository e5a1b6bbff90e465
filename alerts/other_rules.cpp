#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"
#include "alerts/rules.hpp"
#include "core/domain/scope.hpp"

#include <algorithm>

namespace scanclock::alerts {
namespace {

std::string source_environment(const Scope& scope, const SourceStatus& status) {
  if (status.kind == SourceKind::workload) {
    return workload_environment(scope, status.name, {});
  }
  return registry_environment(scope, status.name, {});
}

/// What nobody knows while a source is not seen.
std::string unknown_while_blind(const Inventory& inventory, const SourceStatus& status) {
  if (status.kind != SourceKind::workload) {
    return "Until it answers, nothing about what it holds is confirmed.";
  }
  const ContainerTable::OfSource* shown = inventory.containers().of(status.name);
  const std::size_t count = shown == nullptr ? 0 : shown->size();
  std::string text =
      "Which containers began, ended or changed their image there since then is not "
      "known; " +
      std::to_string(count) + " that it showed last keep their verdicts";
  if (status.namespaces) {
    text += ". It sees only the namespaces " + join_names(*status.namespaces);
  }
  return text + ".";
}

/// Those that bear a reference and could not be joined, the ignored ones left out.
struct Unresolved {
  Running running;
  Verdict verdict = Verdict::unresolved;
  std::string reason;
  bool is_due = false;
  std::optional<TimePoint> next_change_at;

  void note_begin(TimePoint since, TimePoint now) {
    if (now >= since + unresolved_hold) {
      is_due = true;
    } else {
      keep_earlier(next_change_at, since + unresolved_hold);
    }
  }
};

bool is_open(const ImageGroup& group) { return group.verdict() >= Verdict::ambiguous; }

/// Of a container about which nothing was concluded yet the time begins now.
void note_begins(const ImageGroup& group, TimePoint now, Unresolved& unresolved) {
  const TimePoint from = group.unresolved_from.value_or(now);
  if (now < from + unresolved_hold) {
    unresolved.note_begin(from, now);
    return;
  }
  // Who began first may have ended since; mostly the first one that is looked at is due.
  for (const auto& [place, workload] : group.workloads) {
    for (const ContainerRecord& container : workload.members) {
      if (unresolved.is_due) {
        return;
      }
      if (!workload.ignored()) {
        unresolved.note_begin(container.unresolved_since.value_or(now), now);
      }
    }
  }
}

Unresolved unresolved_of(const Bearers& bearers, TimePoint now) {
  Unresolved unresolved;
  std::vector<const ImageGroup*> groups = bearers.groups;
  std::erase_if(groups, [](const ImageGroup* group) { return !is_open(*group); });
  unresolved.running = running_of(groups);
  for (const ImageGroup* group : groups) {
    if (!running_of({group}).any()) {
      continue;
    }
    if (unresolved.reason.empty()) {
      const ContainerRecord& first = group->workloads.begin()->second.members.front();
      unresolved.verdict = first.verdict();
      unresolved.reason = first.reason();
    }
    note_begins(*group, now, unresolved);
  }
  const ContainerRecord* single = bearers.single;
  if (single != nullptr && !single->ignored() && is_unresolved(*single)) {
    unresolved.running.environments.insert(single->environment());
    unresolved.running.sources.insert(single->source());
    unresolved.running.owner = single->owner();
    unresolved.verdict = single->verdict();
    unresolved.reason = single->reason();
    unresolved.note_begin(single->unresolved_since.value_or(now), now);
  }
  return unresolved;
}

Condition unresolved_condition(const RuleInput& input, const std::string& reference,
                               const Unresolved& unresolved) {
  const Running& running = unresolved.running;
  Condition condition;
  condition.key.rule = rule_image_unresolved;
  condition.key.subject = reference;
  condition.owner = running.owner;
  condition.environment =
      worst_environment({running.environments.begin(), running.environments.end()});
  complete(condition, "image", input.settings);
  set_annotation(condition, "summary", reference + " runs, but cannot be joined to a unique image");
  set_annotation(condition, "description",
                 "Containers of " + reference + " run in " + join_names(running.sources) + ": " +
                     std::string(to_string(unresolved.verdict)) + ", " + unresolved.reason +
                     ". Whether they were scanned is therefore unknown.");
  set_annotation(condition, annotation_clusters, join_names(running.sources));
  const std::string contact = contact_of(input.inventory.scope(), condition.owner);
  if (!contact.empty()) {
    set_annotation(condition, "contact", contact);
  }
  return condition;
}

}  // namespace

std::string reference_of(const ContainerImage& printed) {
  if (!printed.image.empty()) {
    return printed.image;
  }
  return printed.digests.empty() ? std::string() : printed.digests.front().str();
}

std::string reference_of(const ContainerKey& container) {
  return container.source + "/" + container.id.str();
}

std::string reference_of(const ContainerRecord& container) {
  std::string reference = reference_of(*container.printed);
  return reference.empty() ? reference_of(container.key()) : reference;
}

bool is_unresolved(const ContainerRecord& container) {
  return container.verdict() >= Verdict::ambiguous;
}

Bearers bearers_of(const Inventory& inventory, const std::string& reference) {
  Bearers bearers;
  bearers.groups = inventory.groups_named(reference);
  // A container without a reference bears a name of ours.
  if (const auto digest = Digest::parse(reference)) {
    for (const ImageGroup* group : inventory.groups_printing(*digest)) {
      if (group->printed->image.empty() && reference_of(*group->printed) == reference) {
        bearers.groups.push_back(group);
      }
    }
  }
  for (std::size_t slash = reference.find('/'); slash != std::string::npos;
       slash = reference.find('/', slash + 1)) {
    const ContainerRecord* found = inventory.containers().find(
        std::string_view(reference).substr(0, slash), reference.substr(slash + 1));
    if (found != nullptr && !found->ended_at && reference_of(*found->printed).empty()) {
      bearers.single = found;
    }
  }
  return bearers;
}

Assessment assess_reference(const RuleInput& input, const std::string& reference,
                            const Bearers& bearers) {
  Assessment assessment;
  const Unresolved unresolved = unresolved_of(bearers, input.now);
  assessment.next_change_at = unresolved.next_change_at;
  if (unresolved.is_due) {
    assessment.conditions.push_back(unresolved_condition(input, reference, unresolved));
  }
  return assessment;
}

std::optional<Ending> reference_ending(const RuleInput& input, const Alert& alert,
                                       const Bearers& bearers) {
  if (unresolved_of(bearers, input.now).running.any()) {
    return std::nullopt;
  }
  const bool runs_single = bearers.single != nullptr && !bearers.single->ignored();
  if (runs_single || running_of(bearers.groups).any()) {
    return Ending{"resolved"};
  }
  if (!views_complete(input.sources, annotation(alert, annotation_clusters))) {
    return std::nullopt;
  }
  return Ending{"not_running", not_running_hold};
}

Assessment assess_source(const RuleInput& input, const std::string& name) {
  Assessment assessment;
  const SourceStatus* status = input.sources.find(name);
  if (status == nullptr || !input.sources.is_blind(name, input.now)) {
    return assessment;
  }
  Condition condition;
  condition.key.rule = rule_source_blind;
  condition.key.subject = name;
  condition.environment = source_environment(input.inventory.scope(), *status);
  complete(condition, "source", input.settings);
  const std::string kind(to_string(status->kind));
  set_annotation(condition, "summary", kind + " " + name + " is not observed");
  std::string description = "The " + kind + " source " + name + " does not answer since " +
                            format_rfc3339(*status->failing_since) + ": " + status->reason;
  if (!status->detail.empty()) {
    description += " (" + status->detail + ")";
  }
  set_annotation(condition, "description",
                 description + ". " + unknown_while_blind(input.inventory, *status));
  if (status->unattended) {
    set_annotation(
        condition, "remediation",
        "put its entry back into the settings, or push its workloads; when it is gone for "
        "good, say so with scanclock source confirm " +
            name);
  }
  set_annotation(condition, "reason", status->reason);
  set_annotation(condition, "kind", kind);
  assessment.conditions.push_back(std::move(condition));
  return assessment;
}

std::optional<Ending> source_ending(const RuleInput& input, const Alert& alert) {
  const SourceStatus* status = input.sources.find(alert.key.subject);
  if (status == nullptr) {
    return Ending{"removed"};
  }
  // Failing for less than blind_after, as after a restart, is no answer yet.
  return status->failing_since ? std::nullopt : std::optional(Ending{"answered"});
}

}  // namespace scanclock::alerts
