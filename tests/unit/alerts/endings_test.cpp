#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

namespace scanclock::alerts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

/// An image `a` that is overdue and alerts; `b` is fresh and keeps the host busy.
class OverdueEnds : public testing::Test {
 protected:
  OverdueEnds() {
    EvaluatorOptions options = episode.options;
    Route route;
    route.receivers = {"oncall"};
    route.repeat_every = days(365);
    options.routes = {route};
    episode.evaluator.configure(options);
    world.add_image('a');
    world.add_image('b');
    world.scan('a', world.now - days(31));
    world.scan('b', world.now);
    world.run("ab");
    EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockScanOverdue:firing"));
  }

  Episode episode;
  AlertWorld& world = episode.world;
};

TEST_F(OverdueEnds, AsScannedWithANewScan) {
  world.now += minutes(5);
  world.scan('a', world.now - minutes(1));
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockScanOverdue:resolved:scanned"));
}

TEST_F(OverdueEnds, NotWithAScanThatIsOverdueItself) {
  world.scan('a', world.now - days(30) - hours(1));
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockScanOverdue:updated"));
}

TEST_F(OverdueEnds, NotWithAFutureDatedScan) {
  world.scan('a', world.now + hours(1));
  EXPECT_THAT(Episode::heard(episode.evaluate()), ElementsAre("ScanclockEvidenceRejected:firing"));
  EXPECT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
}

