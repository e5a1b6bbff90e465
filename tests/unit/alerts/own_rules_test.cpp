#include "alerts/own_rules.hpp"

#include "alerts/clock_watch.hpp"
#include "alerts/routing.hpp"
#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock::alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ReceiverHealth health(const std::string& name) {
  ReceiverHealth receiver;
  receiver.name = name;
  return receiver;
}

ReceiverHealth failing(const std::string& name, TimePoint since) {
  ReceiverHealth receiver = health(name);
  receiver.failing_since = since;
  receiver.last_error = "the receiver answered 503";
  return receiver;
}

ReceiverHealth delivering(const std::string& name, TimePoint at) {
  ReceiverHealth receiver = health(name);
  receiver.last_delivered_at = at;
  return receiver;
}

ReceiverHealth stopped(const std::string& name, TimePoint since) {
  ReceiverHealth receiver = failing(name, since);
  receiver.stopped = true;
  return receiver;
}

TEST(ReceiverFailing, IsSaidWhenNothingWasDeliveredForAQuarterOfAnHour) {
  Episode episode;
  Evaluator& evaluator = episode.evaluator;
  const TimePoint since = episode.world.now;
  evaluator.note({failing("oncall", since), health("slack")}, episode.world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  EXPECT_EQ(evaluator.next_change_at(), since + minutes(15));
  episode.world.now += minutes(15);
  evaluator.note({failing("oncall", since), health("slack")}, episode.world.now);
  const ChangeSet changes = episode.evaluate();
  ASSERT_EQ(changes.alert_events.size(), 1U);
  const Alert& alert = changes.alerts[0];
  EXPECT_EQ(alert.key.rule, "ScanclockReceiverFailing");
  EXPECT_EQ(alert.key.subject, "oncall");
  EXPECT_EQ(alert.severity, Severity::warning);
  EXPECT_EQ(alert.labels.at("receiver"), "oncall");
  EXPECT_THAT(alert.annotations.at("description"), HasSubstr("the receiver answered 503"));
}

TEST(ReceiverFailing, IsSaidAtOnceWhenAReceiverWantsNothingAnyMore) {
  Episode episode;
  episode.evaluator.note({stopped("oncall", episode.world.now)}, episode.world.now);
  const ChangeSet changes = episode.evaluate();
  ASSERT_EQ(changes.alert_events.size(), 1U);
  EXPECT_THAT(changes.alerts[0].annotations.at("description"), HasSubstr("410 Gone"));
}

TEST(ReceiverFailing, EndsWithADeliveryAndNotWithARestart) {
  Episode episode;
  episode.evaluator.note({stopped("oncall", episode.world.now)}, episode.world.now);
  episode.evaluate();
  episode.world.now += minutes(1);
  // Nothing has been tried since a restart or a reload.
  episode.evaluator.note({health("oncall")}, episode.world.now);
  EXPECT_THAT(episode.evaluate().alert_events, IsEmpty());
  episode.world.now += minutes(1);
  episode.evaluator.note({failing("oncall", episode.world.now)}, episode.world.now);
  EXPECT_THAT(episode.evaluate().alert_events, IsEmpty());
  episode.world.now += minutes(1);
  episode.evaluator.note({delivering("oncall", episode.world.now)}, episode.world.now);
  const ChangeSet changes = episode.evaluate();
  ASSERT_EQ(changes.alert_events.size(), 1U);
  EXPECT_FALSE(changes.alerts[0].firing);
  EXPECT_EQ(changes.alerts[0].resolved_reason, "delivered");
}

TEST(ReceiverFailing, EndsWhenTheReceiverIsInTheSettingsNoMore) {
  Episode episode;
  episode.evaluator.note({stopped("oncall", episode.world.now)}, episode.world.now);
  episode.evaluate();
  episode.evaluator.note({}, episode.world.now);
  const ChangeSet changes = episode.evaluate();
  ASSERT_EQ(changes.alert_events.size(), 1U);
  EXPECT_EQ(changes.alerts[0].resolved_reason, "removed");
}

TEST(ReceiverFailing, CountsAnewWhenTheClockWasSetBackMeanwhile) {
  ReceiverBook book;
  const TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");
  const TimePoint before = now + hours(24 * 40);
  book.note({failing("oncall", before)}, before);
  book.note({failing("oncall", before)}, now);
  const RuleSettings settings;
  EXPECT_THAT(assess_receiver(book, settings, "oncall", now).conditions, IsEmpty());
  book.note({failing("oncall", before)}, now + minutes(15));
  EXPECT_EQ(assess_receiver(book, settings, "oncall", now + minutes(15)).conditions.size(), 1U);
}

TEST(ReceiverFailing, CountsAnewWhenADeliveryLayBetweenTwoFailures) {
  ReceiverBook book;
  const TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");
  book.note({failing("oncall", now)}, now);
  book.note({failing("oncall", now + minutes(14))}, now + minutes(14));
  EXPECT_THAT(assess_receiver(book, RuleSettings(), "oncall", now + minutes(16)).conditions,
              IsEmpty());
}

std::vector<std::string> told_of_failing(const std::string& failing_receiver,
                                         const std::vector<Route>& routes) {
  std::vector<Receiver> receivers(3);
  receivers[0].name = "oncall";
  receivers[1].name = "slack";
  receivers[2].name = "mail";
  Alert alert;
  alert.key.rule = rule_receiver_failing;
  alert.key.subject = failing_receiver;
  alert.labels = {{"severity", "warning"}};
  std::vector<std::string> names;
  for (const Recipient& recipient : Router(routes, receivers).recipients(alert)) {
    names.push_back(recipient.receiver);
  }
  return names;
}

TEST(ReceiverFailing, IsToldThroughTheOthers) {
  Route both;
  both.receivers = {"oncall", "slack"};
  EXPECT_THAT(told_of_failing("oncall", {both}), ElementsAre("slack"));
  Route one;
  one.receivers = {"oncall"};
  EXPECT_THAT(told_of_failing("oncall", {one}), ElementsAre("slack", "mail"))
      << "its route names nobody else";
  EXPECT_THAT(told_of_failing("mail", {}), ElementsAre("oncall", "slack"));
}

/// So that nothing is repeated.
EvaluatorOptions without_receivers() {
  EvaluatorOptions options = Episode::default_options();
  options.receivers.clear();
  return options;
}

TEST(ClockWatch, NoticesAStepAndNoSlowCorrection) {
  ClockWatch watch;
  TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");
  Duration boot = hours(5);
  EXPECT_EQ(watch.note(now, boot), std::nullopt);
  for (int second = 0; second < 20'000; ++second) {
    // 500 ppm, the most that NTP slews: in all five seconds.
    now += seconds(1) + std::chrono::microseconds(500);
    boot += seconds(1);
    ASSERT_EQ(watch.note(now, boot), std::nullopt);
  }
  EXPECT_EQ(watch.note(now + seconds(2), boot), std::nullopt);
  EXPECT_EQ(watch.note(now + seconds(5), boot), seconds(3));
  EXPECT_EQ(watch.note(now - hours(960), boot), -hours(960) - seconds(5));
  EXPECT_EQ(watch.note(now - hours(960) + hours(7), boot + hours(7)), std::nullopt)
      << "a suspended host is no step";
}

TEST(ClockStep, IsReportedForADayAndToldAgainWhenItHappensAgain) {
  Episode episode(AlertWorld::default_scope(), without_receivers());
  episode.world.now += hours(24 * 40);
  episode.evaluator.note_clock_step(hours(24 * 40), episode.world.now);
  const ChangeSet first = episode.evaluate();
  ASSERT_EQ(first.alert_events.size(), 1U);
  EXPECT_EQ(first.alerts[0].key.rule, "ScanclockClockStep");
  EXPECT_EQ(first.alerts[0].severity, Severity::warning);
  EXPECT_THAT(first.alerts[0].annotations.at("summary"), HasSubstr("set forward by 40d"));
  episode.world.now -= hours(24 * 40);
  episode.evaluator.note_clock_step(-hours(24 * 40), episode.world.now);
  const ChangeSet second = episode.evaluate();
  ASSERT_EQ(second.alert_events.size(), 1U);
  EXPECT_EQ(second.alerts[0].id, first.alerts[0].id);
  EXPECT_TRUE(second.alerts[0].firing);
  EXPECT_THAT(second.alerts[0].annotations.at("summary"), HasSubstr("set back by 40d"));
  EXPECT_EQ(second.alert_events[0].kind, AlertEventKind::updated);
  episode.world.now += hours(24) - Duration(1);
  EXPECT_THAT(episode.evaluate().alert_events, IsEmpty());
  episode.world.now += Duration(1);
  const ChangeSet end = episode.evaluate();
  ASSERT_EQ(end.alert_events.size(), 1U);
  EXPECT_EQ(end.alerts[0].resolved_reason, "expired");
}

TEST(ClockStep, OutlivesARestartForTheRestOfItsDay) {
  Episode episode(AlertWorld::default_scope(), without_receivers());
  episode.evaluator.note_clock_step(seconds(5), episode.world.now);
  Snapshot snapshot;
  snapshot.alerts = episode.evaluate().alerts;
  ASSERT_EQ(snapshot.alerts.size(), 1U);
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  restarted.restore(snapshot);
  const auto evaluate = [&] {
    return restarted.evaluate(episode.world.inventory, episode.world.sources, Touched(), {},
                              episode.world.now);
  };
  episode.world.now += hours(23);
  EXPECT_THAT(evaluate().alert_events, IsEmpty());
  episode.world.now += hours(1);
  const ChangeSet end = evaluate();
  ASSERT_EQ(end.alert_events.size(), 1U);
  EXPECT_EQ(end.alerts[0].id, snapshot.alerts[0].id);
  EXPECT_EQ(end.alerts[0].resolved_reason, "expired");
}

}  // namespace
}  // namespace scanclock::alerts
