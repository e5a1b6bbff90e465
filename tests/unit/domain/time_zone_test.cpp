#include "core/domain/time_zone.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(TimeZone, ShowsTimesAsThePeopleThereSeeThem) {
  const TimePoint winter = *parse_rfc3339("2026-11-01T12:00:00.5Z");
  const TimePoint summer = *parse_rfc3339("2026-07-01T12:00:00Z");
  EXPECT_EQ(TimeZone().format(winter), "2026-11-01 12:00:00 UTC");
  const auto berlin = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->format(winter), "2026-11-01 13:00:00 CET");
  EXPECT_EQ(berlin->format(summer), "2026-07-01 14:00:00 CEST");
  EXPECT_EQ(berlin->to_local(summer).time_since_epoch(),
            summer.time_since_epoch() + std::chrono::hours(2));
}

TEST(TimeZone, IsFoundByItsIanaNameOnly) {
  EXPECT_EQ(TimeZone::find("UTC"), TimeZone());
  for (const char* name : {"", "Berlin", "Europe/Atlantis", "../../etc/passwd", "Europe"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
}

TEST(TimeZone, KnowsTheHoursThatComeTwiceAndNever) {
  const auto berlin = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  const auto at = [](const char* text) {
    return LocalTime(parse_rfc3339(text)->time_since_epoch());
  };
  EXPECT_EQ(format_rfc3339(berlin->earliest(at("2026-10-25T02:30:00Z"))), "2026-10-25T00:30:00Z");
  EXPECT_EQ(format_rfc3339(berlin->latest(at("2026-10-25T02:30:00Z"))), "2026-10-25T01:30:00Z");
  EXPECT_EQ(format_rfc3339(berlin->earliest(at("2026-03-29T02:30:00Z"))), "2026-03-29T01:00:00Z");
  EXPECT_EQ(format_rfc3339(berlin->latest(at("2026-03-29T02:30:00Z"))), "2026-03-29T01:00:00Z");
}

}  // namespace
}  // namespace scanclock
