#include "alerts/lifecycle.hpp"

#include <algorithm>

namespace scanclock::alerts {

void AlertBook::note_told(const Alert& told, const std::string& receiver,
                          const std::string& group) {
  const auto open = open_.find(told.key);
  const auto ended = ended_places_.find(told.id);
  Alert* alert = nullptr;
  if (open != open_.end() && open->second.alert.id == told.id) {
    alert = &open->second.alert;
  } else if (ended != ended_places_.end()) {
    alert = &ended_[ended->second];
  }
  if (alert != nullptr) {
    alert->told[receiver] = alert->sequence;
    if (!group.empty()) {
      alert->told[group] = alert->sequence;
    }
  }
}

void AlertBook::note_repeat_known(const AlertKey& key) {
  Alert& alert = open_.at(key).alert;
  for (auto& [receiver, sequence] : alert.told) {
    sequence += sequence == alert.sequence - 1 ? 1 : 0;
  }
}

const Alert* AlertBook::find(const AlertKey& key) const {
  const auto found = open_.find(key);
  return found == open_.end() ? nullptr : &found->second.alert;
}

const Alert* AlertBook::find(const AlertKey& key, const std::string& id) const {
  const Alert* open = find(key);
  if (open != nullptr && open->id == id) {
    return open;
  }
  const auto place = ended_places_.find(id);
  return place == ended_places_.end() ? nullptr : &ended_[place->second];
}

std::vector<std::string> AlertBook::changed_since(const AlertKey& key,
                                                  std::int64_t sequence) const {
  std::vector<std::string> changed;
  const auto found = open_.find(key);
  if (found == open_.end()) {
    return changed;
  }
  for (const auto& [event, fields] : found->second.changes) {
    for (const std::string& field : fields) {
      const bool known = std::find(changed.begin(), changed.end(), field) != changed.end();
      if (event > sequence && !known) {
        changed.push_back(field);
      }
    }
  }
  return changed;
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

std::map<std::pair<std::string, Severity>, std::size_t> AlertBook::open_counts() const {
  std::map<std::pair<std::string, Severity>, std::size_t> counts;
  for (const auto& [key, entry] : open_) {
    ++counts[{key.rule, entry.alert.severity}];
  }
  return counts;
}

std::vector<const Alert*> AlertBook::open_in_place() const {
  std::vector<const Alert*> alerts;
  alerts.reserve(open_.size());
  for (const auto& [key, entry] : open_) {
    alerts.push_back(&entry.alert);
  }
  return alerts;
}

std::vector<Alert> AlertBook::open() const {
  std::vector<Alert> alerts;
  for (const auto& [key, entry] : open_) {
    alerts.push_back(entry.alert);
  }
  return alerts;
}

}  // namespace scanclock::alerts
