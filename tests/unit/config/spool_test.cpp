#include "config/loader.hpp"
#include "config/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(SpoolSettingsFile, IsFoundBesideTheSettingsAndLookedAtEveryTenSeconds) {
  const auto settings =
      load_settings_text("spool: [{name: nightly, path: reports}]\n", "s.yaml", "/etc/scanclock");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  ASSERT_EQ(settings->spool.size(), 1u);
  EXPECT_EQ(settings->spool[0].name, "nightly");
  EXPECT_EQ(settings->spool[0].path, "/etc/scanclock/reports");
  EXPECT_EQ(settings->spool[0].poll_every, std::chrono::seconds(10));
  EXPECT_EQ(settings->spool[0].blind_after, std::chrono::minutes(10));
  EXPECT_THAT(redacted_summary(*settings),
              testing::HasSubstr("spool:\n  - name: nightly\n    path: \"/etc/scanclock/reports\"\n"
                                 "    poll_every: 10s\n    blind_after: 10m\n"));
}

TEST(SpoolSettingsFile, MayBeLookedAtSeldom) {
  const auto settings = load_settings_text("spool: [{name: weekly, path: /s, poll_every: 12h}]\n",
                                           "s.yaml", "/etc/scanclock");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  EXPECT_EQ(settings->spool[0].path, "/s");
  EXPECT_EQ(settings->spool[0].blind_after, std::chrono::hours(24));
}

}  // namespace
}  // namespace scanclock
