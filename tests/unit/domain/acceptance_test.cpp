#include "core/domain/acceptance.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest other = digest(0x1c);

/// `both` = m1 (amd64), m2 (arm64); `single` = m1; `other` = m1 (amd64), m3 (arm64).
DigestGraph sample() {
  return graph_of({image(m1, c1), image(m2, c2, arm64), image(m3, c3, arm64),
                   index(both, {entry(m1), entry(m2, arm64)}), index(single, {entry(m1)}),
                   index(other, {entry(m1), entry(m3, arm64)})});
}

std::optional<Rejection> reason(const Evidence& evidence, const Policy& policy = Policy(),
                                const DigestGraph& graph = sample()) {
  const Decision decision = decide(evidence, policy, graph);
  EXPECT_EQ(decision.accepted, !decision.reason.has_value());
  EXPECT_TRUE(decision.accepted || !decision.detail.empty());
  return decision.reason;
}

TEST(Acceptance, TakesAScanUpToTheToleranceIntoTheFutureAndNoMicrosecondMore) {
  const TimePoint limit = noon + minutes(5);
  EXPECT_EQ(reason(scan_of(1, {m1}, limit)), std::nullopt);
  EXPECT_EQ(reason(scan_of(1, {m1}, limit + microsecond)), Rejection::future_dated);
  Policy strict;
  strict.future_tolerance = Duration::zero();
  EXPECT_EQ(reason(scan_of(1, {m1}, noon), strict), std::nullopt);
  EXPECT_EQ(reason(scan_of(1, {m1}, noon + microsecond), strict), Rejection::future_dated);
}

TEST(Acceptance, GivesNoTimeToEvidenceThatHasNone) {
  Evidence evidence = scan_of(1, {m1});
  evidence.report.finished_at.reset();
  EXPECT_EQ(reason(evidence), Rejection::no_time);
  evidence.report.finished_at = TimePoint();
  EXPECT_EQ(reason(evidence), Rejection::no_time) << "the epoch means: not set";
  evidence.report.finished_at = *parse_rfc3339("0001-01-01T00:00:00Z");
  EXPECT_EQ(reason(evidence), Rejection::no_time) << "so does year one";
}

TEST(Acceptance, PassesOnWhatTheReportSaysAgainstItself) {
  for (const Rejection defect :
       {Rejection::malformed, Rejection::unknown_format, Rejection::not_a_vulnerability_scan,
        Rejection::scan_failed, Rejection::unsupported_os, Rejection::no_packages,
        Rejection::no_time, Rejection::too_large}) {
    Evidence evidence = scan_of(1, {m1});
    evidence.report.defect = defect;
    evidence.report.defect_detail = "says so";
    evidence.attached_to = m1;
    EXPECT_EQ(reason(evidence), defect);
  }
}

TEST(Acceptance, TakesTheSubjectFromThePlaceWhereTheReportNamesNone) {
  Evidence evidence = scan(1);
  evidence.report.defect = Rejection::no_subject;
  evidence.report.defect_detail = "names none";
  EXPECT_EQ(reason(evidence), Rejection::no_subject);
  evidence.attached_to = m1;
  EXPECT_EQ(reason(evidence), std::nullopt);
  EXPECT_EQ(coverage(evidence, sample(), m1), Coverage::covered);
  EXPECT_EQ(coverage(evidence, sample(), m2), Coverage::none);
  evidence.report.defect.reset();
  evidence.attached_to = Digest();
  EXPECT_EQ(reason(evidence), Rejection::no_subject);
}

