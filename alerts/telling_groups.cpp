#include "alerts/message.hpp"
#include "alerts/rule_parts.hpp"
#include "alerts/telling_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

bool is_worse(const Alert* left, const Alert* right) {
  if (left->firing != right->firing) {
    return left->firing;
  }
  if (left->severity != right->severity) {
    return left->severity > right->severity;
  }
  if (left->stage != right->stage) {
    return left->stage > right->stage;
  }
  return left->started_at != right->started_at ? left->started_at < right->started_at
                                               : left->id < right->id;
}

void sort_worst_first(std::vector<const Alert*>& alerts) {
  std::sort(alerts.begin(), alerts.end(), is_worse);
}

Severity gravest_of(const std::vector<const Alert*>& alerts) {
  Severity gravest = Severity::none;
  for (const Alert* alert : alerts) {
    gravest = std::max(gravest, alert->severity);
  }
  return gravest;
}

}  // namespace

void Telling::flush_groups(TellingStep& step) {
  is_first_round_ = false;
  for (const std::string& group : groups_.take_due(step.now)) {
    flush(step, group);
  }
}

Telling::Round Telling::gather(const std::string& group, TimePoint now) const {
  Round round;
  const std::string& receiver = groups_.row(group).receiver;
  const auto wait_ends_at = waiting_until(groups_.warnings_wait(group), now);
  std::vector<const Alert*> muted;
  for (const auto& [id, member] : groups_.members(group)) {
    const Alert* alert = book_.find(member.key, id);
    const auto told = alert == nullptr ? std::nullopt : told_sequence(*alert, receiver);
    const bool is_owed = alert != nullptr && (!told || *told < alert->sequence);
    if (alert == nullptr || (!alert->firing && (!told || !is_owed))) {
      round.gone.push_back(id);
      continue;
    }
    if (!alert->firing) {
      round.ended.push_back(alert);
      continue;
    }
    const auto until = muted_until(*alert, told.has_value(), wait_ends_at, now);
    if (is_owed && !until) {
      round.news.push_back(alert);
    } else if (is_owed) {
      keep_earlier(round.owed_muted_until, *until);
    }
    if (told && until) {
      keep_earlier(round.ongoing_muted_until, *until);
      muted.push_back(alert);
    } else if (told && !is_owed) {
      round.ongoing.push_back(alert);
    }
  }
  sort_worst_first(round.news);
  sort_worst_first(round.ended);
  sort_worst_first(round.ongoing);
  sort_worst_first(muted);
  round.ongoing_muted = muted.size();
  round.ongoing.insert(round.ongoing.end(), muted.begin(), muted.end());
  return round;
}

void Telling::flush(TellingStep& step, const std::string& group) {
  const Round round = gather(group, step.now);
  const std::string receiver = groups_.row(group).receiver;
  const bool has_news = !round.news.empty() || !round.ended.empty();
  const bool is_repeat_due = groups_.repeat_is_due(group, step.now);
  if (has_news || (is_repeat_due && round.ongoing.size() > round.ongoing_muted)) {
    write_round(step, group, round);
  } else {
    groups_.drop_news(group);
    if (is_repeat_due && round.ongoing_muted_until) {
      groups_.rest_until(group, *round.ongoing_muted_until);
    }
  }
  for (const std::string& id : round.gone) {
    groups_.leave(id, receiver);
  }
  if (round.owed_muted_until) {
    groups_.note_news(group, *round.owed_muted_until);
  }
}

void Telling::write_round(TellingStep& step, const std::string& group, const Round& round) {
  const bool was_open = groups_.is_open(group);
  const bool has_news = !round.news.empty() || !round.ended.empty();
  const AlertGroup row = groups_.flushed(group, step.now);
  Notification notification;
  notification.grouped = true;
  notification.key = row.id;
  notification.group_key = row.key;
  notification.group_labels = row.labels;
  notification.sequence = row.sequence;
  notification.receiver = row.receiver;
  notification.message_id = "msg_" + row.id + "_" + std::to_string(row.sequence);
  notification.firing = round.news.size() + round.ongoing.size();
  notification.resolved = round.ended.size();
  if (notification.firing == 0) {
    notification.kind = AlertEventKind::resolved;
  } else if (!was_open) {
    notification.kind = AlertEventKind::firing;
  } else {
    notification.kind = has_news ? AlertEventKind::updated : AlertEventKind::repeated;
  }
  notification.severity = notification.firing == 0
                              ? gravest_of(round.ended)
                              : std::max(gravest_of(round.news), gravest_of(round.ongoing));
  OutboxMessage message;
  const auto list = [&](const std::vector<const Alert*>& alerts, bool is_news) {
    for (const Alert* alert : alerts) {
      const bool is_shown = notification.alerts.size() < group_alerts_max;
      if (is_shown) {
        Transition transition = news_of(*alert, told_sequence(*alert, row.receiver).value_or(0));
        if (!is_news) {
          transition.kind = AlertEventKind::repeated;
          transition.changed.clear();
        }
        notification.alerts.push_back(std::move(transition));
      }
      // What goes on is named in full when all of it is repeated, and else where it is shown.
      if (is_news || is_shown || !has_news) {
        message.alert_ids.push_back(alert->id);
      }
    }
  };
  list(round.news, true);
  list(round.ended, true);
  list(round.ongoing, false);
  notification.truncated = notification.firing + notification.resolved - notification.alerts.size();
  message.id = notification.message_id;
  message.alert_id = row.id;
  message.sequence = row.sequence;
  message.receiver = row.receiver;
  message.type = notification_type(notification);
  message.created_at = step.now;
  message.next_attempt_at = step.now;
  message.body =
      render_notification(receivers_.find(row.receiver)->second, message_input(step), notification);
  step.changes.messages.push_back(std::move(message));
  step.changes.alert_groups.push_back(row);
  for (const Alert* alert : round.news) {
    book_.note_told(*alert, row.receiver, row.id);
    groups_.note_told(group, alert->id);
    step.changes.alerts.push_back(*alert);
  }
  for (const Alert* alert : round.ended) {
    book_.note_told(*alert, row.receiver, row.id);
    groups_.leave(alert->id, row.receiver);
    step.changes.alerts.push_back(*alert);
  }
}

}  // namespace scanclock::alerts
