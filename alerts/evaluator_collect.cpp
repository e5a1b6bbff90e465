#include "alerts/evaluator_step.hpp"
#include "alerts/rule_parts.hpp"

#include <utility>

namespace scanclock::alerts {
namespace {

TimerKind timer_kind_of(std::string_view rule) {
  if (rule == rule_image_unresolved) {
    return reference_timer;
  }
  if (rule == rule_source_blind) {
    return source_timer;
  }
  if (rule == rule_unmonitored_registry) {
    return registry_host_timer;
  }
  return rule == rule_evidence_rejected ? evidence_timer : image_timer;
}

}  // namespace

std::string timer_name(TimerKind kind, const std::string& subject) {
  return std::string(1, kind) + subject;
}

void Evaluator::collect(Step& step, const Touched& touched,
                        const std::vector<DecisionRow>& decided) {
  const Inventory& inventory = step.input.inventory;
  step.images = touched.images;
  for (const ContainerKey& key : touched.containers) {
    const ContainerRecord* found = inventory.containers().find(key.source, key.id);
    if (found == nullptr) {
      continue;
    }
    if (!found->join().image.empty()) {
      step.images.insert(found->join().image);
    }
    if (is_unresolved(*found)) {
      step.references.insert(reference_of(*found));
    }
    if (found->group != nullptr && found->group->images->image == nullptr) {
      step.registry_hosts.insert(found->group->images->host);
    }
  }
  if (!touched.containers.empty()) {
    // A container that was resolved or has ended names no reference any more.
    for (const AlertKey& key : book_.keys_of_rule(rule_image_unresolved)) {
      step.references.insert(key.subject);
    }
    for (const AlertKey& key : book_.keys_of_rule(rule_unmonitored_registry)) {
      step.registry_hosts.insert(key.subject);
    }
  }
  for (const DecisionRow& row : decided) {
    step.evidence.insert(row.evidence.digest);
  }
  for (const SourceStatus& status : step.input.sources.all()) {
    step.sources.insert(status.name);
  }
  for (const AlertKey& key : book_.keys_of_rule(rule_source_blind)) {
    step.sources.insert(key.subject);
  }
  collect_due(step);
}

void Evaluator::collect_due(Step& step) {
  for (const std::string& timer : timers_.take_due(step.input.now)) {
    look_at_timer(step, timer);
  }
  for (const AlertKey& key : std::exchange(look_at_, {})) {
    look_at(step, key);
  }
  if (look_at_all_) {
    collect_all(step);
  }
}

void Evaluator::collect_all(Step& step) const {
  for (const AlertKey& key : book_.keys()) {
    look_at(step, key);
  }
  for (const auto& [digest, image] : step.input.inventory.images()) {
    step.images.insert(digest);
  }
  for (const ContainerRecord& container : step.input.inventory.containers()) {
    if (is_unresolved(container)) {
      step.references.insert(reference_of(container));
    }
  }
  for (const std::string& host : step.input.inventory.container_hosts()) {
    step.registry_hosts.insert(host);
  }
  for (const auto& [key, record] : step.input.inventory.all_evidence()) {
    step.evidence.insert(key.digest);
  }
}

void Evaluator::look_at(Step& step, const AlertKey& key) const {
  look_at_timer(step, timer_name(timer_kind_of(key.rule), key.subject));
}

void Evaluator::look_at_timer(Step& step, const std::string& timer) const {
  const std::string subject = timer.substr(1);
  const auto digest = Digest::parse(subject);
  if (timer[0] == image_timer && digest) {
    step.images.insert(*digest);
  } else if (timer[0] == evidence_timer && digest) {
    step.evidence.insert(*digest);
  } else if (timer[0] == reference_timer) {
    step.references.insert(subject);
  } else if (timer[0] == registry_host_timer) {
    step.registry_hosts.insert(subject);
  } else if (timer[0] == source_timer) {
    step.sources.insert(subject);
  }
}

}  // namespace scanclock::alerts
