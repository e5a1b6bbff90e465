#include "alerts/telling.hpp"

#include "alerts/message.hpp"
#include "alerts/rule_parts.hpp"
#include "alerts/telling_parts.hpp"
#include "alerts/waiting_times.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

/// The same for every attempt to store the same step, so that storing twice sends once.
std::string message_id_of(const Alert& alert, const std::string& receiver) {
  return "msg_" + alert.id + "_" + std::to_string(alert.sequence) + "_" +
         std::string(sha256(receiver).hex().substr(0, 8));
}

bool is_owed_now(const Alert& alert, const std::optional<std::int64_t>& told) {
  return !told || *told < alert.sequence;
}

}  // namespace

std::optional<std::int64_t> told_sequence(const Alert& alert, const std::string& receiver) {
  const auto found = alert.told.find(receiver);
  return found == alert.told.end() ? std::nullopt : std::optional(found->second);
}

void Telling::configure(const EvaluatorOptions& options) {
  router_ = std::make_unique<Router>(options.routes, options.receivers);
  receivers_.clear();
  for (const Receiver& receiver : options.receivers) {
    if (receiver.uses_outbox()) {
      receivers_[receiver.name] = receiver;
    }
  }
  external_url_ = options.external_url;
  time_zone_ = options.time_zone;
  notify_ = options.notify;
  waiting_.clear();
  groups_.forget_members();
}

bool Telling::is_recipient(const Alert& alert, std::string_view receiver) const {
  const std::vector<Recipient> recipients = router_->recipients(alert);
  return std::any_of(recipients.begin(), recipients.end(),
                     [&](const Recipient& recipient) { return recipient.receiver == receiver; });
}

bool Telling::is_owed(const Alert& ended) const {
  return std::any_of(ended.told.begin(), ended.told.end(), [&](const auto& entry) {
    return entry.second < ended.sequence && !is_group_id(entry.first);
  });
}

void Telling::note_held_back(const Alert& alert, TimePoint now) {
  const Silence* silence = silences_.silence_of(alert, now);
  if (silence == nullptr) {
    held_back_.erase(alert.id);
  } else if ((is_first_round_ || alert.started_at == now) &&
             silence->starts_at <= alert.started_at) {
    held_back_[alert.id] = alert.key;
  }
}

void Telling::forget_unknown() {
  std::erase_if(held_back_, [this](const auto& entry) {
    return book_.find(entry.second, entry.first) == nullptr;
  });
}

std::optional<TimePoint> Telling::muted_until(const Alert& alert, bool is_known,
                                              const std::optional<TimePoint>& waiting_until,
                                              TimePoint now) const {
  std::optional<TimePoint> until;
  const auto keep_later = [&](TimePoint end) { until = std::max(until.value_or(end), end); };
  if (const Silence* silence = silences_.silence_of(alert, now)) {
    keep_later(silence->ended_at ? std::min(*silence->ended_at, silence->expires_at)
                                 : silence->expires_at);
  }
  const Acknowledgement* taken = silences_.acknowledgement_of(alert.id, now);
  if (taken != nullptr && is_known) {
    keep_later(taken->expires_at);
  }
  if (waiting_until && alert.severity != Severity::critical) {
    keep_later(*waiting_until);
  }
  return until;
}

std::vector<Telling::Target> Telling::targets_of(const Alert& alert, TimePoint now) {
  std::vector<Target> targets;
  const auto add = [&](Recipient recipient, bool is_routed) {
    Target target;
    target.is_routed = is_routed;
    target.told = told_sequence(alert, recipient.receiver);
    target.is_owed = is_owed_now(alert, target.told);
    const bool is_known = target.told.has_value();
    target.muted_until =
        muted_until(alert, is_known, waiting_until(recipient.warnings_wait, now), now);
    target.group = is_known ? groups_.told_in(alert, recipient.receiver) : std::string();
    if (!is_known && !recipient.group_by.empty()) {
      target.group = groups_.group_for(recipient, alert);
    }
    target.recipient = std::move(recipient);
    targets.push_back(std::move(target));
  };
  for (Recipient& recipient : router_->recipients(alert)) {
    if (receivers_.contains(recipient.receiver)) {
      add(std::move(recipient), true);
    }
  }
  // Whoever heard of an alert hears of what becomes of it, wherever its new labels lead.
  const std::size_t routed = targets.size();
  for (const auto& [receiver, sequence] : alert.told) {
    const bool is_known =
        std::any_of(targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(routed),
                    [&](const Target& target) { return target.recipient.receiver == receiver; });
    if (!is_known && receivers_.contains(receiver)) {
      add(router_->former_recipient(receiver), false);
    }
  }
  return targets;
}

Recipient Telling::recipient_of(const Alert& alert, const std::string& receiver) const {
  for (Recipient& recipient : router_->recipients(alert)) {
    if (recipient.receiver == receiver) {
      return std::move(recipient);
    }
  }
  return router_->former_recipient(receiver);
}

std::optional<TimePoint> Telling::waiting_until(const std::vector<WeeklyTimes>& times,
                                                TimePoint now) const {
  if (times.empty()) {
    return std::nullopt;
  }
  if (waiting_at_ != now) {
    waiting_.clear();
    waiting_at_ = now;
  }
  for (const auto& [known, until] : waiting_) {
    if (known == times) {
      return until;
    }
  }
  waiting_.emplace_back(times, waiting_ends_at(times, time_zone_, now));
  return waiting_.back().second;
}

