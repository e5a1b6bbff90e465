#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock::alerts {

/// A message that could not be delivered for this long is set aside.
inline constexpr Duration delivery_age_max = std::chrono::hours(75);
/// A receiver cannot ask for a shorter or a longer pause than these.
inline constexpr Duration retry_after_min = std::chrono::seconds(1);
inline constexpr Duration retry_after_max = std::chrono::hours(24);
inline constexpr double retry_jitter = 0.1;

/// How one attempt to deliver a message ended.
struct DeliveryAttempt {
  /// The response's status; 0 when the exchange failed.
  int status = 0;
  std::string failure;
  /// Value of the response's Retry-After; empty when absent.
  std::string retry_after;
  /// This one included, from 1.
  int number = 1;
  /// Of the message, or when it was last made due on request.
  TimePoint created_at;
  TimePoint at;
  /// From 0 to 1: where in the jitter this message lies.
  double spread = 0.5;
};

enum class DeliveryAction {
  delivered,
  retry,
  /// Poison, or too old: kept and shown, never sent again by itself.
  set_aside,
  /// The receiver wants nothing any more (410): the message waits, the receiver is not asked again
  /// until a reload or a restart.
  stop,
};

/// Values of the label `outcome` of scanclock_notifications_total.
std::string_view outcome_of(DeliveryAction action);

struct DeliveryDecision {
  DeliveryAction action = DeliveryAction::delivered;
  /// Of a retry.
  TimePoint retry_at;
  /// Of all but delivered.
  std::string error;
};

/// Retries come after 5 s, 15 s, 1 min and then every 5 min, each ± 10 %, unless the receiver's
/// Retry-After says otherwise (contract.md). A pure function.
DeliveryDecision decide_delivery(const DeliveryAttempt& attempt);

/// Seconds, or an HTTP date (RFC 9110 section 10.2.3), as the time to wait from `now`.
std::optional<Duration> parse_retry_after(std::string_view value, TimePoint now);

}  // namespace scanclock::alerts
