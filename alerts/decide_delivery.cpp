#include "alerts/decide_delivery.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace scanclock::alerts {
namespace {

constexpr std::array<Duration, 4> retry_waits{std::chrono::seconds(5), std::chrono::seconds(15),
                                              std::chrono::minutes(1), std::chrono::minutes(5)};

constexpr int status_request_timeout = 408;
constexpr int status_gone = 410;
constexpr int status_too_many_requests = 429;

bool is_poison(int status) {
  return status >= 400 && status < 500 && status != status_request_timeout &&
         status != status_too_many_requests && status != status_gone;
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
  return "the receiver answered " + std::to_string(attempt.status);
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end()
             ? std::nullopt
             : std::optional<unsigned>(static_cast<unsigned>(found - names.begin()) + 1);
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms are not sent to clients of today.
std::optional<TimePoint> parse_http_date(std::string_view value) {
  char month[4] = {};
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int year = 0;
  const std::string text(value);
  if (std::sscanf(text.c_str(), "%*3s, %2u %3s %4d %2u:%2u:%2u GMT", &day, month, &year, &hour,
                  &minute, &second) != 6) {
    return std::nullopt;
  }
  const auto number = month_of(month);
  if (!number || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(*number),
                                         std::chrono::day(day)};
  if (!date.ok()) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
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

std::optional<Duration> parse_retry_after(std::string_view value, TimePoint now) {
  if (value.empty()) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (end == value.data() + value.size() && error == std::errc() && seconds >= 0) {
    const Duration most = retry_after_max;
    const auto most_seconds = std::chrono::duration_cast<std::chrono::seconds>(most).count();
    return std::chrono::seconds(std::min<std::int64_t>(seconds, most_seconds));
  }
  const auto date = parse_http_date(value);
  if (!date) {
    return std::nullopt;
  }
  return std::clamp(Duration(*date - now), Duration::zero(), retry_after_max);
}

DeliveryDecision decide_delivery(const DeliveryAttempt& attempt) {
  DeliveryDecision decision;
  if (attempt.status >= 200 && attempt.status < 300) {
    return decision;
  }
  decision.error = error_text(attempt);
  if (attempt.status == status_gone) {
    decision.action = DeliveryAction::stop;
    return decision;
  }
  if (is_poison(attempt.status)) {
    decision.action = DeliveryAction::set_aside;
    return decision;
  }
  if (attempt.at - attempt.created_at >= delivery_age_max) {
    decision.action = DeliveryAction::set_aside;
    decision.error += "; given up after " + format_duration(delivery_age_max);
    return decision;
  }
  decision.action = DeliveryAction::retry;
  const auto asked = parse_retry_after(attempt.retry_after, attempt.at);
  // "Retry-After: 0" must not become a hot loop.
  decision.retry_at =
      attempt.at + (asked ? std::max(*asked, retry_after_min) : scheduled_wait(attempt));
  return decision;
}

}  // namespace scanclock::alerts
