// What looks and events do to the history of container instances.
#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

World scanned_world() {
  World world;
  world.add(image(m1, c1));
  world.collect(scan_of(1, {m1}));
  world.conclude();
  return world;
}

ContainerObservation in_namespace(const std::string& id, const std::string& name) {
  ContainerObservation observation = container(id, {m1});
  observation.namespace_name = name;
  return observation;
}

std::vector<ContainerObservation> many(int count, const std::string& prefix = "c") {
  std::vector<ContainerObservation> containers;
  for (int number = 0; number < count; ++number) {
    containers.push_back(container(prefix + std::to_string(number), {m1}));
  }
  return containers;
}

bool look(World& world, std::set<std::string> namespaces,
          std::vector<ContainerObservation> containers) {
  WorkloadReport report;
  report.source = "host-a";
  report.observed_at = world.now;
  report.complete = true;
  report.namespaces = std::move(namespaces);
  report.containers = std::move(containers);
  const bool believed = world.inventory.observe(report, world.now);
  world.conclude();
  return believed;
}

TEST(ALimitedView, EndsContainersOfItsNamespacesAlone) {
  World world = scanned_world();
  world.run({in_namespace("a1", "a"), in_namespace("a2", "a"), in_namespace("a3", "a"),
             in_namespace("b1", "b")});
  world.conclude();
  EXPECT_TRUE(look(world, {"a"}, {in_namespace("a1", "a"), in_namespace("a2", "a")}));
  EXPECT_EQ(world.inventory.containers().size(), 3U);
  EXPECT_TRUE(look(world, {"c"}, {in_namespace("c1", "c")}));
  EXPECT_EQ(world.inventory.containers().size(), 4U);
}

TEST(ALimitedView, IsDoubtedByItsOwnMembers) {
  World world = scanned_world();
  world.run({in_namespace("a1", "a"), in_namespace("a2", "a"), in_namespace("b1", "b"),
             in_namespace("b2", "b"), in_namespace("b3", "b")});
  world.conclude();
  EXPECT_FALSE(look(world, {"a"}, {})) << "two of five, but all of its own";
  EXPECT_TRUE(look(world, {"b"}, {in_namespace("b1", "b"), in_namespace("b2", "b")}));
  EXPECT_EQ(world.inventory.containers().size(), 4U);
  world.now += minutes(10);
  EXPECT_TRUE(look(world, {"b"}, {in_namespace("b1", "b"), in_namespace("b2", "b")}));
  EXPECT_TRUE(look(world, {"a"}, {}))
      << "a view of other namespaces has neither repeated nor refuted it";
  EXPECT_EQ(world.inventory.containers().size(), 2U);
}

TEST(AnUnchangedContainer, IsNamedByItsIdAlone) {
  World world = scanned_world();
  world.run({container("a", {m1}), container("b", {m1}), container("c", {m1})});
  world.conclude();
  world.inventory.take_changes();
  world.now += minutes(1);
  WorkloadReport report;
  report.source = "host-a";
  report.complete = true;
  report.unchanged = {"a", "b", "nobody told of this one"};
  WorkloadLook look(report);
  world.inventory.go_on(look, all_at_once, world.now);
  EXPECT_TRUE(look.is_believed());
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 2U);
  EXPECT_EQ(look.untold(), std::vector<std::string>{"nobody told of this one"});
  EXPECT_EQ(world.container_of("a").last_seen_at, world.now);
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.containers.size(), 1U) << "only the end of the third is stored";
  EXPECT_EQ(changes.containers.front().id, "c");
}

TEST(AnUnchangedContainer, IsNotKnownOnceItHasEnded) {
  World world = scanned_world();
  world.run({container("a", {m1}), container("b", {m1})});
  WorkloadChanges changes;
  changes.source = "host-a";
  changes.ended = {"b"};
  world.inventory.apply(changes, world.now);
  const TimePoint ended_at = world.now;
  world.now += minutes(1);
  WorkloadReport report;
  report.source = "host-a";
  report.complete = true;
  report.unchanged = {"a", "b"};
  WorkloadLook look(report);
  world.inventory.go_on(look, all_at_once, world.now);
  EXPECT_TRUE(look.is_believed());
  EXPECT_EQ(look.untold(), std::vector<std::string>{"b"});
  EXPECT_EQ(world.container_of("b").last_seen_at, ended_at) << "it was not seen again";
  world.run({container("a", {m1}), container("b", {m1})});
  EXPECT_FALSE(world.container_of("b").ended_at) << "told again, it runs";
}

