#include "tests/unit/alerts/telling_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

/// `oncall`, told of each alert by itself.
class News : public testing::Test {
 protected:
  News() : pager(Pager::options_with({"oncall"}, {Pager::route_to("oncall")})) {}

  AlertWorld& world() { return pager.world; }

  Pager pager;
};

TEST_F(News, IsMutedBySilencesUntilTheyExpire) {
  pager.silence("severity", "critical", hours(2));
  pager.add_overdue('a');
  world().run("a");
  pager.pass(hours(2) - seconds(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(seconds(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(News, BeginsAtOnceWhenASilenceIsEndedByHand) {
  pager.silence("rule", "ScanclockScanOverdue", hours(2));
  pager.add_overdue('a');
  world().run("a");
  pager.pass(hours(1));
  ASSERT_THAT(pager.heard("oncall"), IsEmpty());
  Silence ended = pager.silences.at("sil_1");
  ended.ended_at = world().now;
  pager.evaluator->put(ended);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(News, OfAnEndIsNotMutedForWhoeverWasTold) {
  pager.add_overdue('a');
  world().run("a");
  pager.evaluate();
  pager.silence("severity", "critical", hours(2));
  pager.pass(hours(1));
  world().scan('a', world().now);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"),
              ElementsAre("a ScanOverdue firing", "a ScanOverdue resolved:scanned"));
}

TEST_F(News, IsNotNeededOfWhatBeganAndEndedSilenced) {
  pager.silence("severity", "critical", hours(2));
  pager.add_overdue('a');
  world().run("a");
  pager.pass(hours(1));
  world().scan('a', world().now);
  pager.pass(days(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
}

TEST_F(News, CatchesUpWithOneMessageAfterASilence) {
  world().add_image('a');
  ContainerObservation development = world().container('a', "c-a");
  development.namespace_name = "dev-1";
  world().observe("host-a", {development});
  pager.evaluate();
  ASSERT_THAT(pager.heard("oncall"), ElementsAre("a NeverScanned firing"));
  pager.silence("rule", "ScanclockNeverScanned", hours(3));
  pager.pass(hours(1));
  world().run("a");
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a NeverScanned updated"));
  const auto body = nlohmann::json::parse(pager.messages.back().body);
  EXPECT_THAT(body["data"]["changed"], ElementsAre("severity", "environment"));
  EXPECT_EQ(body["data"]["severity"], "critical");
}

TEST_F(News, IsNotRepeatedWhileSomeoneHasTakenTheAlert) {
  pager.add_overdue('a');
  world().run("a");
  pager.evaluate();
  pager.heard("oncall");
  pager.take(pager.alert(rule_scan_overdue, 'a'), hours(9));
  pager.pass(hours(9) - seconds(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(seconds(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue repeated"));
}

TEST_F(News, GoesOnWhenATakenAlertGrowsWorse) {
  pager.add_due_soon('a');
  world().run("a");
  pager.evaluate();
  ASSERT_THAT(pager.heard("oncall"), ElementsAre("a ScanDueSoon firing"));
  pager.take(pager.alert(rule_scan_due_soon, 'a'), days(30));
  pager.pass(days(3) - seconds(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(seconds(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanDueSoon updated"));
  EXPECT_EQ(pager.acknowledgements.begin()->second.ended_at, world().now)
      << "the record says until when it was taken";
}

TEST_F(News, OfATakenAlertIsNewsForAReceiverThatDidNotKnowIt) {
  pager.add_overdue('a');
  world().run("a");
  pager.evaluate();
  pager.take(pager.alert(rule_scan_overdue, 'a'), days(1));
  pager.reload(Pager::options_with({"oncall", "second"}, {}));
  pager.evaluate();
  EXPECT_THAT(pager.heard("second"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(News, EndsWithAnAcknowledgementOfWhatOnlyHappened) {
  world().add_image('a');
  world().scan('a', world().now - days(1));
  world().run("a");
  world().scan('a', world().now + hours(3));
  pager.evaluate();
  const auto keys = pager.evaluator->book().keys_of_rule(rule_evidence_rejected);
  ASSERT_EQ(keys.size(), 1u);
  pager.heard("oncall");
  pager.pass(hours(1));
  pager.take(*pager.evaluator->book().find(keys[0]), hours(1));
  pager.evaluate();
  ASSERT_EQ(pager.evaluator->book().open_count(), 0u);
  EXPECT_EQ(pager.evaluator->book().ended().back().resolved_reason, "acknowledged");
  EXPECT_EQ(pager.heard("oncall").size(), 1u);
  pager.restart();
  pager.pass(hours(30));
  EXPECT_EQ(pager.evaluator->book().open_count(), 0u) << "it is no new alert";
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
}

TEST_F(News, GivesANewReceiverThePresentStateOnce) {
  pager.add_overdue('a');
  world().run("a");
  pager.pass(hours(5));
  pager.reload(Pager::options_with({"oncall", "second"}, {}));
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("second"), ElementsAre("a ScanOverdue firing"));
  pager.restart();
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("second"), IsEmpty());
}

TEST_F(News, DoesNotStumbleOverAReceiverThatWasRemovedAndCameBack) {
  pager.reload(Pager::options_with({"oncall", "second"}, {}));
  pager.add_overdue('a');
  pager.add_overdue('b');
  world().run("ab");
  pager.evaluate();
  EXPECT_EQ(pager.heard("second").size(), 2u);
  pager.reload(Pager::options_with({"oncall"}, {}));
  world().scan('a', world().now);
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("second"), IsEmpty());
  pager.reload(Pager::options_with({"oncall", "second"}, {}));
  pager.pass(hours(1));
  EXPECT_THAT(pager.heard("second"), ElementsAre("a ScanOverdue resolved:scanned"));
}

TEST_F(News, OfEndsAwaitsAReceiverForAsLongAsTheRecordIsKept) {
  for (const bool restarted : {false, true}) {
    Pager home(Pager::options_with({"oncall", "second"}, {}));
    home.options.owed_ends_kept = days(100);
    home.reload(home.options);
    home.add_overdue('a');
    home.add_overdue('b');
    home.world.run("ab");
    home.evaluate();
    EXPECT_EQ(home.heard("second").size(), 2u);
    EvaluatorOptions without = home.options;
    without.receivers.pop_back();
    home.reload(without);
    home.world.scan('a', home.world.now);
    home.pass(days(20));
    home.world.scan('b', home.world.now);
    home.pass(days(90));
    if (restarted) {
      home.restart();
      home.evaluate();
    }
    EvaluatorOptions again = home.options;
    again.receivers.push_back(Pager::webhook("second"));
    home.heard("second");
    home.reload(again);
    home.evaluate();
    EXPECT_THAT(home.heard("second"), Contains("b ScanOverdue resolved:scanned")) << restarted;
  }
}

TEST_F(News, PaysAfterARestartWhatWasOwedBefore) {
  pager.silence("severity", "critical", hours(2));
  pager.add_overdue('a');
  world().run("a");
  pager.pass(hours(1));
  pager.restart();
  pager.pass(minutes(30));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  world().now += hours(1);
  pager.restart();
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(News, OfASupersededWarningIsAnUpdateAndNoResolve) {
  pager.add_due_soon('a');
  world().run("a");
  pager.pass(days(7));
  const auto heard = pager.heard("oncall");
  EXPECT_THAT(heard, Contains("a ScanDueSoon updated:superseded"));
  EXPECT_THAT(heard, Contains("a ScanOverdue firing"));
  EXPECT_THAT(heard, Not(Contains(testing::HasSubstr("resolved"))));
}

TEST_F(News, OfWhatIsKnownBeginsWhenNotificationsAreSwitchedOn) {
  EvaluatorOptions observing = pager.options;
  observing.notify = false;
  pager.reload(observing);
  pager.add_overdue('a');
  world().run("a");
  pager.pass(days(3));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  observing.notify = true;
  pager.reload(observing);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(News, GivesEachMessageAnIdOfItsOwn) {
  pager.add_overdue('a');
  world().run("a");
  pager.pass(days(2));
  std::set<std::string> ids;
  for (const OutboxMessage& message : pager.messages) {
    EXPECT_TRUE(ids.insert(message.id).second) << message.id;
  }
  EXPECT_GT(ids.size(), 10u);
}

/// Noon of a Sunday, in Berlin 13:00; warnings wait on weekends and from 18:00 to 08:00.
class WaitingForTheWeek : public testing::Test {
 protected:
  WaitingForTheWeek() : pager(waiting_options()) {}

  static EvaluatorOptions waiting_options() {
    Route route = Pager::route_to("oncall");
    route.repeat_every = days(7);
    route.warnings_wait = {{{0, 6}, minutes(0), hours(24)},
                           {{0, 1, 2, 3, 4, 5}, hours(18), hours(8)}};
    EvaluatorOptions options = Pager::options_with({"oncall"}, {route});
    options.time_zone = *TimeZone::find("Europe/Berlin");
    return options;
  }

  Pager pager;
};

TEST_F(WaitingForTheWeek, WarningsAreToldInTheMorning) {
  pager.add_due_soon('a');
  pager.world.run("a");
  // Monday 08:00 in Berlin is 07:00 UTC: the night of Sunday follows the weekend without a gap.
  pager.pass(hours(19) - seconds(1));
  EXPECT_THAT(pager.heard("oncall"), IsEmpty());
  pager.pass(seconds(1));
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanDueSoon firing"));
}

TEST_F(WaitingForTheWeek, CriticalAlertsAreToldAtOnce) {
  pager.add_overdue('a');
  pager.world.run("a");
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanOverdue firing"));
}

TEST_F(WaitingForTheWeek, EndsAreToldAtOnce) {
  pager.world.now += hours(24);
  pager.add_due_soon('a');
  pager.world.run("a");
  pager.pass(hours(9));
  ASSERT_THAT(pager.heard("oncall"), ElementsAre("a ScanDueSoon firing"));
  pager.world.scan('a', pager.world.now);
  pager.evaluate();
  EXPECT_THAT(pager.heard("oncall"), ElementsAre("a ScanDueSoon resolved:scanned"));
}

TEST(HeldBack, IsWhatWasSilencedSinceItBegan) {
  Receiver alertmanagers;
  alertmanagers.name = "alertmanagers";
  alertmanagers.alertmanager.emplace();
  EvaluatorOptions options;
  options.receivers = {alertmanagers};
  Pager pager(options);
  pager.add_overdue('a');
  pager.add_overdue('b');
  pager.world.run("a");
  pager.evaluate();
  pager.world.now += minutes(1);
  pager.silence("severity", "critical", hours(2));
  pager.world.run("ab");
  pager.evaluate();
  const auto is_shown = [&](char letter) {
    return pager.evaluator->is_shown_to(pager.alert(rule_scan_overdue, letter), "alertmanagers");
  };
  EXPECT_TRUE(is_shown('a')) << "to stop telling of it would resolve it";
  EXPECT_FALSE(is_shown('b'));
  pager.restart();
  pager.pass(hours(1));
  EXPECT_TRUE(is_shown('a'));
  EXPECT_FALSE(is_shown('b'));
  pager.pass(hours(1));
  EXPECT_TRUE(is_shown('b'));
}

}  // namespace
}  // namespace scanclock::alerts
