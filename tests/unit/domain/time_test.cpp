#include "core/domain/time.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct TimeCase {
  std::string text;
  std::string normal;
};

TEST(Rfc3339, ReadsEveryFormThatProducersWrite) {
  const std::vector<TimeCase> cases = {
      {"2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"},
      {"2026-11-01t12:00:00z", "2026-11-01T12:00:00Z"},
      {"2026-11-01 12:00:00Z", "2026-11-01T12:00:00Z"},
      {"2026-11-01T12:00:00+00:00", "2026-11-01T12:00:00Z"},
      {"2026-11-01T12:00:00-00:00", "2026-11-01T12:00:00Z"},
      {"2026-11-01T14:00:00+02:00", "2026-11-01T12:00:00Z"},
      {"2026-11-01T06:30:00-05:30", "2026-11-01T12:00:00Z"},
      {"2026-11-01T23:30:00-23:59", "2026-11-02T23:29:00Z"},
      {"2026-11-01T12:00:00.5Z", "2026-11-01T12:00:00.5Z"},
      {"2026-11-01T12:00:00.123456789Z", "2026-11-01T12:00:00.123456Z"},
      {"2026-11-01T12:00:00.9999999999999999999999Z", "2026-11-01T12:00:00.999999Z"},
      {"2026-11-01T12:00:00.000000Z", "2026-11-01T12:00:00Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
  };
  for (const TimeCase& item : cases) {
    const auto time = parse_rfc3339(item.text);
    ASSERT_TRUE(time) << item.text;
    EXPECT_EQ(format_rfc3339(*time), item.normal) << item.text;
  }
}

TEST(Rfc3339, RefusesEverythingElse) {
  const std::vector<std::string> cases = {
      "",
      "now",
      "2026-11-01",
      "2026-11-01T12:00:00",
      "2026-11-01T12:00Z",
      "2026-11-01T24:00:00Z",
      "2026-11-01T12:60:00Z",
      "2026-11-01T12:00:61Z",
      "2026-13-01T12:00:00Z",
      "2026-00-01T12:00:00Z",
      "2026-02-30T12:00:00Z",
      "2025-02-29T12:00:00Z",
      "2026-11-01T12:00:00.Z",
      "2026-11-01T12:00:00,5Z",
      "2026-11-01T12:00:00+24:00",
      "2026-11-01T12:00:00+02:60",
      "2026-11-01T12:00:00+2:00",
      "2026-11-01T12:00:00ZZ",
      "2026-11-01T12:00:00Z ",
      " 2026-11-01T12:00:00Z",
      "+2026-11-01T12:00:00Z",
      "-001-11-01T12:00:00Z",
      "26-11-01T12:00:00Z",
      "1761998400",
      std::string("2026-11-01T12:00:00\0Z", 21),
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, TakesATimeWithoutZoneForUtcOnlyWhereItMay) {
  EXPECT_FALSE(parse_rfc3339("2026-11-01T12:00:00"));
  const auto assumed = parse_rfc3339_assuming_utc("2026-11-01T12:00:00");
  ASSERT_TRUE(assumed);
  EXPECT_EQ(format_rfc3339(*assumed), "2026-11-01T12:00:00Z");
  const auto stated = parse_rfc3339_assuming_utc("2026-11-01T12:00:00+01:00");
  ASSERT_TRUE(stated);
  EXPECT_EQ(format_rfc3339(*stated), "2026-11-01T11:00:00Z");
  EXPECT_FALSE(parse_rfc3339_assuming_utc("2026-11-01T12:00:00X"));
}

TEST(NotSet, IsYearOneOrEarlierAndTheEpoch) {
  for (const std::string text : {"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
                                 "0001-12-31T23:59:59Z", "1970-01-01T00:00:00Z"}) {
    EXPECT_FALSE(is_set(*parse_rfc3339(text))) << text;
  }
  for (const std::string text : {"0002-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
                                 "1970-01-01T00:00:01Z", "2026-11-01T12:00:00Z"}) {
    EXPECT_TRUE(is_set(*parse_rfc3339(text))) << text;
  }
}

TEST(Durations, AreReadLargestUnitFirst) {
  const std::vector<std::pair<std::string, Duration>> cases = {
      {"30d", days(30)},
      {"12h", hours(12)},
      {"15m", minutes(15)},
      {"30s", seconds(30)},
      {"500ms", milliseconds(500)},
      {"1h30m", minutes(90)},
      {"1d2h3m4s5ms", days(1) + hours(2) + minutes(3) + seconds(4) + milliseconds(5)},
      {"0s", Duration::zero()},
      {"36500d", days(36500)},
  };
  for (const auto& [text, duration] : cases) {
    ASSERT_TRUE(parse_duration(text)) << text;
    EXPECT_EQ(*parse_duration(text), duration) << text;
    EXPECT_EQ(parse_duration(format_duration(duration)), duration) << text;
  }
}

TEST(Durations, OfAnotherFormAreRefused) {
  for (const std::string text :
       {"", "30", "d", "-1d", "+1d", "1d-2h", "1.5h", "1 d", "1m1h", "1h1h", "1w", "1D", "36501d",
        "36500d1ms", "99999999999999999999s", "9223372036854775807d", "1ms1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, ArePrintedForPeopleInTwoUnits) {
  EXPECT_EQ(describe_duration(days(3) + hours(4) + minutes(5)), "3d 4h");
  EXPECT_EQ(describe_duration(minutes(12)), "12m");
  EXPECT_EQ(describe_duration(-seconds(45)), "45s");
  EXPECT_EQ(describe_duration(milliseconds(999)), "0s");
  EXPECT_EQ(describe_duration(days(30)), "30d");
  EXPECT_EQ(format_duration(days(30)), "30d");
  EXPECT_EQ(format_duration(Duration::zero()), "0s");
}

}  // namespace
}  // namespace scanclock
