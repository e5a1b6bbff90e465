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

Condition unresolved_condition(const RuleInput& input, const std::string& reference,
                               const std::vector<const ContainerRecord*>& unresolved) {
  Condition condition;
  condition.key.rule = rule_image_unresolved;
  condition.key.subject = reference;
  std::vector<std::string> environments;
  std::set<std::string> sources;
  for (const ContainerRecord* container : unresolved) {
    environments.push_back(container->environment());
    sources.insert(container->source());
    condition.owner = condition.owner.empty() ? container->owner() : condition.owner;
  }
  condition.environment = worst_environment(environments);
  complete(condition, "image", input.settings);
  set_annotation(condition, "summary", reference + " runs, but cannot be joined to a unique image");
  set_annotation(condition, "description",
                 "Containers of " + reference + " run in " + join_names(sources) + ": " +
                     std::string(to_string(unresolved.front()->verdict())) + ", " +
                     unresolved.front()->reason() +
                     ". Whether they were scanned is therefore unknown.");
  set_annotation(condition, annotation_clusters, join_names(sources));
  const std::string contact = contact_of(input.inventory.scope(), condition.owner);
  if (!contact.empty()) {
    set_annotation(condition, "contact", contact);
  }
  return condition;
}

}  // namespace

std::string reference_of(const ContainerRecord& container) {
  if (!container.image().empty()) {
    return container.image();
  }
  if (!container.digests().empty()) {
    return container.digests().front().str();
  }
  return container.source() + "/" + container.id.str();
}

bool is_unresolved(const ContainerRecord& container) {
  return container.verdict() >= Verdict::ambiguous;
}

std::vector<const ContainerRecord*> bearers_of(const Inventory& inventory,
                                               const std::string& reference) {
  std::vector<const ContainerRecord*> bearers = inventory.containers_named(reference);
  // A container without a reference bears a name of ours.
  for (const ContainerRecord* container : inventory.containers_named({})) {
    if (reference_of(*container) == reference) {
      bearers.push_back(container);
    }
  }
  return bearers;
}

Assessment assess_reference(const RuleInput& input, const std::string& reference,
                            const std::vector<const ContainerRecord*>& containers) {
  Assessment assessment;
  std::vector<const ContainerRecord*> unresolved;
  bool due = false;
  for (const ContainerRecord* container : containers) {
    if (!is_unresolved(*container) || container->ignored() || container->ended_at) {
      continue;
    }
    unresolved.push_back(container);
    const TimePoint due_at =
        container->unresolved_since.value_or(container->first_seen_at) + unresolved_hold;
    if (input.now >= due_at) {
      due = true;
    } else {
      keep_earlier(assessment.next_change_at, due_at);
    }
  }
  if (due) {
    assessment.conditions.push_back(unresolved_condition(input, reference, unresolved));
  }
  return assessment;
}

std::optional<Ending> reference_ending(const RuleInput& input, const Alert& alert,
                                       const std::vector<const ContainerRecord*>& containers) {
  bool any_live = false;
  for (const ContainerRecord* container : containers) {
    if (container->ignored() || container->ended_at) {
      continue;
    }
    any_live = true;
    if (is_unresolved(*container)) {
      return std::nullopt;
    }
  }
  if (any_live) {
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
