#include "alerts/routing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock::alerts {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Receiver> receivers() {
  std::vector<Receiver> list(3);
  list[0].name = "oncall";
  list[1].name = "chat";
  list[2].name = "audit";
  return list;
}

Alert alert_with(Severity severity) {
  Alert alert;
  alert.key.rule = "ScanclockScanOverdue";
  alert.severity = severity;
  alert.labels = {{"alertname", "ScanclockScanOverdue"},
                  {"severity", std::string(to_string(severity))},
                  {"environment", "production"}};
  return alert;
}

std::vector<std::string> names(const Router& router, const Alert& alert) {
  std::vector<std::string> list;
  for (const Recipient& recipient : router.recipients(alert)) {
    list.push_back(recipient.receiver);
  }
  return list;
}

Recipient told_every(const std::string& receiver, Duration every) {
  Recipient recipient;
  recipient.receiver = receiver;
  recipient.repeat_every = every;
  return recipient;
}

struct MatchCase {
  const char* name;
  LabelMatcher matcher;
  bool matches;
};

class RouteMatches : public testing::TestWithParam<MatchCase> {};

TEST_P(RouteMatches, AsAlertmanagerDoes) {
  Route route;
  route.match = {GetParam().matcher};
  route.receivers = {"oncall"};
  const Router router({route}, receivers());
  const std::vector<std::string> matched = {"oncall"};
  EXPECT_EQ(names(router, alert_with(Severity::critical)) == matched, GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RouteMatches,
    testing::Values(
        MatchCase{"Equal", {"severity", MatchOperator::equal, "critical"}, true},
        MatchCase{"EqualIsExact", {"severity", MatchOperator::equal, "crit"}, false},
        MatchCase{"NotEqual", {"severity", MatchOperator::not_equal, "warning"}, true},
        MatchCase{"Regex", {"severity", MatchOperator::regex, "crit.*"}, true},
        MatchCase{"RegexMatchesTheWholeValue", {"severity", MatchOperator::regex, "crit"}, false},
        MatchCase{"NotRegex", {"severity", MatchOperator::not_regex, "warn.*"}, true},
        MatchCase{"NotRegexWhole", {"severity", MatchOperator::not_regex, "critical|none"}, false},
        MatchCase{"AMissingLabelIsEmpty", {"owner", MatchOperator::equal, ""}, true},
        MatchCase{"AMissingLabelIsNotAValue", {"owner", MatchOperator::regex, ".+"}, false},
        MatchCase{"RuleIsALabelToo", {"rule", MatchOperator::equal, "ScanclockScanOverdue"}, true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Router, WithoutRoutesTellsEveryReceiverOfWarningAndCritical) {
  const Router router({}, receivers());
  EXPECT_THAT(names(router, alert_with(Severity::critical)),
              ElementsAre("oncall", "chat", "audit"));
  EXPECT_THAT(names(router, alert_with(Severity::warning)), ElementsAre("oncall", "chat", "audit"));
  EXPECT_THAT(names(router, alert_with(Severity::none)), IsEmpty());
}

TEST(Router, StopsAtTheFirstMatchUnlessItContinues) {
  Route first;
  first.match = {{"severity", MatchOperator::equal, "critical"}};
  first.receivers = {"oncall"};
  Route second;
  second.receivers = {"chat"};
  EXPECT_THAT(names(Router({first, second}, receivers()), alert_with(Severity::critical)),
              ElementsAre("oncall"));
  EXPECT_THAT(names(Router({first, second}, receivers()), alert_with(Severity::warning)),
              ElementsAre("chat"));
  first.continues = true;
  EXPECT_THAT(names(Router({first, second}, receivers()), alert_with(Severity::critical)),
              ElementsAre("oncall", "chat"));
}

TEST(Router, TellsAReceiverOnceAndAtTheShorterRepeat) {
  Route first;
  first.receivers = {"oncall"};
  first.repeat_every = hours(12);
  first.continues = true;
  Route second;
  second.receivers = {"oncall", "chat"};
  second.repeat_every = hours(1);
  const Router router({first, second}, receivers());
  EXPECT_THAT(router.recipients(alert_with(Severity::critical)),
              ElementsAre(told_every("oncall", hours(1)), told_every("chat", hours(1))));
}

TEST(Router, NeedsAllMatchersOfARoute) {
  Route route;
  route.match = {{"severity", MatchOperator::equal, "critical"},
                 {"environment", MatchOperator::equal, "development"}};
  route.receivers = {"oncall"};
  EXPECT_THAT(names(Router({route}, receivers()), alert_with(Severity::critical)),
              ElementsAre("oncall", "chat", "audit"));
}

TEST(Router, SendsWhatNoRouteMatchesToEveryReceiver) {
  Route route;
  route.match = {{"severity", MatchOperator::equal, "critical"}};
  route.receivers = {"oncall"};
  const Router router({route}, receivers());
  EXPECT_THAT(names(router, alert_with(Severity::critical)), ElementsAre("oncall"));
  EXPECT_THAT(names(router, alert_with(Severity::warning)), ElementsAre("oncall", "chat", "audit"));
  EXPECT_THAT(names(router, alert_with(Severity::none)), IsEmpty());
}

TEST(Repeats, LieOnTheGridOfTheStart) {
  const TimePoint start{hours(1000)};
  EXPECT_EQ(next_repeat_at(start, start, hours(4)), start + hours(4));
  EXPECT_EQ(next_repeat_at(start, start + hours(5), hours(4)), start + hours(8));
  EXPECT_FALSE(repeat_is_due(start, start, hours(4), start + hours(4) - Duration(1)));
  EXPECT_TRUE(repeat_is_due(start, start, hours(4), start + hours(4)));
  EXPECT_TRUE(repeat_is_due(start, start, hours(4), start + hours(400)));
  EXPECT_FALSE(repeat_is_due(start, start, Duration::zero(), start + hours(4)));
  EXPECT_EQ(next_repeat_at(start, start - hours(24), hours(4)), start - hours(20))
      << "the clock was set back";
}

TEST(Router, TellsAReceiverOfTwoRoutesAsTheFirstOneSays) {
  Route first;
  first.receivers = {"oncall"};
  first.group_by = {"owner"};
  first.warnings_wait = {{{0}, std::chrono::minutes(0), hours(24)}};
  first.continues = true;
  Route second;
  second.receivers = {"oncall"};
  second.group_by = {"rule"};
  const Router router({first, second}, receivers());
  const auto recipients = router.recipients(alert_with(Severity::warning));
  ASSERT_EQ(recipients.size(), 1u);
  EXPECT_THAT(recipients[0].group_by, ElementsAre("owner"));
  EXPECT_THAT(recipients[0].warnings_wait, IsEmpty()) << "the second does not wait";
}

TEST(Router, KnowsHowAReceiverWasToldThatNoRouteNamesForTheAlertAnyMore) {
  Route critical;
  critical.match = {{"severity", MatchOperator::equal, "critical"}};
  critical.receivers = {"oncall"};
  critical.group_by = {"owner"};
  const Router router({critical}, receivers());
  EXPECT_THAT(router.former_recipient("oncall").group_by, ElementsAre("owner"));
  EXPECT_THAT(router.former_recipient("audit").group_by, IsEmpty());
}

}  // namespace
}  // namespace scanclock::alerts
