#include "core/domain/join.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest twin = digest(0x13);
const Digest stranger = digest(0x15), stranger_config = digest(0xc5);
const Digest rebuilt = digest(0x1c);
const Digest nested = digest(0x1d);
const Digest attestation = digest(0xa1);
const Platform unknown;

DigestGraph sample_graph() {
  return graph_of({image(m1, c1), image(m2, c2, arm64), image(twin, c1),
                   image(stranger, stranger_config), artifact(attestation),
                   index(both, {entry(m1), entry(m2, arm64), entry(attestation, unknown, false)}),
                   index(single, {entry(m1), entry(attestation, unknown, false)}),
                   index(rebuilt, {entry(m1), entry(digest(0xa2), unknown, false)}),
                   index(nested, {entry(both)})});
}

struct JoinCase {
  std::string what;
  std::vector<Digest> digests;
  Platform on;
  JoinOutcome outcome;
  Digest image;
  std::vector<Digest> earlier;
};

TEST(Joining, FindsTheUniqueImageHoweverTheRuntimePrintsIt) {
  const auto resolved = JoinOutcome::resolved;
  const std::vector<JoinCase> cases = {
      {"image ID is the index of the node's platform", {both}, amd64, resolved, m1, {}},
      {"the same on the other platform", {both}, arm64, resolved, m2, {}},
      {"bare config digest", {c1}, unknown, resolved, m1, {}},
      {"manifest digest", {m2}, unknown, resolved, m2, {}},
      {"spec pins M, image ID prints I", {m1, both}, amd64, resolved, m1, {}},
      {"spec pins I, image ID is a bare C", {both, c1}, unknown, resolved, m1, {}},
      {"another repository's manifest with equal C", {twin, c1}, unknown, resolved, twin, {}},
      {"image ID flips from I to C", {c1}, unknown, resolved, m1, {both}},
      {"rebuilt attestation, same image", {rebuilt}, unknown, resolved, m1, {}},
      {"a single-platform index needs no platform", {single}, unknown, resolved, m1, {}},
      {"a nested index", {nested}, arm64, resolved, m2, {}},
      {"one digest unknown, one known", {nobody, m1}, unknown, resolved, m1, {}},
      {"an artifact beside the image", {attestation, m1}, unknown, resolved, m1, {}},
      {"index, manifest and config at once", {both, m1, c1}, amd64, resolved, m1, {both, m1}},
  };
  for (const JoinCase& item : cases) {
    JoinCase sorted = item;
    std::sort(sorted.digests.begin(), sorted.digests.end());
    do {
      const JoinResult result =
          join_container(sample_graph(), container("c", sorted.digests, item.on), item.earlier);
      EXPECT_EQ(result.outcome, item.outcome) << item.what << ": " << result.reason;
      if (item.image != twin || sorted.digests.front() == twin) {
        EXPECT_EQ(result.image, item.image) << item.what;
      }
      EXPECT_TRUE(result.reason.empty());
    } while (std::next_permutation(sorted.digests.begin(), sorted.digests.end()));
  }
}

TEST(Joining, SaysWhyItFoundNone) {
  const std::vector<JoinCase> cases = {
      {"no digest at all", {}, amd64, JoinOutcome::unresolved, {}, {}},
      {"nobody knows it", {nobody}, amd64, JoinOutcome::unresolved, {}, {}},
      {"an index without the node's platform", {both}, unknown, JoinOutcome::ambiguous, {}, {}},
      {"an index that lacks the platform",
       {both},
       platform("linux/s390x"),
       JoinOutcome::ambiguous,
       {},
       {}},
      {"an attestation manifest", {attestation}, amd64, JoinOutcome::ambiguous, {}, {}},
      {"two contents", {m1, m2}, amd64, JoinOutcome::conflict, {}, {}},
      {"config and manifest of different images", {c1, m2}, amd64, JoinOutcome::conflict, {}, {}},
      {"index of the platform and another config",
       {both, c2},
       amd64,
       JoinOutcome::conflict,
       {},
       {}},
      {"an image outside the open index", {both, stranger}, unknown, JoinOutcome::conflict, {}, {}},
      {"an earlier image ID of other content", {m1}, amd64, JoinOutcome::conflict, {}, {m2}},
  };
  for (const JoinCase& item : cases) {
    const JoinResult result =
        join_container(sample_graph(), container("c", item.digests, item.on), item.earlier);
    EXPECT_EQ(result.outcome, item.outcome) << item.what << ": " << result.reason;
    EXPECT_TRUE(result.image.empty()) << item.what;
    EXPECT_FALSE(result.reason.empty()) << item.what;
  }
}

