#include "daemon/api/alerting_bodies.hpp"

#include "daemon/api/alerting_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

const TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");

std::string problem_with(const std::string& body) {
  const auto parsed = parse_silence(body, "ops", now);
  return parsed ? "" : parsed.error().message;
}

TEST(SilenceBody, IsReadWithTheTokensNameAndThePresentWhereItSaysNothingElse) {
  const auto silence = parse_silence(
      R"({"matchers":["severity=\"warning\"","owner=~\"pay.*\""],"reason":"a rebuild runs",
          "duration":"4h"})",
      "ops", now);
  ASSERT_TRUE(silence) << silence.error().message;
  ASSERT_EQ(silence->matchers.size(), 2U);
  EXPECT_EQ(to_string(silence->matchers[1]), R"(owner=~"pay.*")");
  EXPECT_EQ(silence->author, "ops");
  EXPECT_EQ(silence->reason, "a rebuild runs");
  EXPECT_EQ(silence->created_at, now);
  EXPECT_EQ(silence->starts_at, now);
  EXPECT_EQ(silence->expires_at, now + hours(4));
  EXPECT_FALSE(silence->ended_at);
}

TEST(SilenceBody, MayBeginLaterAndNameItsAuthorAndItsEnd) {
  const auto silence = parse_silence(
      R"({"matchers":["rule=ScanclockScanDueSoon"],"reason":"r","author":"ana",
          "starts_at":"2026-11-02T00:00:00+02:00","expires_at":"2026-11-03T00:00:00Z"})",
      "ops", now);
  ASSERT_TRUE(silence) << silence.error().message;
  EXPECT_EQ(silence->author, "ana");
  EXPECT_EQ(silence->starts_at, *parse_rfc3339("2026-11-01T22:00:00Z"));
  EXPECT_EQ(silence->expires_at, *parse_rfc3339("2026-11-03T00:00:00Z"));
}

TEST(SilenceBody, CountsItsDurationFromItsStart) {
  const auto silence = parse_silence(
      R"({"matchers":["a=b"],"reason":"r","starts_at":"2026-11-01T20:00:00Z","duration":"1h"})",
      "ops", now);
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->expires_at, *parse_rfc3339("2026-11-01T21:00:00Z"));
}

TEST(SilenceBody, NeverHidesWhatWasBeforeIt) {
  const auto silence = parse_silence(
      R"({"matchers":["a=b"],"reason":"r","starts_at":"2026-10-01T20:00:00Z","duration":"1h"})",
      "ops", now);
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->starts_at, now);
  EXPECT_EQ(silence->expires_at, now + hours(1));
}

struct BadSilence {
  const char* body;
  const char* message;
};

class BadSilenceBody : public testing::TestWithParam<BadSilence> {};

TEST_P(BadSilenceBody, IsRefusedWithTheReason) {
  EXPECT_THAT(problem_with(GetParam().body), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSilenceBody,
    testing::Values(
        BadSilence{"", "JSON object"}, BadSilence{"[]", "JSON object"},
        BadSilence{R"({"matchers":["a=b"],"duration":"1h"})", "reason is required"},
        BadSilence{R"({"matchers":["a=b"],"duration":"1h","reason":" "})", "reason is required"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r"})", "either expires_at or duration"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","duration":"1h",
                       "expires_at":"2026-11-03T00:00:00Z"})",
                   "either expires_at or duration"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","duration":"soon"})", "such as 4h"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","duration":"0s"})", "before it begins"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","duration":"367d"})", "366d at most"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","expires_at":"2026-11-01T11:00:00Z"})",
                   "before it begins"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","expires_at":"tomorrow"})", "RFC 3339"},
        BadSilence{R"({"matchers":[],"reason":"r","duration":"1h"})", "matchers: expected a list"},
        BadSilence{R"({"reason":"r","duration":"1h"})", "matchers: expected a list"},
        BadSilence{R"({"matchers":[1],"reason":"r","duration":"1h"})", "matchers are texts"},
        BadSilence{R"({"matchers":["a"],"reason":"r","duration":"1h"})", "matchers: "},
        BadSilence{R"({"matchers":["a=~\"(\""],"reason":"r","duration":"1h"})", "matchers: "},
        BadSilence{R"({"matchers":["a=~\".*\"","b!=c"],"reason":"r","duration":"1h"})",
                   "match every alert"},
        BadSilence{R"({"matchers":["a=b"],"reason":"r","duration":"1h","until":"x"})",
                   "\"until\" is not a field"},
        BadSilence{R"({"matchers":["a=b"],"reason":5,"duration":"1h"})", "expected a text"}));

