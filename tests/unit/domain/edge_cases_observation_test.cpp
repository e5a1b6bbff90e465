// Edge cases 15 to 28: what runtimes print and which containers count, from the observation on.
// That the readers make these observations of what they read is tested with the readers.
#include "core/domain/image_reference.hpp"
#include "tests/unit/domain/edge_cases.hpp"

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

/// A container about which nothing is known but the image ID, as printed.
ContainerObservation printed_as(const std::string& id, const std::string& image_id) {
  ContainerObservation observation = container(id, {});
  observation.image_id = image_id;
  const auto reference = parse_image_reference(image_id);
  const auto bare = Digest::parse(image_id);
  if (bare || (reference && !reference->digest.empty())) {
    observation.digests = {bare ? *bare : reference->digest};
  }
  return observation;
}

ContainerObservation of_tag(const std::string& id, const std::string& tag,
                            std::optional<TimePoint> started_at) {
  ContainerObservation observation = container(id, {});
  observation.image = "registry.example/team/app:" + tag;
  observation.started_at = started_at;
  return observation;
}

ContainerObservation of_workload(const std::string& id, const std::string& workload) {
  ContainerObservation observation = container(id, {both});
  observation.workload = workload;
  return observation;
}

void init_containers(World& world) {
  world.add(image(m3, c3));
  // One that has completed is not in the list; a restartable one is.
  world.run({container("main", {both}), container("sidecar", {m3})});
  world.conclude();
  EXPECT_TRUE(world.record(m3).running);
  EXPECT_FALSE(world.record(m2).running);
}

void image_volumes(World& world) {
  world.now += minutes(5);
  world.run({container("with status", {m1}), of_tag("without status", "1.0", world.now),
             of_tag("of a tag that nobody knows", "9.9", world.now)});
  world.conclude();
  EXPECT_FALSE(world.container_of("with status").assumed());
  EXPECT_TRUE(world.container_of("without status").assumed());
}

void pods_that_end(World& world) {
  const auto leaving = container("leaving", {both});
  world.run({container("main", {both}), container("job", {m1}), leaving,
             container("node is gone", {m1})});
  world.conclude();
  world.now += minutes(1);
  // Succeeded and failed pods are no longer told of; one that is being deleted runs until it is
  // gone, and one whose node does not answer may run.
  world.run({container("main", {both}), leaving, container("node is gone", {m1})});
  world.conclude();
}

void same_image_twice(World& world) {
  world.add(image(m3, c3));
  world.run({container("first", {both}), container("second", {both}), container("third", {m3})});
  world.conclude();
  EXPECT_EQ(world.inventory.containers_of(m1).size(), 2U);
}

void orphans(World& world) {
  world.run({of_workload("a", "deployment/front")});
  world.conclude();
  world.now += minutes(1);
  world.run({of_workload("a", "replicaset/front-5d9")});
  world.conclude();
  EXPECT_EQ(world.container_of("a").first_seen_at, noon) << "the same container";
  EXPECT_EQ(world.container_of("a").workload(), "replicaset/front-5d9");
}

std::vector<EdgeCase> make_observation_cases() {
  return {
      {15,
       "docker-pullable://",
       [](World& world) {
         world.run({printed_as("a", "docker-pullable://registry.example/team/app@" + both.str())});
       },
       {{"a", Verdict::compliant}}},
      {16,
       "docker://",
       [](World& world) {
         world.run({printed_as("a", "docker://registry.example/team/app@" + m1.str()),
                    container("b", {c1})});
       },
       {{"a", Verdict::compliant}, {"b", Verdict::compliant}}},
      {17,
       "64 hex digits without an algorithm",
       [](World& world) { world.run({printed_as("a", std::string(c1.hex()))}); },
       {{"a", Verdict::compliant}}},
      {18,
       "a repository that an import invented",
       [](World& world) {
         auto imported = printed_as("a", "docker.io/library/import-2026-10-01@" + both.str());
         imported.repositories = {"docker.io/library/import-2026-10-01"};
         world.run({imported});
       },
       {{"a", Verdict::compliant}}},
      {19,
       "an empty image ID, as while the image cannot be pulled",
       [](World& world) { world.run({of_tag("a", "not-pulled", std::nullopt)}); },
       {{"a", Verdict::unresolved}}},
      {20,
       "no container statuses at all: nothing of it counts",
       [](World& world) {
         world.run({container("other", {both})});
         world.conclude();
         EXPECT_FALSE(world.record(m2).running);
       },
       {{"other", Verdict::compliant}}},
      {21,
       "init containers: completed and restartable",
       init_containers,
       {{"main", Verdict::compliant}, {"sidecar", Verdict::never_scanned}}},
      {22,
       "an ephemeral container counts while it runs",
       [](World& world) {
         world.run({container("main", {both}), container("debugger", {m2}, arm64)});
       },
       {{"main", Verdict::compliant}, {"debugger", Verdict::never_scanned}}},
      {23,
       "image volumes with and without a status",
       image_volumes,
       {{"with status", Verdict::compliant},
        {"without status", Verdict::compliant},
        {"of a tag that nobody knows", Verdict::unresolved}}},
      {24,
       "a container that crashes again and again is deployed: its last image counts",
       [](World& world) {
         auto crashing = container("a", {m2}, arm64);
         crashing.started_at.reset();
         world.run({crashing});
         world.conclude();
         EXPECT_TRUE(world.record(m2).running);
       },
       {{"a", Verdict::never_scanned}}},
      {25,
       "pods that ended, are being deleted, or whose node is lost",
       pods_that_end,
       {{"main", Verdict::compliant},
        {"leaving", Verdict::compliant},
        {"node is gone", Verdict::compliant}}},
      {26,
       "the same image twice in a pod, statuses in any order",
       same_image_twice,
       {{"first", Verdict::compliant},
        {"second", Verdict::compliant},
        {"third", Verdict::never_scanned}}},
      {27,
       "a static pod belongs to its node",
       [](World& world) {
         world.run({of_workload("static", "node/n1"), of_workload("b", "deployment/front")});
       },
       {{"static", Verdict::compliant}, {"b", Verdict::compliant}}},
      {28, "the owner of the owner is deleted", orphans, {{"a", Verdict::compliant}}},
  };
}

}  // namespace

const std::vector<EdgeCase>& observation_cases() {
  static const std::vector<EdgeCase> cases = make_observation_cases();
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Observation, EdgeCases, testing::ValuesIn(observation_cases()), case_name);

}  // namespace scanclock
