#include "alerts/lifecycle.hpp"

#include "alerts/rule_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

/// Of an episode whose receivers are slow to be told; older ones are of no use to a reader.
constexpr std::size_t changes_remembered_max = 16;

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
  alert.annotations = condition.annotations;
}

/// What tells one occurrence of a thing from the next: when evidence was last seen.
const std::string& occurrence_of(const std::map<std::string, std::string>& annotations) {
  return annotation_of(annotations, "collected_at");
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
  index_ended();
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
  transition.grew_worse = condition.severity > alert.severity ||
                          (condition.severity == alert.severity && condition.stage > alert.stage);
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
    if (entry.changes.size() == changes_remembered_max) {
      entry.changes.erase(entry.changes.begin());
    }
    entry.changes.emplace_back(alert.sequence, transition.changed);
  }
  if (alert.labels != before.labels) {
    transition.labels_before = before.labels;
    Alert given_up = before;
    given_up.firing = false;
    given_up.ended_at = now;
    given_up.resolved_reason = reason_relabelled;
    note_ended(std::move(given_up));
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
  note_ended(alert);
  return transition;
}

void AlertBook::note_ended(Alert alert) {
  if (alert.resolved_reason != reason_relabelled) {
    ended_places_[alert.id] = ended_.size();
  }
  if (alert.resolved_reason == reason_acknowledged) {
    acknowledged_[alert.key] = occurrence_of(alert.annotations);
  }
  ended_.push_back(std::move(alert));
}

void AlertBook::index_ended() {
  std::vector<Alert> ended = std::exchange(ended_, {});
  ended_places_.clear();
  acknowledged_.clear();
  for (Alert& alert : ended) {
    note_ended(std::move(alert));
  }
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

void AlertBook::clock_went_back(TimePoint now) {
  for (auto& [key, entry] : open_) {
    entry.alert.last_notified_at = std::min(entry.alert.last_notified_at, now);
  }
}

bool AlertBook::was_acknowledged(const Condition& condition) const {
  const auto found = acknowledged_.find(condition.key);
  return found != acknowledged_.end() && found->second == occurrence_of(condition.annotations);
}

void AlertBook::forget_ended_before(TimePoint time,
                                    const std::function<bool(const Alert&)>& is_wanted) {
  const std::size_t erased = std::erase_if(
      ended_, [&](const Alert& alert) { return *alert.ended_at < time && !is_wanted(alert); });
  if (erased > 0) {
    index_ended();
  }
}

}  // namespace scanclock::alerts
