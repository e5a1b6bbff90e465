#include "alerts/evaluator_step.hpp"
#include "alerts/rule_parts.hpp"
#include "core/domain/image_reference.hpp"

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

bool Evaluator::is_open(std::string_view rule, const std::string& subject) const {
  return book_.find(AlertKey{std::string(rule), subject, {}}) != nullptr;
}

void Evaluator::touch(const Inventory& inventory, const Touched& touched,
                      const std::vector<DecisionRow>& decided) {
  waiting_.images.insert(touched.images.begin(), touched.images.end());
  for (const ContainerKey& key : touched.containers) {
    touch_container(inventory, key);
  }
  for (const auto& [address, printed] : touched.left) {
    touch_left(*printed);
  }
  for (const DecisionRow& row : decided) {
    waiting_.evidence.insert(row.evidence.digest);
  }
}

void Evaluator::touch_container(const Inventory& inventory, const ContainerKey& key) {
  const ContainerRecord* found = inventory.containers().find(key.source, key.id);
  if (found == nullptr || found->group == nullptr) {
    if (std::string reference = reference_of(key); is_open(rule_image_unresolved, reference)) {
      waiting_.references.insert(std::move(reference));
    }
    return;
  }
  const ImageGroup& images = *found->group->images;
  if (!images.join.image.empty()) {
    waiting_.images.insert(images.join.image);
  }
  std::string reference = reference_of(*found);
  if (is_unresolved(*found) || is_open(rule_image_unresolved, reference)) {
    waiting_.references.insert(std::move(reference));
  }
  if (images.image == nullptr || is_open(rule_unmonitored_registry, images.host)) {
    waiting_.registry_hosts.insert(images.host);
  }
}

/// A container that ended or was printed anew names its reference no more.
void Evaluator::touch_left(const ContainerImage& printed) {
  if (std::string reference = reference_of(printed); is_open(rule_image_unresolved, reference)) {
    waiting_.references.insert(std::move(reference));
  }
  const auto parsed = parse_image_reference(printed.image);
  if (parsed && is_open(rule_unmonitored_registry, parsed->host)) {
    waiting_.registry_hosts.insert(parsed->host);
  }
}

/// Of what waits as much as one evaluation may look at.
void Evaluator::collect(Step& step) {
  collect_due(step);
  for (const SourceStatus& status : step.input.sources.all()) {
    step.sources.insert(status.name);
  }
  for (const AlertKey& key : book_.keys_of_rule(rule_source_blind)) {
    step.sources.insert(key.subject);
  }
  std::size_t room = subjects_at_once;
  const auto take = [&room](auto& from, auto& to) {
    for (; room > 0 && !from.empty(); --room) {
      to.insert(from.extract(from.begin()));
    }
  };
  take(waiting_.images, step.images);
  take(waiting_.references, step.references);
  take(waiting_.registry_hosts, step.registry_hosts);
  take(waiting_.evidence, step.evidence);
}

void Evaluator::collect_due(Step& step) {
  // What becomes due again while a round goes on waits for the next one, or none would end.
  if (!in_round_ || look_at_all_) {
    for (const std::string& timer : timers_.take_due(step.input.now)) {
      look_at_timer(timer);
    }
  }
  for (const AlertKey& key : std::exchange(look_at_, {})) {
    look_at(key);
  }
  if (look_at_all_) {
    collect_all(step.input.inventory);
  }
  step.sources.merge(std::exchange(waiting_sources_, {}));
}

void Evaluator::collect_all(const Inventory& inventory) {
  for (const AlertKey& key : book_.keys()) {
    look_at(key);
  }
  for (const auto& [digest, image] : inventory.images()) {
    waiting_.images.insert(waiting_.images.end(), digest);
  }
  for (const std::string& reference : inventory.container_references()) {
    for (const ImageGroup* group : inventory.groups_named(reference)) {
      if (group->verdict() < Verdict::ambiguous) {
        continue;
      }
      if (std::string name = reference_of(*group->printed); !name.empty()) {
        waiting_.references.insert(std::move(name));
        continue;
      }
      for (const auto& [place, workload] : group->workloads) {
        for (const ContainerRecord& container : workload.members) {
          waiting_.references.insert(reference_of(container.key()));
        }
      }
    }
  }
  for (const std::string& host : inventory.container_hosts()) {
    waiting_.registry_hosts.insert(host);
  }
  for (const auto& [key, record] : inventory.all_evidence()) {
    waiting_.evidence.insert(key.digest);
  }
}

void Evaluator::look_at(const AlertKey& key) {
  look_at_timer(timer_name(timer_kind_of(key.rule), key.subject));
}

void Evaluator::look_at_timer(const std::string& timer) {
  const std::string subject = timer.substr(1);
  const auto digest = Digest::parse(subject);
  if (timer[0] == image_timer && digest) {
    waiting_.images.insert(*digest);
  } else if (timer[0] == evidence_timer && digest) {
    waiting_.evidence.insert(*digest);
  } else if (timer[0] == reference_timer) {
    waiting_.references.insert(subject);
  } else if (timer[0] == registry_host_timer) {
    waiting_.registry_hosts.insert(subject);
  } else if (timer[0] == source_timer) {
    waiting_sources_.insert(subject);
  }
}

}  // namespace scanclock::alerts
