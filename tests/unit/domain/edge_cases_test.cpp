// The edge cases of the join, each by its number: those about the digest graph here, those about
// what runtimes print in edge_cases_observation_test.cpp, those about time in
// edge_cases_time_test.cpp.
#include "tests/unit/domain/edge_cases.hpp"

#include <set>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest twin = digest(0x21);
const Digest rebuilt = digest(0x1c), nested = digest(0x1d);
const Digest attestation = digest(0xa1);
const Platform unknown_platform;

void attest_and_rebuild(World& world) {
  world.add(artifact(attestation));
  world.add(index(single, {entry(m3), entry(attestation, unknown_platform, false)}));
  world.add(index(rebuilt, {entry(m3), entry(digest(0xa2), unknown_platform, false)}));
  world.add(image(m3, c3));
  world.collect(scan_of(7, {single}));
}

void arm_variants(World& world) {
  const Platform v7 = platform("linux/arm/v7"), v8 = platform("linux/arm/v8");
  world.add(image(digest(0x37), digest(0xc7), v7));
  world.add(image(digest(0x38), digest(0xc8), v8));
  world.add(index(digest(0x39), {entry(digest(0x37), v7), entry(digest(0x38), v8)}));
  world.collect(scan_of(7, {digest(0x37)}));
  world.collect(scan_of(8, {digest(0x38)}));
  world.run({container("v7", {digest(0x39)}, v7), container("v8", {digest(0x39)}, v8),
             container("silent", {digest(0x39)}, platform("linux/arm"))});
  world.conclude();
}

void windows_versions(World& world) {
  const auto windows = [](const std::string& version) {
    Platform result = platform("windows/amd64");
    result.os_version = version;
    return result;
  };
  world.add(image(digest(0x47), digest(0xd7), windows("10.0.17763.1")));
  world.add(image(digest(0x48), digest(0xd8), windows("10.0.20348.1")));
  world.add(index(digest(0x49), {entry(digest(0x47), windows("10.0.17763.1")),
                                 entry(digest(0x48), windows("10.0.20348.1"))}));
  world.collect(scan_of(7, {digest(0x47)}));
  world.run({container("told", {digest(0x49)}, windows("10.0.17763.1")),
             container("other", {digest(0x49)}, windows("10.0.20348.1")),
             container("node", {digest(0x49)}, windows("10.0.17763")),
             container("near", {digest(0x49)}, windows("10.0.1776")),
             container("silent", {digest(0x49)}, windows(""))});
  world.conclude();
}

std::vector<EdgeCase> make_naming_cases() {
  return {
      {1,
       "the reference is a tag, the image ID an index, the scan on the platform's manifest",
       [](World& world) { world.run({container("a", {both})}); },
       {{"a", Verdict::compliant}}},
      {2,
       "the same, the scan names the config, as Trivy's does",
       [](World& world) {
         Evidence config = scan(2);
         config.report.subject_config = c2;
         world.collect(config);
         world.run({container("a", {both}, arm64)});
       },
       {{"a", Verdict::compliant}}},
      {3,
       "the reference pins the manifest, the image ID is the index",
       [](World& world) {
         world.run({container("a", {both, m1}), container("b", {m1, both})});
       },
       {{"a", Verdict::compliant}, {"b", Verdict::compliant}}},
      {4,
       "the reference pins the index, the image ID is a bare config",
       [](World& world) {
         world.run({container("a", {both, c1}, unknown_platform)});
       },
       {{"a", Verdict::compliant}}},
      {5,
       "the image ID is from another repository with an equal config",
       [](World& world) {
         world.add(image(twin, c1), copy);
         world.run({container("a", {twin})});
       },
       {{"a", Verdict::compliant}}},
      {6,
       "the image ID flips while the container ID stays",
       [](World& world) {
         world.run({container("a", {both})});
         world.conclude();
         world.now += minutes(1);
         world.run({container("a", {c1}, unknown_platform)});
         world.conclude();
         EXPECT_EQ(world.container_of("a").first_seen_at, noon);
         EXPECT_EQ(world.inventory.images().size(), 2U) << "no new unique image";
         EXPECT_EQ(world.container_of("a").digest_history(), (std::set{both, c1}));
       },
       {{"a", Verdict::compliant}}},
      {7,
       "a rebuilt attestation makes another index: the scan on the old one counts",
       [](World& world) {
         attest_and_rebuild(world);
         world.run({container("a", {rebuilt}, unknown_platform)});
       },
       {{"a", Verdict::compliant}}},
  };
}

