#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

TEST(GrypeReport, GivesItsTimeSubjectsPlatformDatabaseAndCounts) {
  const ScanReport report = read_report(grype_report().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "grype-json");
  EXPECT_EQ(report.scanner, "grype");
  EXPECT_EQ(report.scanner_version, "0.101.0");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.5Z"));
  EXPECT_EQ(report.finished_at_field, "descriptor.timestamp");
  EXPECT_EQ(report.database_built_at, time_of("2026-09-30T06:00:00Z"));
  EXPECT_EQ(report.subjects, (std::vector<Digest>{digest_of(image_hex), digest_of(other_hex)}));
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.platform, (Platform{"linux", "amd64", "", ""}));
  EXPECT_EQ(report.names, std::vector<std::string>{"shop/cart:1.4"});
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 1}));
}

TEST(GrypeReport, GivesTheDatabaseTimeOfTheOlderSchema) {
  const ScanReport report = read_patched(grype_report(), R"({"descriptor": {"db": {
    "status": null, "built": "2026-09-29T01:00:00Z", "error": null}}})");
  EXPECT_EQ(report.database_built_at, time_of("2026-09-29T01:00:00Z"));
}

class GrypeDefects : public ::testing::TestWithParam<DefectCase> {};

TEST_P(GrypeDefects, AreFound) {
  const ScanReport report = read_patched(grype_report(), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
}

const DefectCase grype_defects[] = {
    {"CleanOnAKnownSystemIsProof", R"({"matches": []})", "none"},
    {"CleanWithoutASystemIsNoProof", R"({"matches": [], "distro": null})", "unsupported_os"},
    {"CleanOnAnUnnamedSystemIsNoProof", R"({"matches": [], "distro": {"name": ""}})",
     "unsupported_os"},
    {"CleanOnASystemWithoutDataIsNoProof", R"({"matches": [], "distro": {"name": "busybox"}})",
     "unsupported_os"},
    {"MatchesAreProofWithoutASystem", R"({"distro": {"name": ""}})", "none"},
    {"AFolderIsNoImage", R"({"source": {"type": "directory", "target": "."}})", "no_subject"},
    {"ABillOfMaterialsIsNoImage", R"({"source": {"type": "sbom-file", "target": "a.json"}})",
     "no_subject"},
    {"NoSourceIsNoSubject", R"({"source": null})", "no_subject"},
    {"AnImageWithoutDigestsIsNoSubject", R"({"source": {"target": {"repoDigests": [""],
     "manifestDigest": "", "imageID": ""}}})",
     "no_subject"},
    {"NoTimestamp", R"({"descriptor": {"timestamp": null}})", "no_time"},
    {"TurnedOffTimestamp", R"({"descriptor": {"timestamp": ""}})", "no_time"},
    {"YearOneIsNoTime", R"({"descriptor": {"timestamp": "0001-01-01T00:00:00Z"}})", "no_time"},
    {"ABrokenTimestampIsMalformed", R"({"descriptor": {"timestamp": "12:00"}})", "malformed"},
    {"ABrokenDatabaseIsAFailure", R"({"descriptor": {"db": {"status": {"error": "stale"}}}})",
     "scan_failed"},
    {"MissingMatchesAreMalformed", R"({"matches": null})", "malformed"},
    {"TextForMatchesIsMalformed", R"({"matches": "none"})", "malformed"},
    {"MatchesWithoutVulnerabilityAreMalformed", R"({"matches": [7]})", "malformed"},
    {"AnotherToolIsUnknown", R"({"descriptor": {"name": "other"}})", "unknown_format"},
};

INSTANTIATE_TEST_SUITE_P(Table, GrypeDefects, ::testing::ValuesIn(grype_defects),
                         case_name<DefectCase>);

}  // namespace
}  // namespace scanclock::testing