TEST(AnUnchangedContainer, CountsForTheSuspicionOfAView) {
  World world = scanned_world();
  world.run(many(10));
  world.conclude();
  WorkloadReport report;
  report.source = "host-a";
  report.complete = true;
  report.unchanged = {"c0", "c1"};
  EXPECT_FALSE(world.inventory.observe(report, world.now));
  report.unchanged = {"c0", "c1", "c2", "c3", "c4"};
  EXPECT_TRUE(world.inventory.observe(report, world.now));
}

TEST(AReportCutAnywhere, RemovesNothingAndLosesNothing) {
  const std::vector<ContainerObservation> all = many(12);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    World world = scanned_world();
    world.run(all);
    world.conclude();
    world.run({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(cut)}, false);
    world.conclude();
    EXPECT_EQ(world.inventory.containers().size(), all.size()) << cut;
    EXPECT_EQ(world.inventory.containers_of(m1).size(), all.size()) << cut;
  }
}

TEST(ADoubtedView, StillShowsWhatIsNew) {
  World world = scanned_world();
  world.add(image(m2, c2));
  world.run(many(10));
  world.conclude();
  std::vector<ContainerObservation> few = many(2);
  few.push_back(container("new", {m2}));
  EXPECT_FALSE(world.run(few));
  world.conclude();
  EXPECT_EQ(world.verdict("new"), Verdict::never_scanned) << "only absence is doubted";
  EXPECT_EQ(world.inventory.containers().size(), 11U);
}

TEST(EndsThatEventsTell, AreBelievedOneByOne) {
  World world = scanned_world();
  world.run(many(20));
  world.conclude();
  for (int number = 0; number < 10; ++number) {
    world.end("c" + std::to_string(number));
  }
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 10U);
}

TEST(EndsThatEventsTell, AreHeldWhenTheyEmptyTheSource) {
  World world = scanned_world();
  world.run(many(20));
  world.conclude();
  for (int number = 0; number < 20; ++number) {
    world.end("c" + std::to_string(number));
  }
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 10U) << "half is believed, no more";
  EXPECT_TRUE(world.record(m1).running);
  EXPECT_EQ(world.inventory.next_change_at(), noon + minutes(10));
  world.now += minutes(10);
  world.conclude();
  EXPECT_TRUE(world.inventory.containers().empty()) << "nobody took it back";
  EXPECT_FALSE(world.record(m1).running);
}

TEST(EndsThatEventsTell, AreTakenBackByALook) {
  World world = scanned_world();
  world.run(many(20));
  world.conclude();
  for (int number = 0; number < 20; ++number) {
    world.end("c" + std::to_string(number));
  }
  world.conclude();
  world.now += minutes(1);
  EXPECT_TRUE(world.run(many(20)));
  world.now += minutes(30);
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 20U);
}

TEST(EndsThatEventsTell, AreBelievedWhenAnOperatorSaysSo) {
  World world = scanned_world();
  world.run(many(20));
  world.conclude();
  EXPECT_FALSE(world.inventory.confirm_drop("host-a", world.now)) << "nothing is doubted";
  EXPECT_TRUE(world.run(many(20)));
  for (int number = 0; number < 20; ++number) {
    world.end("c" + std::to_string(number));
  }
  EXPECT_TRUE(world.inventory.confirm_drop("host-a", world.now));
  world.conclude();
  EXPECT_TRUE(world.inventory.containers().empty());
}

TEST(EndsThatEventsTell, AreNoneOfTheSourcesOwnDoingInARollout) {
  World world = scanned_world();
  world.run(many(20));
  world.conclude();
  for (int number = 0; number < 20; ++number) {
    world.start(container("new" + std::to_string(number), {m1}));
    world.end("c" + std::to_string(number));
  }
  world.conclude();
  EXPECT_EQ(world.inventory.containers().size(), 20U);
  EXPECT_EQ(world.inventory.containers().find("host-a", "c19"), nullptr);
}

