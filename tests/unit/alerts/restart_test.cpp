#include "alerts/image_rules.hpp"
#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a daemon stored, that one after it begins with.
Snapshot stored(const Episode& before) {
  Snapshot snapshot;
  const Inventory& inventory = before.world.inventory;
  for (const auto& [digest, image] : inventory.images()) {
    snapshot.manifests.push_back(*inventory.graph().find(digest));
    snapshot.images.push_back(image);
    for (const auto& [key, location] : image.locations) {
      snapshot.locations.emplace_back(digest, location);
      for (const std::string& tag : location.tags) {
        snapshot.tags.push_back({key, tag, digest, image.first_seen_at});
      }
    }
  }
  for (const auto& [key, record] : inventory.all_evidence()) {
    snapshot.evidence.push_back(record.evidence);
  }
  snapshot.coverage.push_back(
      {"prod", SourceKind::registry, before.world.now - days(1), before.world.now});
  snapshot.alerts = before.evaluator.book().open();
  return snapshot;
}

/// An image `a` that runs and was scanned 20 days ago, under a policy of 30 days.
class AfterARestart : public testing::Test {
 protected:
  AfterARestart() {
    before.world.add_image('a');
    before.world.scan('a', before.world.now - days(20));
    before.world.run("a");
    before.evaluate();
  }

  void restart_after(Duration downtime) {
    const Snapshot snapshot = stored(before);
    after = std::make_unique<Episode>();
    after->world.go_on_after(before.world);
    after->world.now = before.world.now + downtime;
    after->world.inventory.restore(snapshot, after->world.now);
    after->evaluator.restore(snapshot);
    after->world.run("a");
  }

  State state() const { return after->world.inventory.image(AlertWorld::digest('a'))->state; }

  Episode before;
  std::unique_ptr<Episode> after;
};

TEST_F(AfterARestart, AScanOfALongDowntimeRaisesNoFalsePage) {
  restart_after(days(12));
  EXPECT_THAT(Episode::heard(after->pass(minutes(10))), IsEmpty());
  EXPECT_EQ(state(), State::overdue);
  after->world.scan('a', after->world.now - days(1));
  after->world.evidence_answered('a');
  EXPECT_THAT(Episode::heard(after->pass(days(1))), IsEmpty());
  EXPECT_EQ(state(), State::fresh);
}

TEST_F(AfterARestart, ATruePageComesAsSoonAsTheRegistryHasAnswered) {
  restart_after(days(12));
  after->pass(minutes(10));
  after->world.evidence_answered('a');
  EXPECT_THAT(Episode::heard(after->evaluate()), ElementsAre("ScanclockScanOverdue:firing"));
}

TEST_F(AfterARestart, ADeadRegistryHoldsATruePageNoLongerThanTheGrace) {
  restart_after(days(12));
  const Duration hold = after->options.rules.first_answer_hold;
  EXPECT_THAT(Episode::heard(after->pass(hold - seconds(1))), IsEmpty());
  EXPECT_THAT(Episode::heard(after->pass(seconds(1))), ElementsAre("ScanclockScanOverdue:firing"));
}

TEST_F(AfterARestart, AFailureIsNoAnswer) {
  restart_after(days(12));
  after->world.evidence_failed('a', "timeout");
  EXPECT_THAT(Episode::heard(after->pass(minutes(10))), IsEmpty());
  EXPECT_THAT(Episode::heard(after->pass(after->options.rules.first_answer_hold)),
              ElementsAre("ScanclockScanOverdue:firing"));
}

TEST_F(AfterARestart, NothingWaitsWhereNobodyWasAwayForLong) {
  before.world.now += days(12);
  before.world.evidence_answered('a');
  restart_after(minutes(5));
  EXPECT_THAT(Episode::heard(after->evaluate()), ElementsAre("ScanclockScanOverdue:firing"));
}

TEST_F(AfterARestart, OpenAlertsGoOn) {
  before.pass(days(12));
  ASSERT_THAT(before.open_rules(), ElementsAre("ScanclockScanOverdue"));
  restart_after(days(2));
  after->pass(minutes(30));
  EXPECT_THAT(after->open_rules(), ElementsAre("ScanclockScanOverdue"));
}

TEST_F(AfterARestart, AWarningStaysUntilThePageThatSupersedesItMayCome) {
  before.pass(days(9));
  ASSERT_THAT(before.open_rules(), ElementsAre("ScanclockScanDueSoon"));
  restart_after(days(3));
  after->pass(minutes(30));
  EXPECT_EQ(state(), State::overdue);
  EXPECT_THAT(after->open_rules(), ElementsAre("ScanclockScanDueSoon"));
  after->world.evidence_answered('a');
  after->pass(minutes(2));
  EXPECT_THAT(after->open_rules(), ElementsAre("ScanclockScanOverdue"));
}

class BeforeASpoolIsRead : public testing::Test {
 protected:
  BeforeASpoolIsRead() {
    episode.world.sources.configure("drop", SourceKind::spool, minutes(10), episode.world.now);
    episode.world.add_image('a');
    episode.world.run("a");
  }

  Episode episode;
};

TEST_F(BeforeASpoolIsRead, NoImageIsSaidToBeUnscanned) {
  EXPECT_THAT(Episode::heard(episode.pass(minutes(1))), IsEmpty());
  episode.world.scan('a', episode.world.now - hours(1));
  episode.world.sources.answered("drop", 1, episode.world.now);
  EXPECT_THAT(Episode::heard(episode.pass(days(1))), IsEmpty());
}

TEST_F(BeforeASpoolIsRead, AnUnscannedImageIsSaidToBeSoOnceItIsRead) {
  episode.pass(minutes(1));
  episode.world.sources.answered("drop", 0, episode.world.now);
  EXPECT_THAT(Episode::heard(episode.pass(first_reading_recheck)),
              ElementsAre("ScanclockNeverScanned:firing"));
}

TEST_F(BeforeASpoolIsRead, AFolderThatIsNeverReadHoldsThePageNoLongerThanItTakesToBeBlind) {
  const auto heard = Episode::heard(episode.pass(minutes(10) + seconds(5)));
  EXPECT_THAT(heard, testing::Contains("ScanclockNeverScanned:firing"));
}

}  // namespace
}  // namespace scanclock::alerts
