#include "alerts/evaluator.hpp"

#include "alerts/evaluator_step.hpp"
#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace scanclock::alerts {
namespace {

/// A lapsed alert that may not end yet because something does not answer is looked at this often.
constexpr Duration recheck_every = std::chrono::minutes(1);

constexpr std::array<std::string_view, 4> image_rules{rule_scan_due_soon, rule_scan_overdue,
                                                      rule_never_scanned, rule_ran_before_scan};

/// Timers are named after the subject: a letter for its kind, then the subject itself.
enum TimerKind : char {
  image_timer = 'i',
  reference_timer = 'r',
  registry_host_timer = 'h',
  source_timer = 's',
  evidence_timer = 'e'
};

std::string timer_name(TimerKind kind, const std::string& subject) {
  return std::string(1, kind) + subject;
}

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

Evaluator::Evaluator(EvaluatorOptions options, AlertBook::NewId new_id) : book_(std::move(new_id)) {
  configure(std::move(options));
}

void Evaluator::configure(EvaluatorOptions options) {
  router_ = std::make_unique<Router>(options.routes, options.receivers);
  options_ = std::move(options);
  webhooks_.clear();
  for (const Receiver& receiver : options_.receivers) {
    if (receiver.webhook) {
      webhooks_[receiver.name] = receiver.webhook->format;
    }
  }
  look_at_all_ = true;
}

void Evaluator::restore(const Snapshot& snapshot) {
  book_.restore(snapshot.alerts);
  silences_.restore(snapshot.silences, snapshot.acknowledgements);
  look_at_all_ = true;
}

void Evaluator::put(Silence silence) {
  noted_.silences.push_back(silence);
  silences_.put(std::move(silence));
}

void Evaluator::put(Acknowledgement acknowledgement) {
  noted_.acknowledgements.push_back(acknowledgement);
  silences_.put(std::move(acknowledgement));
}

ChangeSet Evaluator::evaluate(const Inventory& inventory, const SourceBook& sources,
                              const Touched& touched, const std::vector<DecisionRow>& decided,
                              TimePoint now) {
  Step step{RuleInput{inventory, sources, options_.rules, now}, {}, {}, {}, {}, {}, {}};
  step.changes = std::exchange(noted_, ChangeSet());
  collect(step, touched, decided);
  for (const Digest& digest : step.images) {
    step_image(step, digest);
  }
  step_references(step);
  for (const std::string& host : step.registry_hosts) {
    step_registry_host(step, host);
  }
  for (const std::string& source : step.sources) {
    step_source(step, source);
  }
  for (const Digest& digest : step.evidence) {
    step_evidence(step, digest);
  }
  book_.forget_ended_before(now - ended_alerts_kept);
  sources_change_at_ = sources.next_change_at(now);
  look_at_all_ = false;
  return std::move(step.changes);
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
  std::vector<std::string> due = timers_.take_due(step.input.now);
  if (look_at_all_) {
    for (const AlertKey& key : book_.keys()) {
      due.push_back(timer_name(timer_kind_of(key.rule), key.subject));
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
  for (const std::string& timer : due) {
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
}

template <class EndingOf>
void Evaluator::apply(Step& step, const std::string& timer, const std::vector<AlertKey>& open,
                      const Assessment& assessment, const EndingOf& ending_of) {
  const TimePoint now = step.input.now;
  std::optional<TimePoint> next = assessment.next_change_at;
  const auto holds = [&](const AlertKey& key) {
    return std::any_of(assessment.conditions.begin(), assessment.conditions.end(),
                       [&](const Condition& condition) { return condition.key == key; });
  };
  std::vector<AlertKey> still_open;
  for (const AlertKey& key : open) {
    if (holds(key)) {
      continue;
    }
    const std::optional<Ending> ending = ending_of(*book_.find(key));
    if (auto transition = book_.lapsed(key, ending, now)) {
      emit(step, std::move(*transition));
    } else {
      keep_earlier(next, ending ? *book_.hold_ends_at(key) : now + recheck_every);
      still_open.push_back(key);
    }
  }
  for (const Condition& condition : assessment.conditions) {
    if (auto transition = book_.holds(condition, now)) {
      emit(step, std::move(*transition));
    }
    still_open.push_back(condition.key);
  }
  for (const AlertKey& key : still_open) {
    repeat(step, key);
    note_timers(next, key, now);
  }
  timers_.set(timer, next);
}

void Evaluator::step_image(Step& step, const Digest& digest) {
  std::vector<AlertKey> open;
  for (const std::string_view rule : image_rules) {
    const std::vector<AlertKey> keys = book_.keys_of(rule, digest.str());
    open.insert(open.end(), keys.begin(), keys.end());
  }
  Assessment assessment = assess_image(step.input, digest);
  Assessment order = assess_order(step.input, digest);
  if (order.next_change_at) {
    keep_earlier(assessment.next_change_at, *order.next_change_at);
  }
  std::move(order.conditions.begin(), order.conditions.end(),
            std::back_inserter(assessment.conditions));
  const auto held_until = first_answers_awaited_until(step.input, digest);
  if (held_until) {
    std::erase_if(assessment.conditions, [this](const Condition& condition) {
      return book_.find(condition.key) == nullptr;
    });
    keep_earlier(assessment.next_change_at, *held_until);
  }
  const auto ending_of = [&](const Alert& alert) {
    if (alert.key.rule == rule_ran_before_scan) {
      return order_ending(step.input, alert);
    }
    std::optional<Ending> ending = image_ending(step.input, alert);
    // Not before what supersedes it may begin.
    const bool is_early = held_until && ending && ending->reason == superseded;
    return is_early ? std::nullopt : ending;
  };
  apply(step, timer_name(image_timer, digest.str()), open, assessment, ending_of);
}

void Evaluator::step_references(Step& step) {
  for (const std::string& reference : step.references) {
    const auto bearers = bearers_of(step.input.inventory, reference);
    const auto ending_of = [&](const Alert& alert) {
      return reference_ending(step.input, alert, bearers);
    };
    apply(step, timer_name(reference_timer, reference),
          book_.keys_of(rule_image_unresolved, reference),
          assess_reference(step.input, reference, bearers), ending_of);
  }
}

void Evaluator::step_registry_host(Step& step, const std::string& host) {
  const auto ending_of = [&](const Alert& alert) {
    return registry_host_ending(step.input, alert);
  };
  apply(step, timer_name(registry_host_timer, host), book_.keys_of(rule_unmonitored_registry, host),
        assess_registry_host(step.input, host), ending_of);
}

void Evaluator::step_source(Step& step, const std::string& name) {
  const auto ending_of = [&](const Alert& alert) { return source_ending(step.input, alert); };
  apply(step, timer_name(source_timer, name), book_.keys_of(rule_source_blind, name),
        assess_source(step.input, name), ending_of);
}

void Evaluator::step_evidence(Step& step, const Digest& digest) {
  const auto ending_of = [&](const Alert& alert) { return evidence_ending(step.input, alert); };
  apply(step, timer_name(evidence_timer, digest.str()),
        book_.keys_of(rule_evidence_rejected, digest.str()), assess_evidence(step.input, digest),
        ending_of);
}

void Evaluator::repeat(Step& step, const AlertKey& key) {
  const Alert* alert = book_.find(key);
  if (alert == nullptr || !options_.notify) {
    return;
  }
  std::vector<std::string> due;
  for (const Recipient& recipient : router_->recipients(*alert)) {
    if (is_webhook(recipient.receiver) && repeat_is_due(alert->started_at, alert->last_notified_at,
                                                        recipient.repeat_every, step.input.now)) {
      due.push_back(recipient.receiver);
    }
  }
  if (!due.empty()) {
    publish(step, *book_.repeat(key, step.input.now), due);
  }
}

void Evaluator::note_timers(std::optional<TimePoint>& next, const AlertKey& key,
                            TimePoint now) const {
  const Alert* alert = book_.find(key);
  if (alert == nullptr || !options_.notify) {
    return;
  }
  for (const Recipient& recipient : router_->recipients(*alert)) {
    if (is_webhook(recipient.receiver) && recipient.repeat_every > Duration::zero()) {
      const TimePoint at =
          next_repeat_at(alert->started_at, alert->last_notified_at, recipient.repeat_every);
      keep_earlier(next, std::max(at, now + Duration(1)));
    }
  }
}

std::optional<TimePoint> Evaluator::next_change_at() const {
  std::optional<TimePoint> next = timers_.next();
  if (sources_change_at_) {
    keep_earlier(next, *sources_change_at_);
  }
  return next;
}

bool Evaluator::is_webhook(std::string_view receiver) const {
  return webhooks_.contains(std::string(receiver));
}

bool Evaluator::is_recipient(const Alert& alert, std::string_view receiver) const {
  const std::vector<Recipient> recipients = router_->recipients(alert);
  return std::any_of(recipients.begin(), recipients.end(),
                     [&](const Recipient& recipient) { return recipient.receiver == receiver; });
}

}  // namespace scanclock::alerts
