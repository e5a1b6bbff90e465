#include "alerts/decide_delivery.hpp"

#include "core/net/retry_after.hpp"

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

struct VendorCase {
  DeliveryProtocol protocol;
  int status;
  const char* answer;
  DeliveryAction action;
};

TEST(DecideDelivery, KnowsEachReceiversWords) {
  using Protocol = DeliveryProtocol;
  using Action = DeliveryAction;
  const VendorCase cases[] = {
      {Protocol::pagerduty, 202, R"({"status":"success"})", Action::delivered},
      {Protocol::pagerduty, 400, R"({"status":"invalid event"})", Action::set_aside},
      {Protocol::pagerduty, 429, "", Action::retry},
      {Protocol::pagerduty, 503, "", Action::retry},
      {Protocol::slack, 200, "ok", Action::delivered},
      {Protocol::slack, 200, "<html>please log in</html>", Action::retry},
      {Protocol::slack, 400, "invalid_payload", Action::set_aside},
      {Protocol::slack, 403, "action_prohibited", Action::set_aside},
      {Protocol::slack, 404, "no_service", Action::set_aside},
      {Protocol::slack, 410, "channel_is_archived", Action::stop},
      {Protocol::slack, 429, "", Action::retry},
      {Protocol::slack, 500, "rollup_error", Action::retry},
      {Protocol::teams, 202, "", Action::delivered},
      {Protocol::teams, 200, "1", Action::delivered},
      {Protocol::teams, 200, "Webhook message delivery failed with error: HTTP error 429",
       Action::retry},
      {Protocol::teams, 413, "", Action::set_aside},
      {Protocol::opsgenie, 202, "Request will be processed", Action::delivered},
      {Protocol::opsgenie, 422, "Key format is not valid!", Action::set_aside},
      {Protocol::opsgenie, 429, "", Action::retry},
      {Protocol::smtp, 250, "queued", Action::delivered},
      {Protocol::smtp, 421, "too busy", Action::retry},
      {Protocol::smtp, 450, "greylisted", Action::retry},
      {Protocol::smtp, 410, "no such code", Action::retry},
      {Protocol::smtp, 550, "no such user", Action::set_aside},
      {Protocol::smtp, 552, "too large", Action::set_aside},
      {Protocol::smtp, 530, "authentication required", Action::retry},
      {Protocol::smtp, 535, "authentication failed", Action::retry},
  };
  for (const VendorCase& one : cases) {
    DeliveryAttempt attempt = attempt_with(one.status);
    attempt.protocol = one.protocol;
    attempt.answer = one.answer;
    const DeliveryDecision decision = decide_delivery(attempt);
    EXPECT_EQ(decision.action, one.action) << one.status << " " << one.answer;
    if (one.action != Action::delivered) {
      EXPECT_NE(decision.error.find(one.answer), std::string::npos) << decision.error;
    }
  }
}

TEST(DecideDelivery, ShowsNothingOfWhatAPlainWebhookAnswers) {
  DeliveryAttempt attempt = attempt_with(500);
  attempt.answer = "stack trace";
  EXPECT_EQ(decide_delivery(attempt).error, "the receiver answered 500");
}

TEST(DecideDelivery, LeavesABusyPagerDutyAloneForMinutes) {
  DeliveryAttempt attempt = attempt_with(429);
  attempt.protocol = DeliveryProtocol::pagerduty;
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + pagerduty_busy_wait);
  attempt.retry_after = "7";
  EXPECT_EQ(decide_delivery(attempt).retry_at, attempt.at + seconds(7));
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