TEST(Acceptance, JudgesTheAgeOfTheDatabaseAtScanTime) {
  struct Case {
    std::string what;
    std::optional<TimePoint> built;
    std::optional<Duration> limit;
    bool accepted;
  };
  const TimePoint finished = noon - 100 * day;
  const Case cases[] = {
      {"exactly as old as allowed", finished - 30 * day, 30 * day, true},
      {"a microsecond older", finished - 30 * day - microsecond, 30 * day, false},
      {"of unknown age", std::nullopt, 30 * day, true},
      {"of an age that is not set", TimePoint(), 30 * day, true},
      {"built after the scan", finished + day, 30 * day, true},
      {"old, but nobody asks", finished - 3000 * day, std::nullopt, true},
  };
  for (const Case& item : cases) {
    Evidence evidence = scan_of(1, {m1}, finished);
    evidence.report.database_built_at = item.built;
    Policy policy;
    policy.database_age_max = item.limit;
    EXPECT_EQ(decide(evidence, policy, sample()).accepted, item.accepted) << item.what;
  }
}

TEST(Acceptance, HonoursTheTrustList) {
  for (const Trust given : {Trust::signed_, Trust::platform, Trust::pushed, Trust::unsigned_}) {
    for (const Trust wanted : {Trust::signed_, Trust::platform, Trust::pushed, Trust::unsigned_}) {
      Evidence evidence = scan_of(1, {m1});
      evidence.trust = given;
      SigningKey key;
      key.fingerprint = "sha256:0123456789abcdef";
      key.repositories = {"**"};
      evidence.signature =
          given == Trust::signed_ ? SignatureState::verified : SignatureState::none;
      evidence.signature_detail = given == Trust::signed_ ? label_of(key) : "";
      TrustGround ground;
      ground.found_at = TrustPlace{"prod", "team/app", "production"};
      ground.keys = std::span<const SigningKey>(&key, 1);
      Policy policy;
      policy.trust = {wanted};
      EXPECT_EQ(decide(evidence, policy, sample(), ground).reason,
                given == wanted ? std::nullopt : std::optional(Rejection::untrusted));
    }
  }
}

struct SubjectCase {
  std::string what;
  std::vector<Digest> subjects;
  Digest config;
  std::vector<Digest> inner;
  Digest attached_to;
  bool accepted;
  /// Of m1, m2 and m3.
  Coverage covers_m1;
  Coverage covers_m2;
  Coverage covers_m3;
};

constexpr auto no = Coverage::none;
constexpr auto yes = Coverage::covered;
constexpr auto unproven = Coverage::platform_unproven;

Evidence evidence_of(const SubjectCase& item) {
  Evidence evidence = scan_of(1, item.subjects);
  evidence.report.subject_config = item.config;
  evidence.report.inner_subjects = item.inner;
  evidence.attached_to = item.attached_to;
  return evidence;
}

void expect_cases(const std::vector<SubjectCase>& cases,
                  const std::optional<Platform>& platform = std::nullopt) {
  const DigestGraph graph = sample();
  for (const SubjectCase& item : cases) {
    Evidence evidence = evidence_of(item);
    evidence.report.platform = platform;
    const Decision decision = decide(evidence, Policy(), graph);
    EXPECT_EQ(decision.accepted, item.accepted) << item.what << ": " << decision.detail;
    if (item.accepted) {
      EXPECT_EQ(coverage(evidence, graph, m1), item.covers_m1) << item.what;
      EXPECT_EQ(coverage(evidence, graph, m2), item.covers_m2) << item.what;
      EXPECT_EQ(coverage(evidence, graph, m3), item.covers_m3) << item.what;
    } else {
      EXPECT_EQ(decision.reason, Rejection::wrong_subject) << item.what;
    }
  }
}

TEST(Subjects, CoverWhatTheyNameAndNothingElse) {
  expect_cases({
      {"the manifest", {m1}, {}, {}, {}, true, yes, no, no},
      {"the config", {}, c1, {}, {}, true, yes, no, no},
      {"manifest and index", {m1, both}, {}, {}, {}, true, yes, no, no},
      {"config and index", {both}, c2, {}, {}, true, no, yes, no},
      {"an index of several", {both}, {}, {}, {}, true, unproven, unproven, no},
      {"an index of one", {single}, {}, {}, {}, true, yes, no, no},
      {"attached to the manifest", {}, {}, {}, m1, true, yes, no, no},
      {"attached to an index of several", {}, {}, {}, both, true, unproven, unproven, no},
      {"attached to an index of one", {}, {}, {}, single, true, yes, no, no},
      {"names the index, attached to the manifest",
       {both},
       {},
       {},
       m1,
       true,
       unproven,
       unproven,
       no},
      {"names the config, attached to the index", {}, c2, {}, both, true, no, yes, no},
      {"a statement about two images", {m1, m2}, {}, {}, both, true, yes, yes, no},
      {"an unknown one", {nobody}, {}, {}, {}, true, no, no, no},
  });
}