TEST_F(OverdueEnds, AsNotRunningAfterTenMinutesInACompleteView) {
  world.now += minutes(1);
  world.run("b");
  EXPECT_THAT(Episode::heard(episode.evaluate()), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(minutes(10) - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(episode.pass(seconds(1))),
              ElementsAre("ScanclockScanOverdue:resolved:not_running"));
}

TEST_F(OverdueEnds, NotWhenTheContainerComesBackWithinTenMinutes) {
  const std::string id = episode.find(rule_scan_overdue, 'a')->id;
  for (int round = 0; round < 5; ++round) {
    world.run("b");
    EXPECT_THAT(Episode::heard(episode.pass(minutes(9))), IsEmpty());
    world.run("ab");
    EXPECT_THAT(Episode::heard(episode.pass(minutes(9))), IsEmpty());
  }
  ASSERT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
  EXPECT_EQ(episode.find(rule_scan_overdue, 'a')->id, id);
}

TEST_F(OverdueEnds, NotAsNotRunningWhileTheHostDoesNotAnswer) {
  world.run("b");
  episode.evaluate();
  world.sources.failed("host-a", "timeout", "", world.now + minutes(1));
  EXPECT_THAT(Episode::heard(episode.pass(hours(3))),
              Not(Contains("ScanclockScanOverdue:resolved")));
  ASSERT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
  world.run("b");
  EXPECT_THAT(Episode::heard(episode.pass(minutes(10))),
              Contains("ScanclockScanOverdue:resolved:not_running"));
}

TEST_F(OverdueEnds, NotWhileTheRegistryDoesNotAnswerForTheImage) {
  world.evidence_failed('a', "unauthorized");
  world.run("b");
  EXPECT_THAT(Episode::heard(episode.pass(hours(3))), IsEmpty());
  EXPECT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
}

TEST_F(OverdueEnds, AsScannedByEvidenceEvenWhileTheRegistryIsBlind) {
  world.sources.failed("prod", "timeout", "", world.now);
  world.evidence_failed('a', "timeout");
  episode.pass(hours(1));
  world.scan('a', world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockScanOverdue:resolved:scanned"));
}

TEST_F(OverdueEnds, AsRemovedWhenItRunsNoMoreAndIsGoneFromEveryRegistry) {
  world.run("b");
  episode.evaluate();
  world.remove('a');
  EXPECT_THAT(Episode::heard(episode.pass(minutes(10))),
              ElementsAre("ScanclockScanOverdue:resolved:removed"));
}

TEST_F(OverdueEnds, NotByRemovalWhileItRuns) {
  world.remove('a');
  EXPECT_THAT(Episode::heard(episode.pass(hours(1))), IsEmpty());
  EXPECT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
}

TEST_F(OverdueEnds, AsPolicyWhenThePolicyIsGone) {
  Scope scope = AlertWorld::default_scope();
  scope.policies[0].policy.name = "another";
  scope.policies[0].policy.window = days(60);
  world.inventory.set_scope(scope, world.now);
  episode.evaluator.configure(episode.options);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockScanOverdue:resolved:policy"));
}

TEST_F(OverdueEnds, AsPolicyWhenTheWindowWasMadeLonger) {
  Scope scope = AlertWorld::default_scope();
  scope.policies[0].version = 2;
  scope.policies[0].policy.window = days(60);
  world.now += minutes(1);
  world.inventory.set_scope(scope, world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockScanOverdue:resolved:policy"));
}

TEST_F(OverdueEnds, NotByAClockThatWasSetBack) {
  world.now -= days(10);
  episode.evaluate();
  EXPECT_NE(episode.find(rule_scan_overdue, 'a'), nullptr);
}

TEST_F(OverdueEnds, NotByARestart) {
  const Alert before = *episode.find(rule_scan_overdue, 'a');
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  restarted.restore(with_alert(before));
  world.now += hours(5);
  const Touched touched = world.reevaluate();
  const ChangeSet changes =
      restarted.evaluate(world.inventory, world.sources, touched, {}, world.now);
  EXPECT_THAT(Episode::heard(changes), ElementsAre("ScanclockScanOverdue:repeated"));
  EXPECT_EQ(changes.alerts.at(0).id, before.id);
  EXPECT_EQ(changes.alerts.at(0).sequence, before.sequence + 1);
  EXPECT_EQ(changes.alerts.at(0).started_at, before.started_at);
}

TEST_F(OverdueEnds, WithARestartInTheMiddleOfNotRunningStillAfterTenMinutes) {
  world.run("b");
  episode.evaluate();
  world.now += minutes(9);
  Evaluator restarted(episode.options, [] { return std::string("new"); });
  restarted.restore(with_alert(*episode.find(rule_scan_overdue, 'a')));
  EXPECT_THAT(
      Episode::heard(restarted.evaluate(world.inventory, world.sources, Touched(), {}, world.now)),
      IsEmpty());
  EXPECT_EQ(restarted.next_change_at(), world.now + minutes(10));
  world.now += minutes(10);
  EXPECT_THAT(
      Episode::heard(restarted.evaluate(world.inventory, world.sources, Touched(), {}, world.now)),
      ElementsAre("ScanclockScanOverdue:resolved:not_running"));
}

TEST_F(OverdueEnds, AsPolicyWhenTheImageIsIgnoredFromNowOn) {
  Scope scope = AlertWorld::default_scope();
  scope.workloads[0].ignore_images = {"**/app:1.a"};
  world.inventory.set_scope(scope, world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockScanOverdue:resolved:policy"));
}

TEST(NeverScannedEnds, AsScannedWithItsFirstScan) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.run("a");
  episode.evaluate();
  episode.world.now += minutes(1);
  episode.world.scan('a', episode.world.now);
  EXPECT_THAT(Episode::heard(episode.evaluate()),
              ElementsAre("ScanclockNeverScanned:resolved:scanned"));
}

TEST(NeverScannedEnds, NotWhenTheRegistryStopsAnsweringAfterwards) {
  Episode episode;
  episode.world.add_image('a');
  episode.world.run("a");
  episode.evaluate();
  episode.world.evidence_failed('a', "timeout");
  episode.pass(hours(1));
  EXPECT_THAT(episode.open_rules(), ElementsAre("ScanclockNeverScanned"));
}

}  // namespace
}  // namespace scanclock::alerts
