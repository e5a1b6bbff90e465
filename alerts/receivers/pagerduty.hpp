#pragma once

#include "alerts/notification.hpp"
#include "alerts/receiver.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock::alerts {

/// PagerDuty Events API v2 (developer-docs, events-api-v2, "Send an Alert Event"): of a whole
/// event, of payload.summary in characters, and of dedup_key.
inline constexpr std::size_t pagerduty_event_bytes_max = 512'000;
inline constexpr std::size_t pagerduty_summary_max = 1024;
inline constexpr std::size_t pagerduty_dedup_key_max = 255;

/// The event without its routing key: `trigger` with the notification's key as dedup_key, so that
/// updates and repeats meet the incident that is open, or `resolve`. An alert that a graver one
/// supersedes is resolved: that one opens an incident of its own.
std::string render_pagerduty(const PagerDutyReceiver& receiver, const MessageInput& input,
                             const Notification& notification);

/// The event as it is sent.
std::string with_routing_key(std::string_view event, std::string_view routing_key);

}  // namespace scanclock::alerts
