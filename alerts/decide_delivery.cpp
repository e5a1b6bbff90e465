#include "alerts/decide_delivery.hpp"

#include "core/net/retry_after.hpp"

#include <algorithm>
#include <array>

namespace scanclock::alerts {
namespace {

constexpr std::array<Duration, 4> retry_waits{std::chrono::seconds(5), std::chrono::seconds(15),
                                              std::chrono::minutes(1), std::chrono::minutes(5)};

constexpr int status_request_timeout = 408;
constexpr int status_gone = 410;
constexpr int status_too_many_requests = 429;

constexpr int status_ok = 200;

/// SMTP's replies about the account (RFC 4954 section 6).
constexpr std::array<int, 4> account_replies{530, 534, 535, 538};

bool is_account_reply(int status) {
  return std::find(account_replies.begin(), account_replies.end(), status) != account_replies.end();
}

/// The receiver has the message and is answerable for it.
bool is_taken(const DeliveryAttempt& attempt) {
  if (attempt.status < 200 || attempt.status >= 300) {
    return false;
  }
  if (attempt.protocol == DeliveryProtocol::slack) {
    // A proxy's page comes with 200, too.
    return attempt.answer == "ok";
  }
  if (attempt.protocol == DeliveryProtocol::teams && attempt.status == status_ok) {
    return attempt.answer.find("delivery failed") == std::string::npos;
  }
  return true;
}

bool is_poison(const DeliveryAttempt& attempt) {
  const int status = attempt.status;
  if (attempt.protocol == DeliveryProtocol::smtp) {
    return status >= 500 && status < 600 && !is_account_reply(status);
  }
  return status >= 400 && status < 500 && status != status_request_timeout &&
         status != status_too_many_requests && status != status_gone;
}

bool stops_receiver(const DeliveryAttempt& attempt) {
  return attempt.protocol != DeliveryProtocol::smtp && attempt.status == status_gone;
}

Duration scheduled_wait(const DeliveryAttempt& attempt) {
  const std::size_t step = std::min<std::size_t>(
      static_cast<std::size_t>(std::max(attempt.number, 1) - 1), retry_waits.size() - 1);
  const double factor =
      1.0 - retry_jitter + 2 * retry_jitter * std::clamp(attempt.spread, 0.0, 1.0);
  return std::chrono::duration_cast<Duration>(retry_waits[step] * factor);
}

std::string error_text(const DeliveryAttempt& attempt) {
  if (attempt.status == 0) {
    return attempt.failure;
  }
  const std::string text = "the receiver answered " + std::to_string(attempt.status);
  const bool is_vendor = attempt.protocol != DeliveryProtocol::webhook;
  return is_vendor && !attempt.answer.empty() ? text + ": " + attempt.answer : text;
}

Duration wait_of(const DeliveryAttempt& attempt) {
  const auto asked = parse_retry_after(attempt.retry_after, attempt.at);
  if (asked) {
    // "Retry-After: 0" must not become a hot loop.
    return std::max(*asked, retry_after_min);
  }
  const Duration scheduled = scheduled_wait(attempt);
  const bool is_busy_pagerduty =
      attempt.protocol == DeliveryProtocol::pagerduty && attempt.status == status_too_many_requests;
  return is_busy_pagerduty ? std::max(scheduled, pagerduty_busy_wait) : scheduled;
}

}  // namespace

std::string_view outcome_of(DeliveryAction action) {
  switch (action) {
    case DeliveryAction::delivered:
      return "delivered";
    case DeliveryAction::retry:
      return "failed";
    case DeliveryAction::set_aside:
      return "set_aside";
    case DeliveryAction::stop:
      break;
  }
  return "stopped";
}

DeliveryDecision decide_delivery(const DeliveryAttempt& attempt) {
  DeliveryDecision decision;
  if (is_taken(attempt)) {
    return decision;
  }
  decision.error = error_text(attempt);
  if (stops_receiver(attempt)) {
    decision.action = DeliveryAction::stop;
    return decision;
  }
  if (is_poison(attempt)) {
    decision.action = DeliveryAction::set_aside;
    return decision;
  }
  if (attempt.at - attempt.created_at >= delivery_age_max) {
    decision.action = DeliveryAction::set_aside;
    decision.error += "; given up after " + format_duration(delivery_age_max);
    return decision;
  }
  decision.action = DeliveryAction::retry;
  decision.retry_at = attempt.at + wait_of(attempt);
  return decision;
}

}  // namespace scanclock::alerts
