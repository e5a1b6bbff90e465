#pragma once

#include "alerts/lifecycle.hpp"
#include "alerts/receiver.hpp"
#include "core/domain/inventory.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// A message of a group lists this many alerts at most, the worst first; `counts` counts all.
inline constexpr std::size_t group_alerts_max = 50;

/// What a message says, before it has the shape of a receiver. One alert, or those of a group.
struct Notification {
  /// The same for all messages about one alert's episode, or about one group: what receivers that
  /// keep incidents of their own tell them by (PagerDuty's dedup_key, Opsgenie's alias).
  std::string key;
  /// Names this one message.
  std::string message_id;
  std::string receiver;
  /// Number of the alert's event, or of the group's message.
  std::int64_t sequence = 0;
  /// Empty unless grouped: `{environment="production",owner="payments"}`.
  std::string group_key;
  std::map<std::string, std::string> group_labels;
  bool grouped = false;
  /// Of one alert its own kind. Of a group: resolved when nothing in it fires any more, else firing
  /// for its first message, updated, or repeated.
  AlertEventKind kind = AlertEventKind::firing;
  /// Of all its alerts the gravest that fires; of a resolved one the gravest at all.
  Severity severity = Severity::warning;
  /// One unless grouped. Of a group the ones that changed, then those that go on, the worst first,
  /// at most group_alerts_max.
  std::vector<Transition> alerts;
  std::size_t firing = 0;
  std::size_t resolved = 0;
  /// Alerts of the group that `alerts` leaves out.
  std::size_t truncated = 0;
};

/// A time for people, in the zone that the settings name.
using ShowTime = std::function<std::string(TimePoint)>;

/// What messages are made from besides the notification.
struct MessageInput {
  const Inventory& inventory;
  /// Of this installation, without a trailing slash; may be empty.
  const std::string& external_url;
  /// When the message's cause happened.
  TimePoint at;
  /// In messages to people; empty: UTC.
  ShowTime show_time = {};
};

/// `scanclock.alert.firing`, `.updated` or `.resolved`, or `scanclock.group`.
std::string notification_type(const Notification& notification);

/// The body that is stored in the outbox and sent to the receiver, within the receiver's limits.
/// Holds no secret: keys and credentials are added when it is sent. Not for receivers that are told
/// without the outbox.
std::string render_notification(const Receiver& receiver, const MessageInput& input,
                                const Notification& notification);

}  // namespace scanclock::alerts
