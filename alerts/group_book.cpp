#include "alerts/group_book.hpp"

#include "alerts/rule_parts.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

constexpr std::string_view group_id_prefix = "grp_";

/// As in Prometheus's text format.
std::string escaped_label_value(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      text += '\\';
    }
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> group_labels_of(const Alert& alert,
                                                   const std::vector<std::string>& group_by) {
  std::map<std::string, std::string> labels;
  for (const std::string& name : group_by) {
    const auto label = alert.labels.find(name);
    if (name == "rule") {
      labels[name] = alert.key.rule;
    } else if (label != alert.labels.end()) {
      labels[name] = label->second;
    }
  }
  return labels;
}

std::string group_key_of(const std::map<std::string, std::string>& labels) {
  std::string key = "{";
  for (const auto& [name, value] : labels) {
    key += (key.size() > 1 ? "," : "") + name + "=\"" + escaped_label_value(value) + "\"";
  }
  return key + "}";
}

std::string group_id_of(const std::string& receiver, const std::string& key) {
  return std::string(group_id_prefix) +
         std::string(sha256(receiver + '\n' + key).hex().substr(0, 16));
}

bool is_group_id(std::string_view name) { return name.starts_with(group_id_prefix); }

void GroupBook::restore(const std::vector<AlertGroup>& groups) {
  for (const AlertGroup& row : groups) {
    groups_[row.id].row = row;
  }
}

std::string GroupBook::group_for(const Recipient& recipient, const Alert& alert) {
  std::map<std::string, std::string> labels = group_labels_of(alert, recipient.group_by);
  const std::string key = group_key_of(labels);
  const std::string id = group_id_of(recipient.receiver, key);
  AlertGroup& row = groups_[id].row;
  if (row.id.empty()) {
    row.receiver = recipient.receiver;
    row.key = key;
    row.id = id;
    row.labels = std::move(labels);
  }
  return id;
}

std::string GroupBook::told_in(const Alert& alert, const std::string& receiver) const {
  for (auto entry = alert.told.lower_bound(std::string(group_id_prefix));
       entry != alert.told.end() && entry->first.starts_with(group_id_prefix); ++entry) {
    const auto group = groups_.find(entry->first);
    if (group != groups_.end() && group->second.row.receiver == receiver) {
      return entry->first;
    }
  }
  return {};
}

void GroupBook::join(const std::string& id, const Alert& alert, bool told,
                     const Recipient& recipient) {
  Group& group = groups_.at(id);
  const auto place = places_[alert.id].try_emplace(recipient.receiver, id).first;
  if (place->second != id) {
    remove_member(std::exchange(place->second, id), alert.id);
  }
  group.wait = recipient.group_wait;
  group.interval = recipient.group_interval;
  group.repeat_every = recipient.repeat_every;
  group.warnings_wait = recipient.warnings_wait;
  group.resting_until.reset();
  Member& member = group.members[alert.id];
  group.told_members -= member.told ? 1 : 0;
  group.told_members += told ? 1 : 0;
  member = {alert.key, told};
  set_timer(id, group);
}

void GroupBook::note_told(const std::string& id, const std::string& alert_id) {
  Group& group = groups_.at(id);
  Member& member = group.members.at(alert_id);
  group.told_members += member.told ? 0 : 1;
  member.told = true;
  set_timer(id, group);
}

void GroupBook::leave(const std::string& alert_id, const std::string& receiver) {
  const auto places = places_.find(alert_id);
  if (places == places_.end()) {
    return;
  }
  const auto place = places->second.find(receiver);
  if (place == places->second.end()) {
    return;
  }
  remove_member(place->second, alert_id);
  places->second.erase(place);
  if (places->second.empty()) {
    places_.erase(places);
  }
}

void GroupBook::leave(const std::string& alert_id) {
  const auto places = places_.find(alert_id);
  if (places != places_.end()) {
    for (const auto& [receiver, group] : places->second) {
      remove_member(group, alert_id);
    }
    places_.erase(places);
  }
}

void GroupBook::remove_member(const std::string& id, const std::string& alert_id) {
  Group& group = groups_.at(id);
  const auto member = group.members.find(alert_id);
  if (member != group.members.end()) {
    group.told_members -= member->second.told ? 1 : 0;
    group.members.erase(member);
    set_timer(id, group);
  }
}

void GroupBook::note_news(const std::string& id, TimePoint at) {
  Group& group = groups_.at(id);
  keep_earlier(group.news_since, at);
  set_timer(id, group);
}

void GroupBook::rest_until(const std::string& id, TimePoint at) {
  Group& group = groups_.at(id);
  group.resting_until = at;
  set_timer(id, group);
}

void GroupBook::drop_news(const std::string& id) {
  Group& group = groups_.at(id);
  group.news_since.reset();
  set_timer(id, group);
}

AlertGroup GroupBook::flushed(const std::string& id, TimePoint now) {
  Group& group = groups_.at(id);
  ++group.row.sequence;
  group.row.flushed_at = now;
  group.news_since.reset();
  group.resting_until.reset();
  set_timer(id, group);
  return group.row;
}

void GroupBook::clock_went_back(TimePoint now) {
  for (auto& [id, group] : groups_) {
    group.row.flushed_at = std::min(group.row.flushed_at, now);
    if (group.news_since) {
      group.news_since = std::min(*group.news_since, now);
    }
    set_timer(id, group);
  }
}

void GroupBook::forget_members() {
  for (auto& [id, group] : groups_) {
    group.members.clear();
    group.told_members = 0;
    group.news_since.reset();
    group.resting_until.reset();
    set_timer(id, group);
  }
  places_.clear();
}

bool GroupBook::repeat_is_due(const std::string& id, TimePoint now) const {
  const Group& group = groups_.at(id);
  return group.told_members > 0 && group.repeat_every > Duration::zero() &&
         group.row.flushed_at + group.repeat_every <= now;
}

std::optional<TimePoint> GroupBook::due_at(const Group& group) const {
  std::optional<TimePoint> due;
  if (group.members.empty()) {
    return due;
  }
  const bool open = group.told_members > 0;
  if (group.news_since) {
    due = open ? std::max(*group.news_since, group.row.flushed_at + group.interval)
               : *group.news_since + group.wait;
  }
  if (open && group.repeat_every > Duration::zero()) {
    const TimePoint repeat = group.row.flushed_at + group.repeat_every;
    keep_earlier(due, std::max(repeat, group.resting_until.value_or(repeat)));
  }
  return due;
}

void GroupBook::set_timer(const std::string& id, const Group& group) {
  timers_.set(id, due_at(group));
}

}  // namespace scanclock::alerts