TEST(Joining, ChoosesTheArmVariantOfTheNode) {
  const DigestGraph graph = graph_of(
      {image(m1, c1), image(m2, c2),
       index(both, {entry(m1, platform("linux/arm/v7")), entry(m2, platform("linux/arm/v8"))})});
  const auto joined = [&](const std::string& on) {
    return join_container(graph, container("c", {both}, platform(on)), {});
  };
  EXPECT_EQ(joined("linux/arm/v7").image, m1);
  EXPECT_EQ(joined("linux/arm/v8").image, m2);
  EXPECT_EQ(joined("linux/arm").outcome, JoinOutcome::ambiguous)
      << "a node that does not say its version may run either";
  EXPECT_EQ(joined("linux/arm/v6").outcome, JoinOutcome::ambiguous);
}

TEST(Joining, IsAmbiguousBetweenTwoWindowsVersions) {
  const Platform older{"windows", "amd64", "", "10.0.17763.1"};
  const Platform newer{"windows", "amd64", "", "10.0.20348.1"};
  const DigestGraph graph =
      graph_of({image(m1, c1), image(m2, c2), index(both, {entry(m1, older), entry(m2, newer)})});
  EXPECT_EQ(join_container(graph, container("c", {both}, newer), {}).image, m2);
  const Platform vague{"windows", "amd64", "", ""};
  EXPECT_EQ(join_container(graph, container("c", {both}, vague), {}).outcome,
            JoinOutcome::ambiguous);
}

TEST(Joining, IsAmbiguousWhileAnEntryOfUnknownPlatformMayBeMeant) {
  const DigestGraph graph =
      graph_of({image(m1, c1), index(both, {entry(m1), entry(nobody, unknown)})});
  EXPECT_EQ(join_container(graph, container("c", {both}), {}).outcome, JoinOutcome::ambiguous);
}

TEST(Joining, WaitsForTheManifestOfTheChosenPlatform) {
  const DigestGraph graph = graph_of({index(both, {entry(m1), entry(m2, arm64)})});
  const JoinResult result = join_container(graph, container("c", {both}), {});
  EXPECT_EQ(result.outcome, JoinOutcome::unresolved);
  EXPECT_NE(result.reason.find(m1.short_form()), std::string::npos) << result.reason;
}

TEST(Joining, TakesTheManifestThatTheRuntimeNamesOfSeveralWithEqualContent) {
  EXPECT_EQ(join_container(sample_graph(), container("c", {c1, twin}), {c1, m1, twin}).image, twin);
  EXPECT_EQ(join_container(sample_graph(), container("c", {twin}), {}).image, twin);
}

TEST(Joining, KnowsAnEmptyConfigByItsManifestOnly) {
  Manifest left = image(m1, c1);
  left.config_identifies = false;
  Manifest right = image(m2, c1);
  right.config_identifies = false;
  const DigestGraph graph = graph_of({left, right});
  EXPECT_EQ(join_container(graph, container("c", {c1}), {}).outcome, JoinOutcome::unresolved);
  EXPECT_EQ(join_container(graph, container("c", {m1, c1}), {}).image, m1);
  EXPECT_EQ(join_container(graph, container("c", {m1, m2}), {}).outcome, JoinOutcome::conflict);
}

TEST(Joining, ReadsLongerAndUpperCaseDigests) {
  const Digest long_digest = Digest::from_trusted("sha512:" + std::string(128, 'f'));
  const DigestGraph graph = graph_of({image(long_digest, c1), image(digest(0xabc), c2)});
  EXPECT_EQ(join_container(graph, container("c", {long_digest}), {}).image, long_digest);
  std::string upper = digest(0xabc).str();
  std::transform(upper.begin() + 7, upper.end(), upper.begin() + 7,
                 [](unsigned char character) { return std::toupper(character); });
  EXPECT_EQ(join_container(graph, container("c", {Digest::from_trusted(upper)}), {}).image,
            digest(0xabc));
}

}  // namespace
}  // namespace scanclock