TEST(EndsThatEventsTell, AreBelievedOfASmallSource) {
  World world = scanned_world();
  world.run(many(3));
  world.conclude();
  for (int number = 0; number < 3; ++number) {
    world.end("c" + std::to_string(number));
  }
  world.conclude();
  EXPECT_TRUE(world.inventory.containers().empty());
}

TEST(TheHistoryOfImageIds, IsToldWithEveryChangeAndMakesNoNewInstance) {
  World world = scanned_world();
  world.run({container("a", {m1})});
  world.conclude();
  world.inventory.take_changes();
  world.now += minutes(1);
  auto flipped = container("a", {c1});
  flipped.image_id = c1.str();
  world.run({flipped});
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.printed_images.size(), 1U);
  EXPECT_EQ(changes.printed_images.front().digests, std::vector<Digest>{m1});
  EXPECT_EQ(changes.printed_images.front().until, world.now);
  ASSERT_EQ(changes.containers.size(), 1U);
  EXPECT_EQ(changes.containers.front().first_seen_at, noon);
  EXPECT_EQ(changes.containers.front().digest_history(), (std::set{m1, c1}));
}

TEST(AManifestOfAnUnmonitoredRegistry, TellsContentAndMakesNoImageKnown) {
  World world = scanned_world();
  world.run({container("mirrored", {digest(0x501)}), container("foreign", {digest(0x502)})});
  world.conclude();
  EXPECT_EQ(world.verdict("mirrored"), Verdict::unresolved);
  world.inventory.learn_manifest(image(digest(0x501), c1));
  world.inventory.learn_manifest(image(digest(0x502), digest(0x602)));
  world.conclude();
  EXPECT_EQ(world.verdict("mirrored"), Verdict::compliant) << "the content of m1";
  EXPECT_EQ(world.container_of("mirrored").join().image, m1);
  EXPECT_EQ(world.verdict("foreign"), Verdict::unresolved);
  EXPECT_EQ(world.inventory.images().size(), 1U);
  EXPECT_EQ(world.inventory.take_changes().manifests.size(), 3U) << "known after a restart, too";
}

TEST(ExcludedNamespacesAndIgnoredImages, AreMarkedWhateverTellsOfThem) {
  World world = scanned_world();
  world.start(in_namespace("event", "kube-system"));
  world.run({in_namespace("look", "kube-system")}, false);
  auto pause = container("pause", {m1});
  pause.image = "registry.k8s.io/pause:3.9";
  world.start(pause);
  world.start(in_namespace("counted", "web"));
  world.conclude();
  EXPECT_TRUE(world.container_of("event").ignored());
  EXPECT_TRUE(world.container_of("look").ignored());
  EXPECT_TRUE(world.container_of("pause").ignored());
  EXPECT_FALSE(world.container_of("counted").ignored());
}

TEST(EnvironmentsAndOwners, FollowSourceNamespaceLabelAndRepository) {
  Scope scope = default_scope();
  scope.workloads.front().environments = {{"dev-*", "development"}};
  OwnerRule pay;
  pay.labels = {{"team", "pay"}};
  pay.owner = "payments";
  OwnerRule web;
  web.namespaces = {"web"};
  web.repositories = {"team/**"};
  web.owner = "front";
  scope.owners = {pay, web};
  World world(scope);
  auto labelled = in_namespace("labelled", "dev-1");
  labelled.labels = {{"team", "pay"}};
  world.start(labelled);
  world.run({in_namespace("named", "web"), in_namespace("nobody's", "dev-2")}, false);
  world.run({in_namespace("elsewhere", "web")}, false, "host-b");
  world.conclude();
  EXPECT_EQ(world.container_of("labelled").environment(), "development");
  EXPECT_EQ(world.container_of("labelled").owner(), "payments");
  EXPECT_EQ(world.container_of("named").environment(), "production");
  EXPECT_EQ(world.container_of("named").owner(), "front");
  EXPECT_EQ(world.container_of("nobody's").owner(), "");
  EXPECT_EQ(world.container_of("elsewhere", "host-b").environment(), "production");
  scope.owners.clear();
  scope.workloads.front().environments = {{"web", "staging"}};
  world.inventory.set_scope(scope, world.now);
  EXPECT_EQ(world.container_of("named").environment(), "staging");
  EXPECT_EQ(world.container_of("labelled").owner(), "");
}

}  // namespace
}  // namespace scanclock
