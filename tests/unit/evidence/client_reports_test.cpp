#include "tests/unit/evidence/client_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

TEST(CycloneDx, GivesItsTimeSubjectsAndCounts) {
  const ScanReport report = read_report(cyclonedx_document().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "cyclonedx");
  EXPECT_EQ(report.scanner, "trivy");
  EXPECT_EQ(report.scanner_version, "0.69.1");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00Z"));
  EXPECT_EQ(report.finished_at_field, "metadata.timestamp");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.names,
            (std::vector<std::string>{"shop/cart:1.4", "registry.example/shop/cart:1.4"}));
  EXPECT_EQ(report.counts, (SeverityCounts{1, 0, 1, 0, 1}));
}

TEST(CycloneDx, FromGrypeNamesTheManifestByItsVersion) {
  json document = cyclonedx_document();
  document["metadata"]["tools"] = json::parse(R"([{"vendor": "anchore", "name": "grype",
                                                   "version": "0.101.0"}])");
  document["metadata"]["component"] = {{"type", "container"},
                                       {"name", "shop/cart"},
                                       {"version", "sha256:" + std::string(other_hex)}};
  const ScanReport report = read_report(document.dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.scanner, "grype");
  EXPECT_EQ(report.scanner_version, "0.101.0");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(other_hex)});
}

TEST(GitLabContainerScanning, GivesItsTimeInUtcItsImageAndCounts) {
  const ScanReport report = read_report(gitlab_report().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "gitlab-container-scanning");
  EXPECT_EQ(report.scanner, "trivy");
  EXPECT_EQ(report.scanner_version, "0.69.1");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00Z"));
  EXPECT_EQ(report.finished_at_field, "scan.end_time");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 1}));
}

TEST(ClairV4, GivesItsSubjectAndCountsAndNeverATime) {
  const ScanReport report = read_report(clair_v4_report().dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.format, "clair-v4");
  EXPECT_EQ(report.scanner, "clair");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 2, 0}));
}

TEST(SnykContainer, GivesItsPlatformAndCountsAndNeverATimeOrSubject) {
  const ScanReport report = read_report(snyk_report().dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.format, "snyk-container");
  EXPECT_EQ(report.scanner, "snyk");
  EXPECT_TRUE(report.subjects.empty());
  EXPECT_TRUE(report.subject_config.empty());
  EXPECT_EQ(report.platform, (Platform{"linux", "arm64", "v8", ""}));
  EXPECT_EQ(report.names, std::vector<std::string>{"shop/cart:1.4"});
  EXPECT_EQ(report.counts, (SeverityCounts{1, 1, 0, 0, 0}));
}

TEST(SnykContainer, OfSeveralProjectsIsOneReport) {
  const json array = json::array({snyk_report(), snyk_report()});
  EXPECT_EQ(read_report(array.dump()).counts, (SeverityCounts{2, 2, 0, 0, 0}));
}

TEST(Twistlock, GivesItsTimeSubjectsAndCountsFromTheList) {
  const ScanReport report = read_report(twistlock_report().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "twistlock");
  EXPECT_EQ(report.scanner, "twistlock");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.5Z"));
  EXPECT_EQ(report.finished_at_field, "results[0].scanTime");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.counts, (SeverityCounts{2, 1, 0, 0, 0}));
}

struct ClientCase {
  const char* name;
  json (*sample)();
  const char* patch;
  const char* defect;
};

class ClientDefects : public ::testing::TestWithParam<ClientCase> {};

TEST_P(ClientDefects, AreFound) {
  const ScanReport report = read_patched(GetParam().sample(), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
}

const ClientCase cyclonedx_defects[] = {
    {"ABillOfMaterialsIsNoScan", cyclonedx_document, R"({"vulnerabilities": null})",
     "not_a_vulnerability_scan"},
    {"AnEmptyListOfTrivyProvesNothing", cyclonedx_document, R"({"vulnerabilities": []})",
     "no_packages"},
    {"AnEmptyListOfGrypeIsProofForAKnownSystem", cyclonedx_document,
     R"({"vulnerabilities": [], "metadata": {"tools": [{"name": "grype"}]}})", "none"},
    {"AnEmptyListOfGrypeIsNoProofWithoutASystem", cyclonedx_document,
     R"({"vulnerabilities": [], "components": [{"type": "library", "name": "x"}],
         "metadata": {"tools": [{"name": "grype"}]}})",
     "unsupported_os"},
    {"AnEmptyListOfGrypeIsNoProofForBusybox", cyclonedx_document,
     R"({"vulnerabilities": [], "components": [{"type": "operating-system", "name": "busybox"}],
         "metadata": {"tools": [{"name": "grype"}]}})",
     "unsupported_os"},
    {"NoToolIsNoScan", cyclonedx_document, R"({"metadata": {"tools": null}})",
     "not_a_vulnerability_scan"},
    {"OnlyAnalysedEntriesAreAVex", cyclonedx_document,
     R"({"vulnerabilities": [{"id": "CVE-2026-1", "analysis": {"state": "exploitable"}}]})",
     "not_a_vulnerability_scan"},
    {"AToolThatIsAServiceCounts", cyclonedx_document,
     R"({"metadata": {"tools": {"components": null, "services": [{"name": "x"}]}}})", "none"},
    {"NoTime", cyclonedx_document, R"({"metadata": {"timestamp": null}})", "no_time"},
    {"ALibraryIsNoImage", cyclonedx_document, R"({"metadata": {"component": {"type": "library"}}})",
     "no_subject"},
    {"NoComponentIsNoSubject", cyclonedx_document, R"({"metadata": {"component": null}})",
     "no_subject"},
    {"AnotherPackageUrlIsNoSubject", cyclonedx_document, R"({"metadata": {"component": {
     "purl": "pkg:deb/debian/bash@5?x", "properties": []}}})",
     "no_subject"},
    {"TextForVulnerabilitiesIsMalformed", cyclonedx_document, R"({"vulnerabilities": "none"})",
     "malformed"},
    {"TextInVulnerabilitiesIsMalformed", cyclonedx_document, R"({"vulnerabilities": ["none"]})",
     "malformed"},
};

