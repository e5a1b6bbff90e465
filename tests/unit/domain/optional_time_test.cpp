#include "core/domain/optional_time.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using Optional = std::optional<TimePoint>;

constexpr TimePoint noon =
    std::chrono::sys_days(std::chrono::November / 1 / 2026) + std::chrono::hours(12);

TEST(AnOptionalTime, EqualsWhateverSaysTheSameAndNothingElse) {
  const OptionalTime none;
  const OptionalTime some(noon);
  EXPECT_TRUE(none == Optional() && Optional() == none && none == OptionalTime());
  EXPECT_TRUE(some == Optional(noon) && Optional(noon) == some && some == noon && noon == some);
  EXPECT_FALSE(none == Optional(noon) || Optional(noon) == none || none == noon || none == some);
  EXPECT_FALSE(some == Optional() || Optional() == some || some == noon + Duration(1));
}

TEST(AnOptionalTime, BecomesAnOptionalAndComesFromOne) {
  EXPECT_EQ(Optional(OptionalTime()), std::nullopt);
  EXPECT_EQ(Optional(OptionalTime(noon)), noon);
  EXPECT_FALSE(OptionalTime(Optional()).has_value());
  OptionalTime time = Optional(noon);
  EXPECT_EQ(*time, noon);
  time.reset();
  EXPECT_FALSE(time);
  EXPECT_EQ(time.value_or(noon), noon);
}

}  // namespace
}  // namespace scanclock
