#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest same_content = digest(0x21);

World scanned_world() {
  World world;
  world.add(image(m1, c1));
  world.collect(scan_of(1, {m1}));
  world.conclude();
  return world;
}

TEST(Containers, GetTheVerdictOfTheirImage) {
  World world = scanned_world();
  world.add(image(m2, c2));
  world.run({container("a", {m1}), container("b", {c2}), container("c", {digest(0x99)}),
             container("d", {m1, m2}), container("e", {})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_EQ(world.verdict("b"), Verdict::never_scanned);
  EXPECT_EQ(world.verdict("c"), Verdict::unresolved);
  EXPECT_EQ(world.verdict("d"), Verdict::conflict);
  EXPECT_EQ(world.verdict("e"), Verdict::unresolved);
  EXPECT_EQ(world.container_of("c").unresolved_since, noon);
  EXPECT_FALSE(world.container_of("d").deadline_at());
  EXPECT_TRUE(world.record(m1).running);
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 1U);
}

TEST(Containers, AreOnlyEndedByACompleteView) {
  World world = scanned_world();
  world.run({container("a", {m1}), container("b", {m1})});
  world.conclude();
  world.run({container("a", {m1})}, false);
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 2U);
  world.run({container("a", {m1})}, true);
  const Touched touched = world.conclude();
  EXPECT_TRUE(touched.containers.contains(ContainerKey{"host-a", "b"}));
  EXPECT_EQ(world.inventory.containers().size(), 1U) << "what ended leaves the memory";
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 1U);
  const ChangeSet changes = world.inventory.take_changes();
  EXPECT_EQ(changes.containers.back().id, "b");
  EXPECT_EQ(changes.containers.back().ended_at, world.now);
}

TEST(Containers, OfOneSourceAreNotEndedByAnother) {
  World world = scanned_world();
  world.run({container("a", {m1})}, true, "host-a");
  world.run({container("a", {m1})}, true, "host-b");
  world.run({container("x", {m1})}, true, "host-ab");
  world.conclude();
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 3U);
  EXPECT_FALSE(world.run({}, true, "host-a"));
  world.now += minutes(10);
  EXPECT_TRUE(world.run({}, true, "host-a"));
  world.conclude();
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 2U);
}

TEST(ASuspiciousView, ChangesNothingUntilItIsRepeatedOrConfirmed) {
  World world = scanned_world();
  std::vector<ContainerObservation> all;
  for (int number = 0; number < 10; ++number) {
    all.push_back(container("c" + std::to_string(number), {m1}));
  }
  EXPECT_TRUE(world.run(all));
  world.conclude();
  const std::vector<ContainerObservation> few(all.begin(), all.begin() + 4);
  EXPECT_FALSE(world.run(few));
  EXPECT_FALSE(world.run({}));
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 10U);
  EXPECT_TRUE(world.record(m1).running);
  world.now += minutes(10);
  EXPECT_TRUE(world.run(few));
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 4U);
  EXPECT_FALSE(world.run({}));
  world.confirm();
  EXPECT_TRUE(world.run({}));
  world.conclude();
  EXPECT_TRUE(world.inventory.containers().empty());
  EXPECT_FALSE(world.record(m1).running);
}

TEST(AContainer, ThatStartsAgainUnderItsIdBeforeTheEndWasConcludedRuns) {
  World world = scanned_world();
  world.run({container("a", {m1}), container("b", {m1})});
  world.conclude();
  world.run({container("a", {m1})});
  world.start(container("b", {m1}));
  world.conclude();
  EXPECT_FALSE(world.container_of("b").ended_at);
  EXPECT_EQ(world.verdict("b"), Verdict::compliant);
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 2U);
}

TEST(AContainer, ThatAloneStartsAgainKeepsItsImageRunning) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.conclude();
  world.confirm();
  world.run({});
  world.now += seconds(1);
  world.start(container("a", {m1}));
  world.conclude();
  EXPECT_TRUE(world.record(m1).running);
  EXPECT_EQ(world.container_of("a").first_seen_at, world.now) << "a new instance";
}

TEST(AContainer, ThatComesBackAfterItsEndIsANewInstance) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.conclude();
  world.confirm();
  world.run({});
  world.conclude();
  EXPECT_FALSE(world.record(m1).running);
  world.run({container("a", {m1})});
  world.conclude();
  EXPECT_TRUE(world.record(m1).running);
}

TEST(AContainer, KeepsTheDigestsOfEarlierImageIds) {
  World world = scanned_world();
  world.add(image(m2, c2));
  world.run({container("a", {m1})});
  world.conclude();
  world.now += minutes(1);
  world.run({container("a", {c1})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant) << "another name for the same content";
  EXPECT_EQ(world.container_of("a").first_seen_at, noon);
  world.run({container("a", {m2})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::conflict);
  EXPECT_EQ(world.container_of("a").digest_history(), (std::set{m1, c1, m2}));
  EXPECT_FALSE(world.record(m1).running) << "a conflict proves no image to run";
}

TEST(AContainer, WhoseDigestsAreEmptiedStaysJoined) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.conclude();
  world.run({container("a", {})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
}

TEST(AResolvedContainer, TurnsToConflictWhenItsOtherDigestBecomesKnown) {
  World world = scanned_world();
  world.run({container("a", {m1, m2})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  world.add(image(m2, c2));
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::conflict);
  EXPECT_FALSE(world.record(m1).running);
}

TEST(AnUnresolvedContainer, IsJoinedWhenTheRegistryLearnsItsImage) {
  World world;
  world.run({container("a", {both}), container("b", {c1})});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::unresolved);
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::unresolved) << "the platform's manifest is unknown";
  EXPECT_EQ(world.container_of("a").unresolved_since, noon);
  world.add(image(m1, c1));
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::never_scanned);
  EXPECT_EQ(world.verdict("b"), Verdict::never_scanned);
  EXPECT_FALSE(world.container_of("a").unresolved_since);
  world.collect(scan_of(1, {m1}));
  const Touched touched = world.conclude();
  EXPECT_TRUE(touched.images.contains(m1)) << "its containers need not be told one by one";
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
}

TEST(APlatform, ThatNoScanProvesIsItsOwnVerdict) {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.collect(scan_of(1, {both}));
  world.run({container("a", {both}), container("b", {both}, arm64)});
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::platform_unproven);
  Evidence named = scan_of(2, {both});
  named.report.platform = amd64;
  world.collect(named);
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_EQ(world.verdict("b"), Verdict::platform_unproven) << "arm64 was not scanned";
}

