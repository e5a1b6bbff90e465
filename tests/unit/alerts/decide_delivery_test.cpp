#include "alerts/decide_delivery.hpp"

#include <gtest/gtest.h>

namespace scanclock::alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint noon{hours(500000)};

DeliveryAttempt attempt_with(int status) {
  DeliveryAttempt attempt;
  attempt.status = status;
  attempt.created_at = noon;
  attempt.at = noon + seconds(1);
  return attempt;
}

DeliveryAction expected_action(int status) {
  if (status >= 200 && status <= 299) {
    return DeliveryAction::delivered;
  }
  if (status == 410) {
    return DeliveryAction::stop;
  }
  if (status >= 400 && status <= 499 && status != 408 && status != 429) {
    return DeliveryAction::set_aside;
  }
  return DeliveryAction::retry;
}

TEST(DecideDelivery, KnowsWhatToDoWithEveryStatus) {
  for (int status = 100; status <= 599; ++status) {
    const DeliveryDecision decision = decide_delivery(attempt_with(status));
    EXPECT_EQ(decision.action, expected_action(status)) << status;
    EXPECT_EQ(decision.error.empty(), decision.action == DeliveryAction::delivered) << status;
  }
}

TEST(DecideDelivery, TriesAgainWhenTheExchangeFailed) {
  DeliveryAttempt attempt = attempt_with(0);
  attempt.failure = "the receiver cannot be reached: connect";
  const DeliveryDecision decision = decide_delivery(attempt);
  EXPECT_EQ(decision.action, DeliveryAction::retry);
  EXPECT_EQ(decision.error, attempt.failure);
}

TEST(DecideDelivery, WaitsFiveSecondsFifteenAMinuteAndThenFiveMinutes) {
  const Duration waits[] = {seconds(5), seconds(15), minutes(1), minutes(5), minutes(5)};
  for (int number = 1; number <= 5; ++number) {
    DeliveryAttempt attempt = attempt_with(503);
    attempt.number = number;
    EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + waits[number - 1]) << number;
  }
}

TEST(DecideDelivery, SpreadsRetriesByTenPercentEitherWay) {
  DeliveryAttempt attempt = attempt_with(503);
  attempt.number = 9;
  attempt.spread = 0;
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(270));
  attempt.spread = 1;
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(330));
}

TEST(DecideDelivery, PrefersTheReceiversRetryAfter) {
  DeliveryAttempt attempt = attempt_with(429);
  attempt.retry_after = "37";
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(37));
  attempt.retry_after = "0";
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(1));
  attempt.retry_after = "99999999999999";
  EXPECT_EQ(decide_delivery(attempt).action, DeliveryAction::retry);
  attempt.retry_after = "soon";
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(5));
}

TEST(DecideDelivery, GivesUpVisiblyAfterSeventyFiveHours) {
  DeliveryAttempt attempt = attempt_with(503);
  attempt.at = noon + hours(75) - seconds(1);
  EXPECT_EQ(decide_delivery(attempt).action, DeliveryAction::retry);
  attempt.at = noon + hours(75);
  const DeliveryDecision decision = decide_delivery(attempt);
  EXPECT_EQ(decision.action, DeliveryAction::set_aside);
  EXPECT_NE(decision.error.find("given up after"), std::string::npos);
}

TEST(RetryAfter, IsReadInSecondsAndAsHttpDate) {
  const TimePoint now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)};
  EXPECT_EQ(parse_retry_after("120", now), Duration(seconds(120)));
  EXPECT_EQ(parse_retry_after("Sun, 01 Nov 2026 00:02:00 GMT", now), Duration(minutes(2)));
  EXPECT_EQ(parse_retry_after("Sat, 31 Oct 2026 00:00:00 GMT", now), Duration::zero());
  EXPECT_EQ(parse_retry_after("Sun, 01 Nov 2099 00:00:00 GMT", now), retry_after_max);
  for (const char* bad : {"", "-1", "1.5", "Sun, 99 Foo 2026 00:00:00 GMT", "tomorrow"}) {
    EXPECT_EQ(parse_retry_after(bad, now), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace scanclock::alerts
