#pragma once

#include "alerts/notification.hpp"

#include <string>
#include <string_view>

namespace scanclock::alerts {

/// A message lists this many containers at most; `containers_total` counts all.
inline constexpr std::size_t message_containers_max = 20;
/// The same of each alert of a group, so that fifty of them stay a message that is read.
inline constexpr std::size_t group_containers_max = 3;

/// `scanclock.alert.firing`, `.updated` or `.resolved`. A repeat is a firing; an alert that a
/// graver one supersedes is told of as an update, for nothing was put right.
std::string message_type(const Transition& transition);

/// The JSON body of a message (contract.md, "Alert rules and what receivers get"):
/// `{"type","timestamp","data":{…}}`; of a group `data` has `group_key`, `counts`, `alerts` and
/// `truncated_alerts`.
std::string webhook_notification_body(const MessageInput& input, const Notification& notification);

/// Alertmanager's webhook body, version 4 (alertmanager notify/webhook). It knows firing and
/// resolved only: a superseded alert is resolved there.
std::string alertmanager_notification_body(const MessageInput& input,
                                           const Notification& notification);

/// A notification about one alert.
Notification notification_of(Transition transition, std::string receiver, std::string message_id);

/// ScanclockWatchdog, severity none: always firing since `started_at`.
Notification heartbeat_notification(const RuleSettings& settings, const std::string& receiver,
                                    const std::string& message_id, TimePoint started_at);

/// Of a label set, 16 hex digits: equal labels, equal fingerprint.
std::string fingerprint_of(const std::map<std::string, std::string>& labels);

/// The page for people about an alert; empty without an external URL.
std::string alert_url(const std::string& external_url, const std::string& alert_id);

}  // namespace scanclock::alerts
