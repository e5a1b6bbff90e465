#pragma once

#include "alerts/notification.hpp"

#include <string>
#include <string_view>

namespace scanclock::alerts {

/// A message lists this many containers at most; `containers_total` counts all.
inline constexpr std::size_t message_containers_max = 20;

/// `scanclock.alert.firing`, `.updated` or `.resolved`. A repeat is a firing; an alert that a
/// graver one supersedes is told of as an update, for nothing was put right.
std::string message_type(const Transition& transition);

/// The JSON body of a message (contract.md, "Alert rules and what receivers get"):
/// `{"type","timestamp","data":{…}}`.
std::string webhook_body(const MessageInput& input, const Transition& transition);

/// Alertmanager's webhook body, version 4 (alertmanager notify/webhook), with one alert. It knows
/// firing and resolved only: a superseded alert is resolved there.
std::string alertmanager_webhook_body(const MessageInput& input, const Transition& transition,
                                      const std::string& receiver);

/// A heartbeat's body: type `scanclock.alert.firing`, rule ScanclockWatchdog, severity none.
std::string heartbeat_body(const MessageInput& input, const RuleSettings& settings,
                           const std::string& id, TimePoint started_at);

/// Of a label set, 16 hex digits: equal labels, equal fingerprint.
std::string fingerprint_of(const std::map<std::string, std::string>& labels);

/// The page for people about an alert; empty without an external URL.
std::string alert_url(const std::string& external_url, const std::string& alert_id);

}  // namespace scanclock::alerts
