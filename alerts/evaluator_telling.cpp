#include "alerts/evaluator_step.hpp"

#include <utility>

namespace scanclock::alerts {

void Evaluator::put(Silence silence) {
  const LabelSelector selector(silence.matchers);
  for (const Alert& alert : book_.open()) {
    std::map<std::string, std::string> labels = alert.labels;
    labels["rule"] = alert.key.rule;
    if (selector.matches(labels)) {
      look_at_.insert(alert.key);
    }
  }
  noted_.silences.push_back(silence);
  silences_.put(std::move(silence));
}

void Evaluator::put(Acknowledgement acknowledgement) {
  for (const Alert& alert : book_.open()) {
    if (alert.id == acknowledgement.alert_id) {
      look_at_.insert(alert.key);
    }
  }
  noted_.acknowledgements.push_back(acknowledgement);
  silences_.put(std::move(acknowledgement));
}

void Evaluator::note(std::vector<ReceiverHealth> receivers, TimePoint now) {
  receivers_.note(std::move(receivers), now);
}

void Evaluator::note_clock_step(Duration by, TimePoint now) {
  ClockStep step;
  step.at = now;
  step.by = by;
  step.count = clock_step_ ? clock_step_->count + 1 : 1;
  clock_step_ = step;
}

void Evaluator::emit(Step& step, Transition transition) {
  const Alert& alert = transition.alert;
  step.changes.alerts.push_back(alert);
  if (!transition.kind) {
    return;
  }
  step.changes.alert_events.push_back(
      {alert.id, alert.sequence, *transition.kind, step.input.now, transition.reason});
  if (transition.grew_worse) {
    end_acknowledgement(step, alert);
  }
  if (!alert.firing) {
    TellingStep telling{step.input.inventory, step.input.now, step.changes};
    telling_.tell_end(telling, alert);
  }
}

void Evaluator::end_acknowledgement(Step& step, const Alert& alert) {
  const Acknowledgement* taken = silences_.acknowledgement_of(alert.id, step.input.now);
  if (taken != nullptr) {
    Acknowledgement ended = *taken;
    ended.ended_at = step.input.now;
    step.changes.acknowledgements.push_back(ended);
    silences_.put(std::move(ended));
  }
}

void Evaluator::tell_ends(Step& step) {
  if (!look_at_all_) {
    return;
  }
  TellingStep telling{step.input.inventory, step.input.now, step.changes};
  for (const Alert& ended : book_.ended()) {
    if (ended.resolved_reason != reason_relabelled && telling_.is_owed(ended)) {
      telling_.tell_end(telling, ended);
    }
  }
}

}  // namespace scanclock::alerts