TEST(Subjects, OfAnotherImageAreRejectedWhereverTheyAreAttached) {
  expect_cases({
      {"another manifest", {m2}, {}, {}, m1, false, no, no, no},
      {"another config", {}, c2, {}, m1, false, no, no, no},
      {"another image of the index that holds both", {both}, c2, {}, m1, false, no, no, no},
      {"an unknown one", {nobody}, {}, {}, m1, false, no, no, no},
      {"manifest of one, ID of another", {m1}, c2, {}, {}, false, no, no, no},
      {"the same, attached", {m1}, c2, {}, m1, false, no, no, no},
  });
}

TEST(AReportInsideAnAttestation, NeverCoversAnotherImageThanItWasMadeOf) {
  expect_cases({
      {"the same manifest", {m1}, {}, {m1}, m1, true, yes, no, no},
      {"the same by its ID", {m1}, c1, {c1}, m1, true, yes, no, no},
      {"its ID proves the platform", {both}, c2, {both, c2}, both, true, no, yes, no},
      {"the index inside, the manifest outside", {m1}, {}, {both}, m1, true, yes, no, no},
      {"another image's ID", {m1}, c2, {c2}, m1, false, no, no, no},
      {"another image's manifest", {m1}, {}, {m2}, m1, false, no, no, no},
      {"another image's ID behind a common index", {m1}, c2, {both, c2}, m1, false, no, no, no},
      {"this image's name, another's ID", {m1}, c2, {m1, c2}, m1, false, no, no, no},
      {"two images inside", {both}, {}, {m1, m2}, both, false, no, no, no},
      {"nobody's", {m1}, nobody, {nobody}, m1, false, no, no, no},
      {"an image outside the index", {both}, c3, {c3}, both, false, no, no, no},
      {"an index that shares only one image", {both}, {}, {other}, both, true, unproven, no, no},
      {"an ID that is none of the index's",
       {single},
       nobody,
       {single, nobody},
       single,
       true,
       no,
       no,
       no},
      {"no outer name, another's inside", {}, c2, {c2}, m1, false, no, no, no},
      {"no outer name, the place's inside", {}, c1, {c1}, m1, true, yes, no, no},
  });
}

TEST(AReportInsideAnAttestation, OfAnotherPlatformOrIndexCoversNothing) {
  expect_cases(
      {
          {"the index of the other arm64 image", {both}, {}, {other}, both, true, no, no, no},
          {"the manifest outside is not of that platform", {m1}, {}, {both}, m1, true, no, no, no},
          {"the same index", {both}, {}, {both}, both, true, no, yes, no},
      },
      arm64);
}

TEST(ScansOfAnIndex, CoverThePlatformTheyName) {
  const DigestGraph graph = sample();
  Evidence evidence = scan_of(1, {both});
  evidence.report.platform = arm64;
  EXPECT_EQ(coverage(evidence, graph, m1), no);
  EXPECT_EQ(coverage(evidence, graph, m2), yes);
  evidence.report.platform = platform("linux/arm64/v8");
  EXPECT_EQ(coverage(evidence, graph, m2), yes) << "arm64 without a variant is v8";
  evidence.report.platform = platform("linux/riscv64");
  EXPECT_EQ(coverage(evidence, graph, m1), no);
  EXPECT_EQ(coverage(evidence, graph, m2), no);
}

