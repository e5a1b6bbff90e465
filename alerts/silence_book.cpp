#include "alerts/silence_book.hpp"

#include "alerts/rule_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {

void SilenceBook::restore(const std::vector<Silence>& silences,
                          const std::vector<Acknowledgement>& acknowledgements) {
  for (const Silence& silence : silences) {
    put(silence);
  }
  for (const Acknowledgement& acknowledgement : acknowledgements) {
    put(acknowledgement);
  }
}

void SilenceBook::put(Silence silence) {
  LabelSelector selector(silence.matchers);
  const std::string id = silence.id;
  silences_.insert_or_assign(id, Entry{std::move(silence), std::move(selector)});
}

void SilenceBook::put(Acknowledgement acknowledgement) {
  const auto known = acknowledgements_.find(acknowledgement.alert_id);
  if (known == acknowledgements_.end() || known->second.at <= acknowledgement.at) {
    const std::string alert_id = acknowledgement.alert_id;
    acknowledgements_.insert_or_assign(alert_id, std::move(acknowledgement));
  }
}

const Silence* SilenceBook::silence_of(const Alert& alert, TimePoint now) const {
  std::map<std::string, std::string> labels = alert.labels;
  labels["rule"] = alert.key.rule;
  const Silence* longest = nullptr;
  for (const auto& [id, entry] : silences_) {
    const bool applies = entry.silence.is_active(now) && entry.selector.matches(labels);
    if (applies && (longest == nullptr || longest->expires_at < entry.silence.expires_at)) {
      longest = &entry.silence;
    }
  }
  return longest;
}

const Acknowledgement* SilenceBook::acknowledgement_of(const std::string& alert_id,
                                                       TimePoint now) const {
  const auto found = acknowledgements_.find(alert_id);
  return found != acknowledgements_.end() && found->second.is_active(now) ? &found->second
                                                                          : nullptr;
}

std::optional<TimePoint> SilenceBook::next_change_at(TimePoint now) const {
  std::optional<TimePoint> next;
  const auto consider = [&](TimePoint at) {
    if (at > now) {
      keep_earlier(next, at);
    }
  };
  for (const auto& [id, entry] : silences_) {
    if (!entry.silence.ended_at) {
      consider(entry.silence.starts_at);
      consider(entry.silence.expires_at);
    }
  }
  for (const auto& [id, acknowledgement] : acknowledgements_) {
    if (!acknowledgement.ended_at) {
      consider(acknowledgement.expires_at);
    }
  }
  return next;
}

const Silence* SilenceBook::find(const std::string& id) const {
  const auto found = silences_.find(id);
  return found == silences_.end() ? nullptr : &found->second.silence;
}

std::vector<Silence> SilenceBook::silences(TimePoint now) const {
  std::vector<Silence> silences;
  for (const auto& [id, entry] : silences_) {
    if (now < entry.silence.expires_at && !entry.silence.ended_at) {
      silences.push_back(entry.silence);
    }
  }
  std::stable_sort(silences.begin(), silences.end(), [](const Silence& left, const Silence& right) {
    return left.expires_at < right.expires_at;
  });
  return silences;
}

void SilenceBook::forget_ended(TimePoint now) {
  std::erase_if(silences_, [&](const auto& entry) {
    const Silence& silence = entry.second.silence;
    return silence.expires_at <= now || silence.ended_at;
  });
  std::erase_if(acknowledgements_, [&](const auto& entry) { return !entry.second.is_active(now); });
}

}  // namespace scanclock::alerts