std::optional<TimePoint> Telling::tell(TellingStep& step, const AlertKey& key) {
  const Alert& alert = *book_.find(key);
  const TimePoint now = step.now;
  note_held_back(alert, now);
  std::optional<TimePoint> next;
  if (held_back_.contains(alert.id)) {
    next = silences_.silence_of(alert, now)->expires_at;
  }
  if (!notify_) {
    return next;
  }
  const std::vector<Target> targets = targets_of(alert, now);
  const std::set<std::string> paid = pay(step, alert, targets);
  repeat(step, key, targets, paid);
  for (const Target& target : targets) {
    const Duration every = target.recipient.repeat_every;
    if (target.is_owed && target.muted_until) {
      keep_earlier(next, *target.muted_until);
    } else if (target.group.empty() && target.is_routed && every > Duration::zero()) {
      const TimePoint at = next_repeat_at(alert.started_at, alert.last_notified_at, every);
      keep_earlier(next, std::max({at, now + Duration(1), target.muted_until.value_or(at)}));
    }
  }
  return next;
}

std::set<std::string> Telling::pay(TellingStep& step, const Alert& alert,
                                   const std::vector<Target>& targets) {
  std::set<std::string> paid;
  for (const Target& target : targets) {
    const std::string& receiver = target.recipient.receiver;
    if (!target.group.empty()) {
      settle_in_group(alert, target, step.now);
    } else if (target.is_owed && !target.muted_until) {
      write(step, news_of(alert, target.told.value_or(0)), receiver);
      paid.insert(receiver);
    }
  }
  for (const std::string& receiver : paid) {
    book_.note_told(alert, receiver, {});
  }
  if (!paid.empty()) {
    step.changes.alerts.push_back(alert);
  }
  return paid;
}

void Telling::settle_in_group(const Alert& alert, const Target& target, TimePoint now) {
  const bool is_known = target.told.has_value();
  if (!is_known && target.muted_until) {
    groups_.leave(alert.id, target.recipient.receiver);
    return;
  }
  groups_.join(target.group, alert, is_known, target.recipient);
  if (target.is_owed && !target.muted_until) {
    groups_.note_news(target.group, std::min(alert.last_notified_at, now));
  }
}

void Telling::repeat(TellingStep& step, const AlertKey& key, const std::vector<Target>& targets,
                     const std::set<std::string>& paid) {
  const Alert& alert = *book_.find(key);
  std::vector<std::string> due;
  for (const Target& target : targets) {
    const bool may_be_repeated = target.group.empty() && target.is_routed && !target.is_owed &&
                                 !target.muted_until && !paid.contains(target.recipient.receiver);
    if (may_be_repeated && repeat_is_due(alert.started_at, alert.last_notified_at,
                                         target.recipient.repeat_every, step.now)) {
      due.push_back(target.recipient.receiver);
    }
  }
  if (due.empty()) {
    return;
  }
  Transition transition = *book_.repeat(key, step.now);
  book_.note_repeat_known(key);
  step.changes.alerts.push_back(alert);
  step.changes.alert_events.push_back(
      {alert.id, alert.sequence, AlertEventKind::repeated, step.now, transition.reason});
  for (const std::string& receiver : due) {
    write(step, transition, receiver);
  }
}

void Telling::tell_end(TellingStep& step, const Alert& ended) {
  if (!notify_) {
    return;
  }
  std::vector<std::string> paid;
  for (const auto& [receiver, sequence] : ended.told) {
    if (sequence >= ended.sequence || !receivers_.contains(receiver)) {
      continue;
    }
    const std::string group = groups_.told_in(ended, receiver);
    if (group.empty()) {
      write(step, news_of(ended, sequence), receiver);
      paid.push_back(receiver);
    } else {
      groups_.join(group, ended, true, recipient_of(ended, receiver));
      groups_.note_news(group, std::min(ended.last_notified_at, step.now));
    }
  }
  for (const std::string& receiver : paid) {
    book_.note_told(ended, receiver, {});
  }
  if (!paid.empty()) {
    step.changes.alerts.push_back(*book_.find(ended.key, ended.id));
  }
}

Transition Telling::news_of(const Alert& alert, std::int64_t told) const {
  Transition transition;
  transition.alert = alert;
  if (!alert.firing || told == 0) {
    transition.kind = alert.firing ? AlertEventKind::firing : AlertEventKind::resolved;
    transition.changed.emplace_back("state");
  } else {
    transition.kind = AlertEventKind::updated;
    transition.changed = book_.changed_since(alert.key, told);
  }
  return transition;
}

MessageInput Telling::message_input(const TellingStep& step) const {
  return {step.inventory, external_url_, step.now,
          [zone = time_zone_](TimePoint time) { return zone.format(time); }};
}

void Telling::write(TellingStep& step, Transition transition, const std::string& receiver) const {
  OutboxMessage message;
  message.id = message_id_of(transition.alert, receiver);
  message.alert_id = transition.alert.id;
  message.sequence = transition.alert.sequence;
  message.receiver = receiver;
  message.created_at = step.now;
  message.next_attempt_at = step.now;
  const Notification notification = notification_of(std::move(transition), receiver, message.id);
  message.type = notification_type(notification);
  message.body =
      render_notification(receivers_.find(receiver)->second, message_input(step), notification);
  step.changes.messages.push_back(std::move(message));
}

}  // namespace scanclock::alerts
