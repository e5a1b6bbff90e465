#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

TEST(TrivyReport, GivesItsTimeSubjectsPlatformAndCounts) {
  const ScanReport report = read_report(trivy_report().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "trivy-json");
  EXPECT_EQ(report.scanner, "trivy");
  EXPECT_EQ(report.scanner_version, "0.69.1");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.123456Z"));
  EXPECT_EQ(report.finished_at_field, "CreatedAt");
  EXPECT_EQ(report.database_built_at, std::nullopt);
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.platform, (Platform{"linux", "arm64", "v8", ""}));
  EXPECT_EQ(report.names, std::vector<std::string>{"shop/cart:1.4"});
  EXPECT_EQ(report.counts, (SeverityCounts{1, 1, 1, 1, 1}));
}

class TrivyDefects : public ::testing::TestWithParam<DefectCase> {};

TEST_P(TrivyDefects, AreFound) {
  const ScanReport report = read_patched(trivy_report(), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
}

const DefectCase trivy_defects[] = {
    {"CleanSystemPackagesAreProof", R"({"Results": [{"Class": "os-pkgs", "Type": "alpine"}]})",
     "none"},
    {"CleanLanguagePackagesAreProofWithoutASystem",
     R"({"Metadata": {"OS": null}, "Results": [{"Class": "lang-pkgs", "Type": "gobinary"}]})",
     "none"},
    {"AnEndOfLifeSystemIsStillScanned", R"({"Metadata": {"OS": {"EOSL": true}}})", "none"},
    {"NullVulnerabilitiesAreNone",
     R"({"Results": [{"Class": "os-pkgs", "Vulnerabilities": null}]})", "none"},
    {"AnUnknownSystemIsNoProof", R"({"Metadata": {"OS": {"Family": "none"}},
     "Results": [{"Class": "os-pkgs"}]})",
     "unsupported_os"},
    {"AnEmptySystemIsNoProof", R"({"Metadata": {"OS": {"Family": ""}}, "Results": null})",
     "unsupported_os"},
    {"AMissingSystemIsNoProof", R"({"Metadata": {"OS": null}, "Results": []})", "unsupported_os"},
    {"NoResultsAreNoProof", R"({"Results": null})", "no_packages"},
    {"EmptyResultsAreNoProof", R"({"Results": []})", "no_packages"},
    {"ListedButAbsentPackagesAreNoProof", R"({"Results": [{"Class": "os-pkgs", "Packages": []}]})",
     "no_packages"},
    {"ALicenceScanIsNone", R"({"Results": [{"Class": "license"}, {"Class": "license-file"}]})",
     "not_a_vulnerability_scan"},
    {"AConfigurationScanIsNone", R"({"Results": [{"Class": "config"}]})",
     "not_a_vulnerability_scan"},
    {"ASecretScanIsNone", R"({"Results": [{"Class": "secret"}]})", "not_a_vulnerability_scan"},
    {"ASecretFoundBesidePackagesDoesNoHarm",
     R"({"Results": [{"Class": "secret"}, {"Class": "os-pkgs"}]})", "none"},
    {"AFolderIsNoImage", R"({"ArtifactType": "filesystem"})", "no_subject"},
    {"ARepositoryIsNoImage", R"({"ArtifactType": "repository"})", "no_subject"},
    {"ABillOfMaterialsIsNoImage", R"({"ArtifactType": "cyclonedx"})", "no_subject"},
    {"AnImageWithoutDigestsIsNoSubject", R"({"Metadata": {"RepoDigests": [""], "ImageID": null}})",
     "no_subject"},
    {"AnImageIdIsSubjectEnough", R"({"Metadata": {"RepoDigests": [""]}})", "none"},
    {"NoTime", R"({"CreatedAt": null})", "no_time"},
    {"YearOneIsNoTime", R"({"CreatedAt": "0001-01-01T00:00:00Z"})", "no_time"},
    {"TheEpochIsNoTime", R"({"CreatedAt": "1970-01-01T00:00:00Z"})", "no_time"},
    {"ATimeWithoutAZoneIsMalformed", R"({"CreatedAt": "2026-10-01T08:30:00"})", "malformed"},
    {"ATimeInOtherWordsIsMalformed", R"({"CreatedAt": "yesterday"})", "malformed"},
    {"ANumberForATimeIsMalformed", R"({"CreatedAt": 1790000000})", "malformed"},
    {"TextForResultsIsMalformed", R"({"Results": "none"})", "malformed"},
    {"NumbersForResultsAreMalformed", R"({"Results": [1]})", "malformed"},
    {"TextForVulnerabilitiesIsMalformed",
     R"({"Results": [{"Class": "os-pkgs", "Vulnerabilities": ["CVE-2026-0001"]}]})", "malformed"},
    {"ALaterSchemaIsUnknown", R"({"SchemaVersion": 3})", "unknown_format"},
    {"AClusterReportIsUnknown", R"({"ClusterName": "prod"})", "unknown_format"},
};

INSTANTIATE_TEST_SUITE_P(Table, TrivyDefects, ::testing::ValuesIn(trivy_defects),
                         case_name<DefectCase>);

TEST(TrivyReport, OfAFolderNamesNoSubjectEvenWithAnImageId) {
  const ScanReport report = read_patched(trivy_report(), R"({"ArtifactType": "filesystem"})");
  EXPECT_TRUE(report.subjects.empty());
  EXPECT_TRUE(report.subject_config.empty());
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.123456Z"));
}

TEST(TrivyReport, ReadsALocalOffset) {
  const ScanReport report =
      read_patched(trivy_report(), R"({"CreatedAt": "2026-10-01T19:46:26.37+01:00"})");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T18:46:26.37Z"));
}

TEST(TrivyReport, NamesEverySubjectOnce) {
  const ScanReport report = read_patched(trivy_report(), R"({"Metadata": {"RepoDigests": [
    "a@sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "b@sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "b@sha256:3333333333333333333333333333333333333333333333333333333333333333",
    "b@md5:00", "b", "", null, 7]}})");
  EXPECT_EQ(report.subjects, (std::vector<Digest>{digest_of(image_hex), digest_of(other_hex)}));
}

TEST(TrivyReport, OfTheOldArrayFormHasNeitherTimeNorSubject) {
  const ScanReport report = read_report(
      R"([{"Target": "a: alpine 3.7", "Type": "alpine",
           "Vulnerabilities": [{"VulnerabilityID": "CVE-2019-1", "Severity": "HIGH"}]},
          {"Target": "b", "Type": "npm", "Vulnerabilities": null}])");
  EXPECT_EQ(report.format, "trivy-json");
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.finished_at, std::nullopt);
  EXPECT_TRUE(report.subjects.empty());
  EXPECT_EQ(report.counts.high, 1U);
}

TEST(TrivyReport, ShowsNoControlCharactersAndNoEndlessText) {
  nlohmann::json document = trivy_report();
  document["ArtifactName"] = std::string("a\0b\n", 4) + std::string(255, 'x') + "\xC3\xA9";
  const ScanReport report = read_report(document.dump());
  ASSERT_FALSE(report.names.empty());
  EXPECT_EQ(report.names.front(), "a?b?" + std::string(252, 'x'));
}

}  // namespace
}  // namespace scanclock::testing
