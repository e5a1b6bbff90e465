#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock::alerts {

/// A message that could not be delivered for this long is set aside.
inline constexpr Duration delivery_age_max = std::chrono::hours(75);
/// A receiver cannot ask for a shorter pause; the longest is core/net/retry_after.hpp's.
inline constexpr Duration retry_after_min = std::chrono::seconds(1);
inline constexpr double retry_jitter = 0.1;

/// Whose words a status is.
enum class DeliveryProtocol { webhook, pagerduty, slack, teams, opsgenie, smtp };

/// PagerDuty asks for "a few minutes" after too many events and sends no Retry-After.
inline constexpr Duration pagerduty_busy_wait = std::chrono::minutes(2);

/// How one attempt to deliver a message ended.
struct DeliveryAttempt {
  DeliveryProtocol protocol = DeliveryProtocol::webhook;
  /// The response's status, or SMTP's reply code; 0 when the exchange failed.
  int status = 0;
  std::string failure;
  /// What the receiver said, one clean line without secrets.
  std::string answer;
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
///
/// HTTP: 2xx is success, redirects are failures, a 4xx other than 408 and 429 sets the message
/// aside, 410 stops the receiver. Slack takes a message only with `ok`, and a Teams connector that
/// could not post one may say so with 200. SMTP: 2xx is success, 4xx is tried again, 5xx sets the
/// message aside; but for 530, 534, 535 and 538 (RFC 4954), which speak of the account and not of
/// the message, it is tried again, so that a corrected password loses nothing.
DeliveryDecision decide_delivery(const DeliveryAttempt& attempt);

}  // namespace scanclock::alerts
