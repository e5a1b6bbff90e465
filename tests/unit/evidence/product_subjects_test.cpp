#include "core/domain/acceptance.hpp"
#include "tests/unit/domain/facts.hpp"
#include "tests/unit/evidence/platform_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

const Digest scanned = digest_of(image_hex);
const Digest manifest = digest_of(other_hex);
const Digest sibling = digest_of(config_hex);

Evidence evidence_of(ScanReport report) {
  Evidence evidence;
  evidence.report = std::move(report);
  evidence.collected_at = time_of("2026-11-01T00:00:00Z");
  return evidence;
}

// Old versions of trivy-operator wrote the image ID where later ones write the manifest's digest,
// and Aqua does not say which of them its digest is.
TEST(ProductSubjects, MayBeTheImageIdWhereAManifestIsExpected) {
  const DigestGraph graph = facts::graph_of({facts::image(manifest, scanned)});
  for (const auto& sample : {operator_report(), aqua_report()}) {
    const Evidence evidence = evidence_of(read_report(sample.dump()));
    EXPECT_TRUE(decide(evidence, Policy(), graph).accepted);
    EXPECT_EQ(coverage(evidence, graph, manifest), Coverage::covered);
  }
}

/// An index of two platforms, which a report that names it does not tell apart.
DigestGraph two_platforms() {
  return facts::graph_of(
      {facts::image(manifest, facts::digest(0xc1)),
       facts::image(sibling, facts::digest(0xc2), facts::arm64),
       facts::index(scanned, {facts::entry(manifest), facts::entry(sibling, facts::arm64)})});
}

// Google scans the first linux/amd64 image of an index and records it for the index; ECR and
// trivy-operator may name an index too.
TEST(ProductSubjects, OfAnIndexProveNoPlatformThatTheReportDoesNotName) {
  const DigestGraph graph = two_platforms();
  for (const auto& sample : {gcp_occurrence(), ecr_answer(), operator_report()}) {
    const Evidence evidence = evidence_of(read_report(sample.dump()));
    EXPECT_TRUE(decide(evidence, Policy(), graph).accepted);
    EXPECT_EQ(coverage(evidence, graph, manifest), Coverage::platform_unproven);
    EXPECT_EQ(coverage(evidence, graph, sibling), Coverage::platform_unproven);
  }
}

TEST(ProductSubjects, OfAnIndexCoverThePlatformThatTheReportNames) {
  const DigestGraph graph = two_platforms();
  const Evidence evidence = evidence_of(read_report(aqua_report().dump()));
  EXPECT_EQ(coverage(evidence, graph, manifest), Coverage::covered);
  EXPECT_EQ(coverage(evidence, graph, sibling), Coverage::none);
}

// What reports lack is made up for by the place where they are attached, or by nothing.
TEST(ProductSubjects, ThatAreMissingAreThoseOfThePlace) {
  Evidence evidence =
      evidence_of(read_patched(operator_report(), R"({"report": {"artifact": {"digest": null}}})"));
  EXPECT_EQ(decide(evidence, Policy(), DigestGraph()).reason, Rejection::no_subject);
  evidence.attached_to = manifest;
  EXPECT_TRUE(decide(evidence, Policy(), DigestGraph()).accepted);
}

TEST(ProductDatabases, AreJudgedByTheirAgeAtScanTime) {
  Policy policy;
  policy.database_age_max = std::chrono::hours(24 * 3);
  Evidence evidence = evidence_of(read_report(ecr_answer().dump()));
  EXPECT_TRUE(decide(evidence, policy, DigestGraph()).accepted);
  for (const ScanReport& old : {read_patched(ecr_answer(), R"({"imageScanFindings":
            {"vulnerabilitySourceUpdatedAt": "2026-09-20T00:00:00Z"}})"),
                                read_patched(aqua_report(), R"({"data_date": 1789862400})")}) {
    evidence.report = old;
    EXPECT_EQ(decide(evidence, policy, DigestGraph()).reason, Rejection::database_too_old);
  }
}

}  // namespace
}  // namespace scanclock::testing
