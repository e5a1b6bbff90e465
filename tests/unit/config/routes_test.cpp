#include "config/loader.hpp"
#include "config/summary.hpp"
#include "tests/unit/config/errors_of.hpp"

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

struct RouteRefusal {
  const char* name;
  std::string yaml;
  std::string expected;
};

class RefusesRoutes : public testing::TestWithParam<RouteRefusal> {};

TEST_P(RefusesRoutes, WithPlaceAndAdvice) {
  EXPECT_EQ(errors_of(GetParam().yaml, "."), GetParam().expected);
}

const RouteRefusal route_refusals[] = {
    {"GroupIntervalTooLong",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "group_interval: 13h}]\n",
     "s.yaml:2:43: routes[0].group_interval: must be at most 12h, found \"13h\"\n"},
    {"GroupIntervalZero",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "group_interval: 0s}]\n",
     "s.yaml:2:43: routes[0].group_interval: must be at least 1s, found \"0s\"\n"},
    {"WaitingAtNoTime",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "warnings_wait: [{}]}]\n",
     "s.yaml:2:43: routes[0].warnings_wait[0]: says no time\n"
     "HINT: name days, or from and to, such as {days: [sat, sun]}\n"},
    {"WaitingOnAnUnknownDay",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "warnings_wait: [{days: [caturday]}]}]\n",
     "s.yaml:2:51: routes[0].warnings_wait[0].days[0]: unknown value \"caturday\"\n"
     "HINT: known are: sun, mon, tue, wed, thu, fri, sat\n"},
    {"WaitingFromNoTimeOfDay",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "warnings_wait: [{from: \"25:00\", to: 8am}]}]\n",
     "s.yaml:2:50: routes[0].warnings_wait[0].from: \"25:00\" is not a time of day\n"
     "HINT: write HH:MM in quotes, from \"00:00\" to \"24:00\"\n"
     "s.yaml:2:63: routes[0].warnings_wait[0].to: \"8am\" is not a time of day\n"
     "HINT: write HH:MM in quotes, from \"00:00\" to \"24:00\"\n"},
    {"WaitingForEver",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "warnings_wait: [{from: \"08:00\", to: \"20:00\"}, {from: \"20:00\", to: \"08:00\"}]}]\n",
     "s.yaml:2:42: routes[0].warnings_wait: covers the whole week: no warning would ever be sent\n"
     "HINT: leave a time in which warnings are sent, or match severity=\"critical\" only\n"},
};

INSTANTIATE_TEST_SUITE_P(Table, RefusesRoutes, testing::ValuesIn(route_refusals),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace scanclock