TEST(ScansOfAnIndex, TellArmVariantsApart) {
  const DigestGraph graph = graph_of(
      {image(m1, c1), image(m2, c2),
       index(both, {entry(m1, platform("linux/arm/v7")), entry(m2, platform("linux/arm/v8"))})});
  Evidence evidence = scan_of(1, {both});
  evidence.report.platform = platform("linux/arm/v8");
  EXPECT_EQ(coverage(evidence, graph, m1), no);
  EXPECT_EQ(coverage(evidence, graph, m2), yes);
  evidence.report.platform = platform("linux/arm");
  EXPECT_EQ(coverage(evidence, graph, m1), yes);
  EXPECT_EQ(coverage(evidence, graph, m2), no);
}

TEST(ScansOfAnIndex, ProveNothingWhileSeveralEntriesFit) {
  const Platform older{"windows", "amd64", "", "10.0.17763.1"};
  const Platform newer{"windows", "amd64", "", "10.0.20348.1"};
  const DigestGraph graph =
      graph_of({image(m1, c1), image(m2, c2), index(both, {entry(m1, older), entry(m2, newer)})});
  Evidence evidence = scan_of(1, {both});
  evidence.report.platform = Platform{"windows", "amd64", "", ""};
  EXPECT_EQ(coverage(evidence, graph, m1), unproven);
  EXPECT_EQ(coverage(evidence, graph, m2), unproven);
  evidence.report.platform = newer;
  EXPECT_EQ(coverage(evidence, graph, m2), yes);
}

TEST(ScansOfAnIndex, ProveNothingWhileAnEntryOfUnknownPlatformMayBeMeant) {
  const DigestGraph graph =
      graph_of({image(m1, c1), index(both, {entry(m1), entry(m2, Platform())})});
  Evidence evidence = scan_of(1, {both});
  evidence.report.platform = amd64;
  EXPECT_EQ(coverage(evidence, graph, m1), unproven);
}

TEST(ScansOfAnIndex, CountNeitherAttestationsNorArtifactsAsPlatforms) {
  const DigestGraph graph =
      graph_of({image(m1, c1), image(m2, c2, Platform{"unknown", "unknown", "", ""}), artifact(m3),
                index(both, {entry(m1), entry(m2, Platform{"unknown", "unknown", "", ""}, false),
                             entry(m3, Platform())})});
  EXPECT_EQ(coverage(scan_of(1, {both}), graph, m1), yes);
  EXPECT_EQ(coverage(scan_of(1, {both}), graph, m2), no);
}

TEST(ScansOfAnIndex, CountAnEntryThatWasNotFetched) {
  const DigestGraph graph =
      graph_of({image(m1, c1), index(both, {entry(m1), entry(nobody, arm64)})});
  EXPECT_EQ(coverage(scan_of(1, {both}), graph, m1), unproven);
}

TEST(EqualContent, SharesScansAndEqualLayersDoNot) {
  const Digest twin = digest(0x77);
  const DigestGraph graph = graph_of({image(m1, c1), image(twin, c1), image(m2, c2)});
  EXPECT_EQ(coverage(scan_of(1, {m1}), graph, twin), yes);
  EXPECT_EQ(coverage(scan_of(1, {twin}), graph, m1), yes);
  EXPECT_EQ(coverage(scan_of(1, {m1}), graph, m2), no);
  Evidence attached = scan_of(1, {twin});
  attached.attached_to = m1;
  EXPECT_EQ(reason(attached, Policy(), graph), std::nullopt);
}

TEST(AnEmptyConfig, IdentifiesNothing) {
  Manifest left = image(m1, c1);
  Manifest right = image(m2, c1);
  left.config_identifies = right.config_identifies = false;
  const DigestGraph graph = graph_of({left, right, index(single, {entry(m1)})});
  EXPECT_EQ(coverage(scan_of(1, {m1}), graph, m1), yes);
  EXPECT_EQ(coverage(scan_of(1, {m1}), graph, m2), no);
  Evidence by_config = scan(1);
  by_config.report.subject_config = c1;
  EXPECT_EQ(coverage(by_config, graph, m1), no);
  by_config.report.subjects = {single};
  EXPECT_EQ(coverage(by_config, graph, m1), yes) << "its own config does not speak against it";
}

}  // namespace
}  // namespace scanclock
