#include "alerts/waiting_times.hpp"

#include <gtest/gtest.h>

namespace scanclock::alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::vector<WeeklyTimes> weekend = {{{0, 6}, minutes(0), hours(24)}};
const std::vector<WeeklyTimes> nights = {{{}, hours(18), hours(8)}};
const std::vector<WeeklyTimes> nights_and_weekend = {{{0, 6}, minutes(0), hours(24)},
                                                     {{0, 1, 2, 3, 4, 5}, hours(18), hours(8)}};
const std::vector<WeeklyTimes> early = {{{}, hours(2) + minutes(30), hours(4)}};
const std::vector<WeeklyTimes> until_half_past_two = {{{}, hours(0), hours(2) + minutes(30)}};

struct WaitingCase {
  const char* name;
  const std::vector<WeeklyTimes>& times;
  const char* zone;
  const char* now;
  /// Empty: nothing waits.
  const char* ends_at;
};

class Waiting : public testing::TestWithParam<WaitingCase> {};

TEST_P(Waiting, EndsWhenTheClockOnTheWallSaysSo) {
  const auto zone = TimeZone::find(GetParam().zone);
  ASSERT_TRUE(zone);
  const auto ends_at = waiting_ends_at(GetParam().times, *zone, *parse_rfc3339(GetParam().now));
  EXPECT_EQ(ends_at ? format_rfc3339(*ends_at) : "", GetParam().ends_at);
}

// In Europe/Berlin clocks went to summer time on 2026-03-29 at 02:00 and back on 2026-10-25 at
// 03:00. 2026-10-24 was a Saturday.
INSTANTIATE_TEST_SUITE_P(
    Table, Waiting,
    testing::Values(
        WaitingCase{"Friday", weekend, "UTC", "2026-10-23T23:59:59Z", ""},
        WaitingCase{"BothDaysAreOne", weekend, "UTC", "2026-10-24T00:00:00Z",
                    "2026-10-26T00:00:00Z"},
        WaitingCase{"TheEndIsOver", weekend, "UTC", "2026-10-26T00:00:00Z", ""},
        WaitingCase{"OverMidnight", nights, "UTC", "2026-10-21T18:00:00Z", "2026-10-22T08:00:00Z"},
        WaitingCase{"AfterMidnight", nights, "UTC", "2026-10-21T03:00:00Z", "2026-10-21T08:00:00Z"},
        WaitingCase{"AtDay", nights, "UTC", "2026-10-21T12:00:00Z", ""},
        WaitingCase{"WhatTouchesIsOne", nights_and_weekend, "UTC", "2026-10-23T19:00:00Z",
                    "2026-10-26T08:00:00Z"},
        WaitingCase{"AWeekendWithTheHourThatComesTwice", weekend, "Europe/Berlin",
                    "2026-10-24T12:00:00Z", "2026-10-25T23:00:00Z"},
        WaitingCase{"AWeekendWithoutAnHour", weekend, "Europe/Berlin", "2026-03-28T12:00:00Z",
                    "2026-03-29T22:00:00Z"},
        WaitingCase{"AStartThatIsLeftOutIsTheChange", early, "Europe/Berlin",
                    "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
        WaitingCase{"NotBeforeTheChange", early, "Europe/Berlin", "2026-03-29T00:59:59Z", ""},
        WaitingCase{"AnEndThatIsLeftOutIsTheChange", until_half_past_two, "Europe/Berlin",
                    "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
        WaitingCase{"AnEndThatComesTwiceIsTheSecond", until_half_past_two, "Europe/Berlin",
                    "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"},
        WaitingCase{"AStartThatComesTwiceIsTheFirst", early, "Europe/Berlin",
                    "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"},
        WaitingCase{"AZoneAheadOfUtc", weekend, "Pacific/Auckland", "2026-10-23T11:00:00Z",
                    "2026-10-25T11:00:00Z"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(WaitingTimes, DoNotHoldWhenThereAreNone) {
  EXPECT_EQ(waiting_ends_at({}, TimeZone(), TimePoint(hours(24 * 20000))), std::nullopt);
}

}  // namespace
}  // namespace scanclock::alerts
