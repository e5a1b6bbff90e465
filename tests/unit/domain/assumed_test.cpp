// Containers whose image is told by a tag alone (reference R11; docs/decisions/0007-workloads.md).
#include "tests/unit/domain/facts.hpp"
#include "tests/unit/domain/stored_world.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

ContainerObservation tagged(const std::string& id, const std::string& tag,
                            std::optional<TimePoint> started_at) {
  ContainerObservation observation = container(id, {});
  observation.image = "registry.example/team/app:" + tag;
  observation.started_at = started_at;
  return observation;
}

/// m1, scanned, and m2, never scanned; the tag 1.0 is on m1 since noon, and it is an hour later.
World tagged_world() {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2));
  world.tag("1.0", m1);
  world.collect(scan_of(1, {m1}));
  world.conclude();
  world.now += hours(1);
  return world;
}

TEST(AnAssumedImage, IsWhatTheTagNamedWhenTheContainerStarted) {
  World world = tagged_world();
  world.run({tagged("a", "1.0", noon + minutes(30))});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_TRUE(world.container_of("a").assumed());
  EXPECT_NE(world.container_of("a").reason().find("assumed"), std::string::npos);
  EXPECT_EQ(world.container_of("a").join().image, m1);
  EXPECT_TRUE(world.record(m1).running);
  EXPECT_TRUE(world.container_of("a").digest_history().empty()) << "no runtime printed it";
}

TEST(AnAssumedImage, StaysWhenTheTagMoves) {
  World world = tagged_world();
  world.run({tagged("a", "1.0", noon + minutes(30))});
  world.conclude();
  world.tag("1.0", m2);
  world.conclude();
  EXPECT_EQ(world.container_of("a").join().image, m1);
  EXPECT_EQ(world.inventory.tag_moved(world.container_of("a")), true);
  world.run({tagged("a", "1.0", noon + minutes(30)), tagged("b", "1.0", world.now)});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_EQ(world.verdict("b"), Verdict::never_scanned);
  EXPECT_EQ(world.inventory.tag_moved(world.container_of("b")), false);
}

TEST(AnAssumedImage, StaysOverARestart) {
  World world = tagged_world();
  world.run({tagged("a", "1.0", noon + minutes(30))});
  world.conclude();
  world.tag("1.0", m2);
  world.conclude();
  StoredWorld stored;
  stored.store(world.inventory.take_changes());
  World next;
  next.now = world.now;
  next.inventory.restore(stored.snapshot(), next.now);
  next.run({tagged("a", "1.0", noon + minutes(30))});
  next.conclude();
  EXPECT_EQ(next.container_of("a").join().image, m1);
  EXPECT_TRUE(next.container_of("a").assumed());
  EXPECT_EQ(next.verdict("a"), Verdict::compliant);
}

TEST(AnAssumedImage, IsDoubtedWhereTheTagWasNotWatchedAtTheStart) {
  const std::vector<std::optional<TimePoint>> starts = {noon - hours(1), std::nullopt, TimePoint()};
  for (const auto& started_at : starts) {
    World world = tagged_world();
    world.run({tagged("a", "1.0", started_at)});
    world.conclude();
    EXPECT_EQ(world.verdict("a"), Verdict::ambiguous) << "the tag may have named another image";
    EXPECT_TRUE(world.container_of("a").assumed());
    EXPECT_TRUE(world.container_of("a").unresolved_since);
    EXPECT_EQ(world.container_of("a").join().image, m1) << "and alerts about it still fire";
    EXPECT_TRUE(world.record(m1).running);
    EXPECT_NE(world.container_of("a").reason().find("not known"), std::string::npos);
  }
}

TEST(AnAssumedImage, IsNoBetterThanTheImageIs) {
  World world = tagged_world();
  world.tag("2.0", m2);
  world.now += minutes(1);
  world.run({tagged("a", "2.0", world.now), tagged("b", "2.0", noon - day)});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::never_scanned);
  EXPECT_EQ(world.verdict("b"), Verdict::ambiguous) << "which is worse";
}

TEST(AnAssumedImage, IsNoTestimonyOfASourceWhoseClockIsAhead) {
  World world = tagged_world();
  world.tag("1.0", m2);
  const TimePoint moved_at = world.now;
  world.now += minutes(1);
  // It says that it starts in an hour, when the tag may have moved again.
  world.run({tagged("a", "1.0", world.now + hours(1))});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::never_scanned);
  EXPECT_LT(moved_at, world.container_of("a").first_seen_at);
}

TEST(AnAssumedImage, GivesWayToWhatARuntimePrints) {
  World world = tagged_world();
  world.run({tagged("a", "1.0", noon + minutes(30))});
  world.conclude();
  auto printed = tagged("a", "1.0", noon + minutes(30));
  printed.digests = {m2};
  world.run({printed});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::never_scanned) << "no conflict with a mere assumption";
  EXPECT_FALSE(world.container_of("a").assumed());
  // The runtime cannot be asked any more: what it printed still counts.
  auto reference = tagged("a", "1.0", noon + minutes(30));
  reference.digests = {m1};
  reference.assumed = true;
  world.run({reference});
  world.conclude();
  EXPECT_EQ(world.container_of("a").join().image, m2);
  EXPECT_FALSE(world.container_of("a").assumed());
  world.run({tagged("a", "1.0", noon + minutes(30))});
  world.conclude();
  EXPECT_EQ(world.container_of("a").join().image, m2);
}

TEST(AnAssumedImage, OfASourceIsMarked) {
  World world = tagged_world();
  auto reference = tagged("a", "1.0", std::nullopt);
  reference.digests = {m1};
  reference.assumed = true;
  world.run({reference});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_TRUE(world.container_of("a").assumed());
}

TEST(AnAssumedImage, NeedsATagThatAMonitoredRegistryHas) {
  World world = tagged_world();
  auto foreign = tagged("b", "1.0", world.now);
  foreign.image = "other.example/team/app:1.0";
  auto no_tag = tagged("c", "1.0", world.now);
  no_tag.image = "registry.example/team/app";
  world.run({tagged("a", "3.0", world.now), foreign, no_tag});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::unresolved);
  EXPECT_EQ(world.verdict("b"), Verdict::unresolved);
  EXPECT_EQ(world.verdict("c"), Verdict::unresolved);
  world.tag("latest", m1);
  world.tag("3.0", m1);
  world.conclude();
  EXPECT_EQ(world.container_of("a").join().image, m1) << "the tag came later";
  EXPECT_EQ(world.verdict("a"), Verdict::ambiguous);
  EXPECT_EQ(world.container_of("c").join().image, m1) << "engines pull latest";
  world.list({"1.0"});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::unresolved) << "and the tag is gone";
  EXPECT_FALSE(world.record(m1).running);
}

}  // namespace
}  // namespace scanclock