const ClientCase gitlab_defects[] = {
    {"AFailureIsAFailedScan", gitlab_report, R"({"scan": {"status": "failure"}})", "scan_failed"},
    {"NoStatusIsAFailedScan", gitlab_report, R"({"scan": {"status": null}})", "scan_failed"},
    {"AnotherTypeIsNone", gitlab_report, R"({"scan": {"type": "sast"}})",
     "not_a_vulnerability_scan"},
    {"CleanProvesNothing", gitlab_report, R"({"vulnerabilities": []})", "no_packages"},
    {"NoScanGivesNoTime", gitlab_report, R"({"scan": null})", "no_time"},
    {"TheStartIsNoEnd", gitlab_report, R"({"scan": {"end_time": null}})", "no_time"},
    {"ATagIsNoSubject", gitlab_report, R"({"vulnerabilities": [
     {"location": {"image": "shop/cart:1.4"}}]})",
     "no_subject"},
    {"ABrokenTimeIsMalformed", gitlab_report, R"({"scan": {"end_time": "noon"}})", "malformed"},
    {"NumbersInVulnerabilitiesAreMalformed", gitlab_report, R"({"vulnerabilities": [1]})",
     "malformed"},
};

const ClientCase clair_defects[] = {
    {"NoPackagesAreNoProof", clair_v4_report,
     R"({"packages": null, "package_vulnerabilities": null})", "no_packages"},
    {"NoDistributionIsNoProof", clair_v4_report,
     R"({"distributions": null, "package_vulnerabilities": null})", "unsupported_os"},
    {"CleanStillHasNoTime", clair_v4_report, R"({"package_vulnerabilities": null})", "no_time"},
    {"AMatchOfNothingIsMalformed", clair_v4_report, R"({"package_vulnerabilities": {"1": ["9"]}})",
     "malformed"},
    {"TextForMatchesIsMalformed", clair_v4_report, R"({"package_vulnerabilities": {"1": "7"}})",
     "malformed"},
};

const ClientCase snyk_defects[] = {
    {"AnErrorIsAFailedScan", snyk_report, R"({"error": "authentication failed"})", "scan_failed"},
    {"NothingFoundInNothingIsNoProof", snyk_report,
     R"({"vulnerabilities": [], "applications": null, "dependencyCount": 0})", "no_packages"},
    {"CleanStillHasNoTime", snyk_report, R"({"vulnerabilities": [], "applications": null})",
     "no_time"},
    {"TextInVulnerabilitiesIsMalformed", snyk_report, R"({"vulnerabilities": ["x"]})", "malformed"},
};

TEST(Twistlock, OfTwoImagesIsNotRead) {
  json document = twistlock_report();
  document["results"].push_back(document["results"][0]);
  EXPECT_EQ(defect_of(read_report(document.dump())), "unknown_format");
}

TEST(Twistlock, WithoutFindingsIsProofForANamedSystemOnly) {
  json document = twistlock_report();
  document["results"][0].erase("vulnerabilities");
  EXPECT_EQ(defect_of(read_report(document.dump())), "none");
  document["results"][0]["distro"] = "";
  EXPECT_EQ(defect_of(read_report(document.dump())), "unsupported_os");
  document["results"][0].erase("vulnerabilityDistribution");
  document["results"][0]["complianceDistribution"] = json::object();
  EXPECT_EQ(defect_of(read_report(document.dump())), "not_a_vulnerability_scan");
}

TEST(Twistlock, WithoutATimeMovesNoClock) {
  json document = twistlock_report();
  document["results"][0].erase("scanTime");
  EXPECT_EQ(defect_of(read_report(document.dump())), "no_time");
}

INSTANTIATE_TEST_SUITE_P(CycloneDx, ClientDefects, ::testing::ValuesIn(cyclonedx_defects),
                         case_name<ClientCase>);
INSTANTIATE_TEST_SUITE_P(GitLab, ClientDefects, ::testing::ValuesIn(gitlab_defects),
                         case_name<ClientCase>);
INSTANTIATE_TEST_SUITE_P(Clair, ClientDefects, ::testing::ValuesIn(clair_defects),
                         case_name<ClientCase>);
INSTANTIATE_TEST_SUITE_P(Snyk, ClientDefects, ::testing::ValuesIn(snyk_defects),
                         case_name<ClientCase>);

}  // namespace
}  // namespace scanclock::testing
