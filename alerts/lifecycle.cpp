#include "alerts/lifecycle.hpp"

#include "alerts/rule_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

const std::string& annotation_of(const std::map<std::string, std::string>& annotations,
                                 std::string_view name) {
  static const std::string none;
  const auto found = annotations.find(std::string(name));
  return found == annotations.end() ? none : found->second;
}

std::vector<std::string> differences(const Alert& alert, const Condition& condition) {
  std::vector<std::string> changed;
  if (alert.severity != condition.severity) {
    changed.emplace_back("severity");
  }
  if (alert.stage != condition.stage) {
    changed.emplace_back("stage");
  }
  if (annotation_of(alert.annotations, annotation_deadline) !=
      annotation_of(condition.annotations, annotation_deadline)) {
    changed.emplace_back("deadline_at");
  }
  if (alert.owner != condition.owner) {
    changed.emplace_back("owner");
  }
  if (alert.environment != condition.environment) {
    changed.emplace_back("environment");
  }
  return changed;
}

std::string reason_of(const std::vector<std::string>& changed) {
  std::string text = "changed:";
  for (const std::string& field : changed) {
    text += " " + field;
  }
  return text;
}

void take_over(Alert& alert, const Condition& condition) {
  alert.severity = condition.severity;
  alert.stage = condition.stage;
  alert.owner = condition.owner;
  alert.environment = condition.environment;
  alert.labels = condition.labels;
  const std::string receivers = annotation_of(alert.annotations, annotation_receivers);
  alert.annotations = condition.annotations;
  if (!receivers.empty()) {
    alert.annotations[std::string(annotation_receivers)] = receivers;
  }
}

}  // namespace

void AlertBook::restore(const std::vector<Alert>& alerts) {
  for (const Alert& alert : alerts) {
    if (alert.firing) {
      Entry entry;
      entry.alert = alert;
      open_[alert.key] = std::move(entry);
    } else {
      ended_.push_back(alert);
    }
  }
  std::sort(ended_.begin(), ended_.end(),
            [](const Alert& left, const Alert& right) { return left.ended_at < right.ended_at; });
}

std::optional<Transition> AlertBook::holds(const Condition& condition, TimePoint now) {
  const auto found = open_.find(condition.key);
  if (found == open_.end()) {
    return open_episode(condition, now);
  }
  found->second.lapsed_since.reset();
  return update(found->second, condition, now);
}

Transition AlertBook::open_episode(const Condition& condition, TimePoint now) {
  Entry entry;
  Alert& alert = entry.alert;
  alert.id = new_id_();
  alert.key = condition.key;
  alert.started_at = now;
  alert.last_notified_at = now;
  alert.sequence = 1;
  take_over(alert, condition);
  Transition transition;
  transition.kind = AlertEventKind::firing;
  transition.alert = alert;
  transition.changed.emplace_back("state");
  transition.reason = annotation_of(condition.annotations, "summary");
  open_[condition.key] = std::move(entry);
  return transition;
}

std::optional<Transition> AlertBook::update(Entry& entry, const Condition& condition,
                                            TimePoint now) {
  Alert& alert = entry.alert;
  const Alert before = alert;
  Transition transition;
  transition.changed = differences(alert, condition);
  take_over(alert, condition);
  if (transition.changed.empty()) {
    if (alert.labels == before.labels && alert.annotations == before.annotations) {
      return std::nullopt;
    }
  } else {
    transition.kind = AlertEventKind::updated;
    transition.reason = reason_of(transition.changed);
    ++alert.sequence;
    alert.last_notified_at = now;
  }
  if (alert.labels != before.labels) {
    transition.labels_before = before.labels;
    Alert given_up = before;
    given_up.firing = false;
    given_up.ended_at = now;
    given_up.resolved_reason = reason_relabelled;
    ended_.push_back(std::move(given_up));
  }
  transition.alert = alert;
  return transition;
}

std::optional<Transition> AlertBook::lapsed(const AlertKey& key,
                                            const std::optional<Ending>& ending, TimePoint now) {
  const auto found = open_.find(key);
  if (found == open_.end() || !ending) {
    return std::nullopt;
  }
  Entry& entry = found->second;
  if (ending->after > Duration::zero()) {
    // A clock that was set back must not leave the hold in the future.
    if (!entry.lapsed_since || *entry.lapsed_since > now) {
      entry.lapsed_since = now;
    }
    entry.hold = ending->after;
    if (now < *entry.lapsed_since + entry.hold) {
      return std::nullopt;
    }
  }
  return resolve(key, ending->reason, now);
}

Transition AlertBook::resolve(const AlertKey& key, const std::string& reason, TimePoint now) {
  Transition transition;
  transition.alert = std::move(open_.at(key).alert);
  open_.erase(key);
  Alert& alert = transition.alert;
  alert.firing = false;
  alert.resolved_reason = reason;
  alert.ended_at = now;
  alert.last_notified_at = now;
  ++alert.sequence;
  transition.kind = AlertEventKind::resolved;
  transition.changed.emplace_back("state");
  transition.reason = reason;
  ended_.push_back(alert);
  return transition;
}

std::optional<Transition> AlertBook::repeat(const AlertKey& key, TimePoint now) {
  const auto found = open_.find(key);
  if (found == open_.end()) {
    return std::nullopt;
  }
  Alert& alert = found->second.alert;
  ++alert.sequence;
  alert.last_notified_at = now;
  Transition transition;
  transition.kind = AlertEventKind::repeated;
  transition.alert = alert;
  transition.reason = "still firing";
  return transition;
}

std::optional<TimePoint> AlertBook::hold_ends_at(const AlertKey& key) const {
  const auto found = open_.find(key);
  if (found == open_.end() || !found->second.lapsed_since) {
    return std::nullopt;
  }
  return *found->second.lapsed_since + found->second.hold;
}

void AlertBook::note_receivers(const AlertKey& key, const std::string& receivers) {
  const auto found = open_.find(key);
  if (found != open_.end() && !receivers.empty()) {
    found->second.alert.annotations[std::string(annotation_receivers)] = receivers;
  }
}

const Alert* AlertBook::find(const AlertKey& key) const {
  const auto found = open_.find(key);
  return found == open_.end() ? nullptr : &found->second.alert;
}

std::vector<AlertKey> AlertBook::keys_of(std::string_view rule, const std::string& subject) const {
  std::vector<AlertKey> keys;
  const AlertKey first{std::string(rule), subject, {}};
  for (auto entry = open_.lower_bound(first);
       entry != open_.end() && entry->first.rule == rule && entry->first.subject == subject;
       ++entry) {
    keys.push_back(entry->first);
  }
  return keys;
}

std::vector<AlertKey> AlertBook::keys_of_rule(std::string_view rule) const {
  std::vector<AlertKey> keys;
  const AlertKey first{std::string(rule), {}, {}};
  for (auto entry = open_.lower_bound(first); entry != open_.end() && entry->first.rule == rule;
       ++entry) {
    keys.push_back(entry->first);
  }
  return keys;
}

std::vector<AlertKey> AlertBook::keys() const {
  std::vector<AlertKey> keys;
  for (const auto& [key, entry] : open_) {
    keys.push_back(key);
  }
  return keys;
}

std::vector<Alert> AlertBook::open() const {
  std::vector<Alert> alerts;
  for (const auto& [key, entry] : open_) {
    alerts.push_back(entry.alert);
  }
  return alerts;
}

void AlertBook::forget_ended_before(TimePoint time) {
  std::erase_if(ended_, [&](const Alert& alert) { return *alert.ended_at < time; });
}

}  // namespace scanclock::alerts
