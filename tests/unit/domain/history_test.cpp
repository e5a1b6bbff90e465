#include "core/domain/history.hpp"

#include "tests/unit/domain/facts.hpp"
#include "tests/unit/domain/stored_world.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

World watched_world() {
  World world;
  world.add(image(m1, c1));
  world.collect(scan_of(1, {m1}));
  world.run({container("a", {m1}), container("b", {m1}), container("c", {m1})});
  world.conclude();
  return world;
}

TEST(TheRecord, SaysOnceWhatWasConcludedAboutAContainer) {
  World world = watched_world();
  const ChangeSet first = world.inventory.take_changes();
  ASSERT_EQ(first.verdicts.size(), 3U);
  EXPECT_EQ(first.verdicts[0].container, (ContainerKey{"host-a", "a"}));
  EXPECT_EQ(first.verdicts[0].first_seen_at, noon);
  EXPECT_EQ(first.verdicts[0].at, noon);
  EXPECT_EQ(first.verdicts[0].concluded->verdict, Verdict::compliant);
  EXPECT_EQ(first.verdicts[0].concluded->image, m1);
  EXPECT_EQ(first.verdicts[0].concluded->environment, "production");

  world.now += minutes(1);
  world.run({container("a", {m1}), container("b", {m1}), container("c", {m1})});
  world.collect(scan_of(2, {m1}, noon));
  world.conclude();
  EXPECT_TRUE(world.inventory.take_changes().verdicts.empty())
      << "another scan of the same verdict concludes nothing new";
}

TEST(TheRecord, SaysEveryChangeOfAVerdictWithItsTime) {
  World world = watched_world();
  world.inventory.take_changes();
  world.now = noon + 31 * day;
  world.conclude();
  const ChangeSet late = world.inventory.take_changes();
  ASSERT_EQ(late.verdicts.size(), 3U);
  EXPECT_EQ(late.verdicts[0].concluded->verdict, Verdict::overdue);
  EXPECT_EQ(late.verdicts[0].at, world.now);
  EXPECT_EQ(late.verdicts[0].concluded->reason, "policy fedramp-30d: overdue");
}

TEST(TheRecord, SaysToWhichImageAContainerWasJoinedAnew) {
  World world = watched_world();
  world.inventory.take_changes();
  world.run({container("a", {digest(0x99)}), container("b", {m1}), container("c", {m1})});
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.printed_images.size(), 1U);
  EXPECT_EQ(changes.printed_images[0].digests, std::vector<Digest>{m1});
  EXPECT_EQ(changes.printed_images[0].until, world.now);
  EXPECT_EQ(changes.printed_images[0].container.id, "a");
}

TEST(TheRecord, IsNotWrittenAgainAfterARestart) {
  StoredWorld stored;
  World before = watched_world();
  stored.store(before.inventory.take_changes());
  World after;
  after.now = noon + minutes(5);
  after.inventory.restore(stored.snapshot(), after.now);
  after.conclude();
  after.run({container("a", {m1}), container("b", {m1}), container("c", {m1})});
  after.conclude();
  const ChangeSet changes = after.inventory.take_changes();
  EXPECT_TRUE(changes.verdicts.empty());
  EXPECT_TRUE(changes.containers.empty());
}

TEST(TheRecord, NeverPutsAConclusionBeforeTheOneThatItReplaces) {
  World world = watched_world();
  world.inventory.take_changes();
  world.now = noon - hours(2);
  world.run({container("a", {digest(0x99), m1}), container("b", {m1}), container("c", {m1})});
  world.start(container("a", {digest(0x99)}));
  Scope scope = default_scope();
  scope.workloads[0].environment = "staging";
  world.inventory.set_scope(scope, world.now);
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.verdicts.size(), 3U);
  for (const VerdictChange& change : changes.verdicts) {
    EXPECT_EQ(change.at, noon);
    EXPECT_EQ(change.concluded->environment, "staging");
  }
}

TEST(TheRecord, BeginsAnewForAnotherInstanceOfAnId) {
  World world = watched_world();
  world.inventory.take_changes();
  world.now += minutes(1);
  world.run({container("b", {m1}), container("c", {m1})});
  world.conclude();
  world.run({container("a", {m1}), container("b", {m1}), container("c", {m1})});
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.verdicts.size(), 1U);
  EXPECT_EQ(changes.verdicts[0].first_seen_at, world.now);
}

TEST(TheRecord, SaysHowTheSourcesAnsweredForRunningImages) {
  World world = watched_world();
  world.add(image(m2, c2));
  world.conclude();
  const ChangeSet first = world.inventory.take_changes();
  ASSERT_EQ(first.observations.size(), 1U) << "of what does not run nobody asks";
  EXPECT_EQ(first.observations[0].image, m1);
  EXPECT_EQ(first.observations[0].status, "not_asked_yet");

  world.now += minutes(1);
  world.inventory.note_evidence_answered(app, m1, world.now);
  world.conclude();
  ASSERT_EQ(world.inventory.take_changes().observations.size(), 1U);
  world.now += minutes(1);
  world.inventory.note_evidence_answered(app, m1, world.now);
  world.conclude();
  EXPECT_TRUE(world.inventory.take_changes().observations.empty());
  world.now += minutes(1);
  world.inventory.note_evidence_failed(app, m1, "timeout", world.now);
  world.conclude();
  const ChangeSet dark = world.inventory.take_changes();
  ASSERT_EQ(dark.observations.size(), 1U);
  EXPECT_EQ(dark.observations[0].status, "unknown");
  EXPECT_EQ(dark.observations[0].reason, "timeout");
  EXPECT_TRUE(dark.verdicts.empty()) << "an outage changes no verdict";
}

TEST(AnEndedSource, TakesAllThatItShowedWithItAndSaysSo) {
  World world = watched_world();
  world.run({container("x", {m1})}, true, "host-b");
  world.conclude();
  world.inventory.take_changes();
  EXPECT_TRUE(world.inventory.shows_running("host-a"));
  world.inventory.end_source("host-a", world.now);
  world.conclude();
  EXPECT_FALSE(world.inventory.shows_running("host-a"));
  EXPECT_TRUE(world.inventory.shows_running("host-b"));
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.containers.size(), 3U);
  for (const StoredContainer& container : changes.containers) {
    EXPECT_TRUE(container.ended_at && container.end_confirmed);
  }
}

TEST(AChangeSet, IsTakenInPiecesThatKeepTheirOrder) {
  ChangeSet changes;
  for (int number = 0; number < 5; ++number) {
    StoredContainer container;
    container.id = std::to_string(number);
    changes.containers.push_back(container);
    VerdictChange verdict;
    verdict.container = container.key();
    changes.verdicts.push_back(verdict);
  }
  changes.verdicts.pop_back();
  changes.alerts.resize(7);
  ChangeSet front = changes.take_front(3);
  EXPECT_EQ(front.containers.size(), 3U);
  EXPECT_EQ(front.verdicts.size(), 3U);
  EXPECT_EQ(front.alerts.size(), 7U) << "alerts never wait for the rest of a large view";
  EXPECT_TRUE(changes.alerts.empty());
  StoredContainer later;
  later.id = "later";
  ChangeSet more;
  more.containers.push_back(later);
  changes.append(std::move(more));
  front = changes.take_front(3);
  ASSERT_EQ(front.containers.size(), 3U);
  EXPECT_EQ(front.containers[0].id, "3");
  EXPECT_EQ(front.containers[2].id, "later");
  EXPECT_TRUE(changes.empty());
}

}  // namespace
}  // namespace scanclock