TEST(FirstRunning, IsTheEarliestStartThatAnyContainerTells) {
  World world = scanned_world();
  ContainerObservation late = container("a", {m1});
  late.started_at = noon - hours(1);
  world.run({late}, true, "host-a");
  world.conclude();
  EXPECT_EQ(world.record(m1).first_running_at, noon - hours(1));
  world.now += hours(1);
  ContainerObservation early = container("b", {m1});
  early.started_at = noon - hours(5);
  world.run({early}, true, "host-b");
  world.conclude();
  EXPECT_EQ(world.record(m1).first_running_at, noon - hours(5));
  ContainerObservation unset = container("c", {m1});
  unset.started_at = TimePoint();
  world.run({early, unset}, true, "host-b");
  world.conclude();
  EXPECT_EQ(world.record(m1).first_running_at, noon - hours(5));
  ContainerObservation future = container("d", {m1});
  future.started_at = world.now + day;
  world.run({future}, true, "host-c");
  world.conclude();
  EXPECT_EQ(world.record(m1).first_running_at, noon - hours(5));
}

TEST(Images, WithEqualContentAreToldApartByWhereTheContainerCameFrom) {
  World world;
  world.add(image(m1, c1), copy);
  world.add(image(same_content, c1), app);
  world.run({container("a", {c1})});
  world.conclude();
  EXPECT_TRUE(world.record(same_content).running) << "the reference says team/app";
  EXPECT_FALSE(world.record(m1).running);
  world.run({container("a", {c1}), container("b", {m1, c1})});
  world.conclude();
  EXPECT_TRUE(world.record(m1).running) << "named by its manifest";
}

TEST(Images, WithEqualContentAreChosenTheSameWhateverCameFirst) {
  for (const bool twin_first : {false, true}) {
    World world;
    world.run({container("a", {c1})});
    world.conclude();
    world.add(twin_first ? image(same_content, c1) : image(m1, c1), twin_first ? app : copy);
    world.conclude();
    world.add(twin_first ? image(m1, c1) : image(same_content, c1), twin_first ? copy : app);
    world.conclude();
    EXPECT_EQ(world.container_of("a").join().image, same_content) << twin_first;
    EXPECT_TRUE(world.record(same_content).running);
    EXPECT_FALSE(world.record(m1).running);
    world.inventory.note_missing(app, same_content, minutes(1), world.now);
    world.inventory.note_missing(app, same_content, minutes(1), world.now + minutes(1));
    world.conclude();
    EXPECT_EQ(world.container_of("a").join().image, m1) << "the other one is gone";
  }
}

TEST(AnImage, AtTwoPlacesRunsOnce) {
  World world = scanned_world();
  world.add(image(m1, c1), copy);
  world.run({container("a", {m1})});
  world.conclude();
  EXPECT_TRUE(world.record(m1).running);
  EXPECT_EQ(world.record(m1).locations.size(), 2U);
}

TEST(AnImage, ThatTheRegistryRemovedKeepsItsEdgesAndScans) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.inventory.note_missing(app, m1, minutes(1), world.now);
  world.inventory.note_missing(app, m1, minutes(1), world.now + minutes(1));
  world.conclude();
  EXPECT_EQ(world.verdict("a"), Verdict::compliant);
  EXPECT_EQ(world.observation(m1), Observation::Status::unknown);
}

TEST(IgnoredContainers, AreMarkedByImageAndNamespace) {
  World world = scanned_world();
  ContainerObservation pause = container("a", {m1});
  pause.image = "registry.k8s.io/pause:3.9";
  ContainerObservation system = container("b", {m1});
  system.namespace_name = "kube-system";
  world.run({pause, system, container("c", {m1})});
  world.conclude();
  EXPECT_TRUE(world.container_of("a").ignored());
  EXPECT_TRUE(world.container_of("b").ignored());
  EXPECT_FALSE(world.container_of("c").ignored());
  Scope scope = default_scope();
  scope.workloads.front().ignore_images.clear();
  world.inventory.set_scope(scope, world.now);
  EXPECT_FALSE(world.container_of("a").ignored());
}

TEST(AReport, ThatRepeatsItselfStoresNothing) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.conclude();
  world.inventory.take_changes();
  world.now += minutes(1);
  world.run({container("a", {m1}), container("a", {m1})});
  world.conclude();
  EXPECT_TRUE(world.inventory.take_changes().empty());
  EXPECT_EQ(world.container_of("a").last_seen_at, world.now);
}

}  // namespace
}  // namespace scanclock
