#include "alerts/evaluator.hpp"

#include "alerts/clock_watch.hpp"
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

/// Rules about something that happened: taking note of it is all that can be done.
bool ends_with_acknowledgement(std::string_view rule) {
  return rule == rule_ran_before_scan || rule == rule_evidence_rejected;
}

constexpr std::array<std::string_view, 4> image_rules{rule_scan_due_soon, rule_scan_overdue,
                                                      rule_never_scanned, rule_ran_before_scan};

}  // namespace

Evaluator::Evaluator(EvaluatorOptions options, AlertBook::NewId new_id) : book_(std::move(new_id)) {
  configure(std::move(options));
}

void Evaluator::configure(EvaluatorOptions options) {
  telling_.configure(options);
  digests_.configure(options.receivers, options.notify, options.time_zone);
  options_ = std::move(options);
  look_at_all_ = true;
}

void Evaluator::restore(const Snapshot& snapshot) {
  book_.restore(snapshot.alerts);
  silences_.restore(snapshot.silences, snapshot.acknowledgements);
  telling_.restore(snapshot.alert_groups);
  digests_.restore(snapshot.alert_groups);
  look_at_all_ = true;
}

ChangeSet Evaluator::evaluate(const Inventory& inventory, const SourceBook& sources,
                              const Touched& touched, const std::vector<DecisionRow>& decided,
                              TimePoint now) {
  Step step(RuleInput{inventory, sources, options_.rules, now});
  step.changes = std::exchange(noted_, ChangeSet());
  if (last_evaluation_at_ && now + clock_step_tolerated < *last_evaluation_at_) {
    look_at_all_ = true;
  }
  if (look_at_all_) {
    book_.clock_went_back(now);
    telling_.clock_went_back(now);
  }
  last_evaluation_at_ = now;
  touch(inventory, touched, decided);
  collect(step);
  tell_ends(step);
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
  step_receivers(step);
  step_clock(step);
  look_at_all_ = false;
  in_round_ = is_behind();
  if (!in_round_) {
    close(step);
    has_looked_at_all_ = true;
  }
  return std::move(step.changes);
}

/// Once everything was looked at: tells groups as a whole, and forgets what is over.
void Evaluator::close(Step& step) {
  const Inventory& inventory = step.input.inventory;
  const TimePoint now = step.input.now;
  TellingStep telling{inventory, now, step.changes};
  telling_.flush_groups(telling);
  digests_.write(inventory, options_.external_url, now, step.changes);
  const TimePoint owed_since = now - options_.owed_ends_kept;
  book_.forget_ended_before(now - ended_alerts_kept, [&](const Alert& ended) {
    return ended.resolved_reason != reason_relabelled && *ended.ended_at >= owed_since &&
           telling_.is_owed(ended);
  });
  telling_.forget_unknown();
  silences_.forget_ended(now);
  silences_change_at_ = silences_.next_change_at(now);
  sources_change_at_ = step.input.sources.next_change_at(now);
}

template <class EndingOf>
void Evaluator::apply(Step& step, const std::string& timer, const std::vector<AlertKey>& open,
                      const Assessment& assessment, const EndingOf& ending_of) {
  const TimePoint now = step.input.now;
  TellingStep telling{step.input.inventory, now, step.changes};
  const auto is_acknowledged = [&](const AlertKey& key) {
    const Alert* alert = book_.find(key);
    return alert != nullptr && ends_with_acknowledgement(key.rule) &&
           silences_.acknowledgement_of(alert->id, now) != nullptr;
  };
  // What was taken note of goes on being so, and is no new alert.
  const auto is_settled = [&](const Condition& condition) {
    return is_acknowledged(condition.key) ||
           (book_.find(condition.key) == nullptr && book_.was_acknowledged(condition));
  };
  std::optional<TimePoint> next = assessment.next_change_at;
  const auto holds = [&](const AlertKey& key) {
    return std::any_of(
        assessment.conditions.begin(), assessment.conditions.end(),
        [&](const Condition& condition) { return condition.key == key && !is_settled(condition); });
  };
  std::vector<AlertKey> still_open;
  for (const AlertKey& key : open) {
    if (holds(key)) {
      continue;
    }
    const std::optional<Ending> ending = is_acknowledged(key)
                                             ? Ending{std::string(reason_acknowledged)}
                                             : ending_of(*book_.find(key));
    if (auto transition = book_.lapsed(key, ending, now)) {
      emit(step, std::move(*transition));
    } else {
      keep_earlier(next, ending ? *book_.hold_ends_at(key) : now + recheck_every);
      still_open.push_back(key);
    }
  }
  for (const Condition& condition : assessment.conditions) {
    if (is_settled(condition)) {
      continue;
    }
    if (auto transition = book_.holds(condition, now)) {
      emit(step, std::move(*transition));
    }
    still_open.push_back(condition.key);
  }
  for (const AlertKey& key : still_open) {
    if (const auto at = telling_.tell(telling, key)) {
      keep_earlier(next, *at);
    }
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

void Evaluator::step_receivers(Step& step) {
  std::set<std::string> names;
  for (const auto& [name, receiver] : receivers_.all()) {
    names.insert(name);
  }
  for (const AlertKey& key : book_.keys_of_rule(rule_receiver_failing)) {
    names.insert(key.subject);
  }
  const auto ending_of = [this](const Alert& alert) { return receiver_ending(receivers_, alert); };
  for (const std::string& name : names) {
    apply(step, timer_name(receiver_timer, name), book_.keys_of(rule_receiver_failing, name),
          assess_receiver(receivers_, step.input.settings, name, step.input.now), ending_of);
  }
}

void Evaluator::step_clock(Step& step) {
  const TimePoint now = step.input.now;
  const auto ending_of = [now](const Alert& alert) { return clock_ending(alert, now); };
  apply(step, timer_name(clock_timer, std::string(wall_clock)), book_.keys_of_rule(rule_clock_step),
        assess_clock(clock_step_, step.input.settings, now), ending_of);
}

std::optional<TimePoint> Evaluator::next_change_at() const {
  if (is_behind()) {
    return last_evaluation_at_;
  }
  std::optional<TimePoint> next = timers_.next();
  for (const auto& at : {telling_.next_change_at(), digests_.next_change_at(), silences_change_at_,
                         sources_change_at_}) {
    if (at) {
      keep_earlier(next, *at);
    }
  }
  return next;
}

}  // namespace scanclock::alerts
