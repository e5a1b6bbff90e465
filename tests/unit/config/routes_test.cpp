#include "config/loader.hpp"
#include "config/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const waiting_routes = R"(
receivers: [{name: a, webhook: {url: "https://h.example/x"}}]
routes:
  - receivers: [a]
    group_by: [owner]
    group_wait: 10s
    group_interval: 2m
    warnings_wait:
      - {days: [sat, sun]}
      - {days: [sun, mon, tue, wed, thu], from: "18:00", to: "08:00"}
      - {from: "12:00", to: "12:30"}
display: {time_zone: Europe/Berlin}
)";

Settings settings_of(const char* yaml) {
  auto settings = load_settings_text(yaml, "s.yaml", ".");
  if (!settings.has_value()) {
    ADD_FAILURE() << to_string(settings.error());
    return {};
  }
  return *settings;
}

TEST(RouteSettings, SayHowLongGroupsAndWarningsWait) {
  const Settings settings = settings_of(waiting_routes);
  const RouteSettings& route = settings.routes.at(0);
  EXPECT_EQ(route.group_wait, seconds(10));
  EXPECT_EQ(route.group_interval, minutes(2));
  EXPECT_THAT(route.warnings_wait,
              ElementsAre(WeeklyTimesSettings{{6, 0}, minutes(0), hours(24)},
                          WeeklyTimesSettings{{0, 1, 2, 3, 4}, hours(18), hours(8)},
                          WeeklyTimesSettings{{}, hours(12), hours(12) + minutes(30)}));
  EXPECT_EQ(settings.display.time_zone, "Europe/Berlin");
}

TEST(RouteSettings, WaitAsAlertmanagerDoesUnlessTheySayMore) {
  const RouteSettings route;
  EXPECT_EQ(route.group_wait, seconds(30));
  EXPECT_EQ(route.group_interval, minutes(5));
}

TEST(RouteSettings, AreShownInTheSummary) {
  const std::string summary = redacted_summary(settings_of(waiting_routes));
  EXPECT_THAT(summary, HasSubstr("group_wait: 10s"));
  EXPECT_THAT(summary, HasSubstr("group_interval: 2m"));
  EXPECT_THAT(summary,
              HasSubstr("warnings_wait: [{days: [sat, sun], from: \"00:00\", to: \"24:00\"}, "
                        "{days: [sun, mon, tue, wed, thu], from: \"18:00\", to: \"08:00\"}, "
                        "{from: \"12:00\", to: \"12:30\"}]"));
  EXPECT_THAT(summary, HasSubstr("Europe/Berlin"));
}

}  // namespace
}  // namespace scanclock