TEST(SilenceBody, RefusesATextThatNobodyWouldRead) {
  const std::string reason(silence_text_bytes_max + 1, 'x');
  EXPECT_THAT(problem_with(R"({"matchers":["a=b"],"duration":"1h","reason":")" + reason + R"("})"),
              HasSubstr("longer than 1024 bytes"));
}

TEST(SilenceBody, GoesFromPendingToActiveToExpired) {
  Silence silence;
  silence.starts_at = now;
  silence.expires_at = now + hours(1);
  EXPECT_EQ(silence_state(silence, now - Duration(1)), "pending");
  EXPECT_EQ(silence_state(silence, now), "active");
  EXPECT_EQ(silence_state(silence, now + hours(1) - Duration(1)), "active");
  EXPECT_EQ(silence_state(silence, now + hours(1)), "expired");
  silence.ended_at = now + std::chrono::minutes(5);
  EXPECT_EQ(silence_state(silence, now), "active");
  EXPECT_EQ(silence_state(silence, now + std::chrono::minutes(5)), "expired");
}

TEST(AcknowledgementBody, NeedsAReasonAndAnEnd) {
  const auto taken =
      parse_acknowledgement(R"({"reason":"I rebuild it","duration":"4h"})", "ops", now);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->author, "ops");
  EXPECT_EQ(taken->at, now);
  EXPECT_EQ(taken->expires_at, now + hours(4));
  EXPECT_FALSE(parse_acknowledgement(R"({"duration":"4h"})", "ops", now));
  EXPECT_FALSE(parse_acknowledgement(R"({"reason":"r"})", "ops", now));
  EXPECT_FALSE(parse_acknowledgement(R"({"reason":"r","duration":"1h","matchers":[]})", "o", now));
}

TEST(ReplayBody, NamesAReceiverAndATime) {
  const auto wanted = parse_replay(R"({"receiver":"oncall","since":"2026-11-01T10:00:00Z"})");
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->receiver, "oncall");
  EXPECT_EQ(wanted->since, now - hours(2));
  EXPECT_FALSE(parse_replay(R"({"receiver":"oncall"})"));
  EXPECT_FALSE(parse_replay(R"({"since":"2026-11-01T10:00:00Z"})"));
  EXPECT_FALSE(parse_replay(R"({"receiver":"oncall","since":"yesterday"})"));
}

TEST(NotificationJson, TellsWhatToWhomWhenHowOftenAndWithWhichAnswer) {
  NotificationRecord record;
  record.id = "m1";
  record.receiver = "oncall";
  record.alert_id = "a";
  record.type = "scanclock.alert.firing";
  record.state = NotificationState::waiting;
  record.created_at = now;
  record.next_attempt_at = now + hours(1);
  record.last_error = "the receiver answered 503";
  record.attempts_made = 1;
  NotificationAttempt attempt;
  attempt.at = now;
  attempt.outcome = "failed";
  attempt.error = record.last_error;
  record.attempts = {attempt};
  const auto json = notification_json(record);
  EXPECT_EQ(json["alert_ids"], nlohmann::json::parse(R"(["a"])"));
  EXPECT_EQ(json["state"], "waiting");
  EXPECT_EQ(json["next_attempt_at"], "2026-11-01T13:00:00Z");
  EXPECT_TRUE(json["finished_at"].is_null());
  EXPECT_EQ(json["attempts"][0]["error"], "the receiver answered 503");
  EXPECT_TRUE(json["attempts"][0]["status"].is_null());
}

}  // namespace
}  // namespace scanclock