std::vector<EdgeCase> make_platform_cases() {
  return {
      {8,
       "nodes of two platforms, one of them scanned",
       [](World& world) {
         world.run({container("a", {both}), container("b", {both}, arm64)});
       },
       {{"a", Verdict::compliant}, {"b", Verdict::never_scanned}}},
      {9,
       "a scan on an index that names no platform",
       [](World& world) {
         world.collect(scan_of(2, {both}));
         world.run({container("a", {both}, arm64)});
       },
       {{"a", Verdict::platform_unproven}}},
      {10,
       "an attestation manifest is never taken for a platform",
       [](World& world) {
         attest_and_rebuild(world);
         world.run({container("a", {single}, unknown_platform), container("b", {attestation})});
         world.conclude();
         EXPECT_EQ(world.container_of("a").join().image, m3);
       },
       {{"a", Verdict::compliant}, {"b", Verdict::ambiguous}}},
      {11,
       "arm/v7 and arm/v8; a node that does not say which proves neither",
       arm_variants,
       {{"v7", Verdict::compliant}, {"v8", Verdict::compliant}, {"silent", Verdict::ambiguous}}},
      {12,
       "two versions of Windows under one platform",
       windows_versions,
       {{"told", Verdict::compliant},
        {"other", Verdict::never_scanned},
        {"node", Verdict::compliant},
        {"near", Verdict::ambiguous},
        {"silent", Verdict::ambiguous}}},
      {13,
       "an index within an index",
       [](World& world) {
         world.add(index(nested, {entry(both)}));
         world.run({container("a", {nested}), container("b", {nested}, arm64)});
       },
       {{"a", Verdict::compliant}, {"b", Verdict::never_scanned}}},
      {14,
       "an index of one platform proves that platform",
       [](World& world) {
         world.add(image(m3, c3));
         world.add(index(single, {entry(m3)}));
         world.collect(scan_of(3, {single}));
         world.run({container("a", {single}, unknown_platform)});
       },
       {{"a", Verdict::compliant}}},
  };
}

}  // namespace

const std::vector<EdgeCase>& graph_cases() {
  static const std::vector<EdgeCase> cases = [] {
    std::vector<EdgeCase> all = make_naming_cases();
    const std::vector<EdgeCase> platforms = make_platform_cases();
    all.insert(all.end(), platforms.begin(), platforms.end());
    return all;
  }();
  return cases;
}

TEST_P(EdgeCases, GivesEveryContainerItsVerdict) {
  const EdgeCase& item = GetParam();
  facts::World world = deployed_world();
  item.play(world);
  world.conclude();
  std::map<std::string, Verdict> verdicts;
  for (const ContainerRecord& container : world.inventory.containers()) {
    verdicts[container.id] = container.verdict();
    EXPECT_FALSE(container.reason().empty()) << container.id;
  }
  for (const auto& [id, verdict] : item.verdicts) {
    ASSERT_TRUE(verdicts.contains(id)) << id << " does not run";
    EXPECT_EQ(to_string(verdicts[id]), to_string(verdict))
        << id << ": " << world.container_of(id).reason();
  }
  EXPECT_EQ(verdicts.size(), item.verdicts.size()) << "something else runs, too";
}

INSTANTIATE_TEST_SUITE_P(Graph, EdgeCases, testing::ValuesIn(graph_cases()), case_name);

TEST(EdgeCasesOfTheJoin, AreAllThere) {
  std::multiset<int> numbers;
  for (const auto* cases : {&graph_cases(), &observation_cases(), &time_cases()}) {
    for (const EdgeCase& item : *cases) {
      numbers.insert(item.number);
    }
  }
  std::multiset<int> expected;
  for (int number = 1; number <= 36; ++number) {
    expected.insert(number);
  }
  EXPECT_EQ(numbers, expected);
}

}  // namespace scanclock
