#include "alerts/digest_book.hpp"

#include "alerts/digest.hpp"
#include "alerts/receivers/digest_message.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace scanclock::alerts {
namespace {

/// Stands where groups of alerts have their labels.
constexpr const char* digest_key = "digest";

}  // namespace

void DigestBook::configure(const std::vector<Receiver>& receivers, bool notify, TimeZone zone) {
  zone_ = zone;
  receivers_.clear();
  if (notify) {
    std::copy_if(
        receivers.begin(), receivers.end(), std::back_inserter(receivers_),
        [](const Receiver& receiver) { return receiver.digest_every && takes_digests(receiver); });
  }
}

void DigestBook::restore(const std::vector<AlertGroup>& groups) {
  for (const AlertGroup& group : groups) {
    if (group.id == digest_id(group.receiver)) {
      told_[group.receiver] = group;
    }
  }
}

void DigestBook::remember(const Receiver& receiver, TimePoint now, ChangeSet& changes) {
  const auto [position, is_new] = told_.try_emplace(receiver.name);
  AlertGroup& group = position->second;
  if (is_new) {
    group.receiver = receiver.name;
    group.key = digest_key;
    group.id = digest_id(receiver.name);
  } else if (group.flushed_at <= now) {
    return;
  }
  // New, or the clock went back: what was told by the wrong time must not silence the right one.
  group.flushed_at = now;
  changes.alert_groups.push_back(group);
}

bool DigestBook::is_due(const Receiver& receiver, TimePoint now) const {
  return digest_due_at(*receiver.digest_every, zone_, now) > told_.at(receiver.name).flushed_at;
}

bool DigestBook::count(const Inventory& inventory, TimePoint now) {
  const auto& images = inventory.images();
  auto position = images.begin();
  if (counting_) {
    position = images.upper_bound(counted_to_);
  } else {
    counting_.emplace(digest_question(), now);
    counting_since_ = now;
  }
  for (std::size_t counted = 0; counted < images_at_once_ && position != images.end(); ++counted) {
    counting_->add(inventory, position->second);
    counted_to_ = position->first;
    ++position;
  }
  return position == images.end();
}

void DigestBook::write(const Inventory& inventory, const std::string& external_url, TimePoint now,
                       ChangeSet& changes) {
  std::vector<const Receiver*> due;
  for (const Receiver& receiver : receivers_) {
    remember(receiver, now, changes);
    if (is_due(receiver, now)) {
      due.push_back(&receiver);
    }
  }
  if (due.empty()) {
    counting_.reset();
    return;
  }
  if (!count(inventory, now)) {
    return;
  }
  const Forecast counted = counting_->take();
  counting_.reset();
  for (const Receiver* receiver : due) {
    AlertGroup& group = told_.at(receiver->name);
    ++group.sequence;
    group.flushed_at = now;
    changes.alert_groups.push_back(group);
    const ForecastDigest digest{receiver->name, group.sequence,
                                digest_due_at(*receiver->digest_every, zone_, now), counted};
    OutboxMessage message;
    message.id = digest_message_id(receiver->name, digest.due_at);
    message.alert_id = group.id;
    message.sequence = group.sequence;
    message.receiver = receiver->name;
    message.type = digest_type;
    message.body = render_digest(*receiver, digest, external_url);
    message.created_at = now;
    message.next_attempt_at = now;
    changes.messages.push_back(std::move(message));
  }
}

std::optional<TimePoint> DigestBook::next_change_at() const {
  if (counting_) {
    return counting_since_;
  }
  std::optional<TimePoint> next;
  for (const Receiver& receiver : receivers_) {
    const auto told = told_.find(receiver.name);
    if (told == told_.end()) {
      continue;
    }
    const TimePoint due_at =
        digest_due_after(*receiver.digest_every, zone_, told->second.flushed_at);
    next = std::min(next.value_or(due_at), due_at);
  }
  return next;
}

}  // namespace scanclock::alerts
