#include "tests/unit/evidence/platform_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

struct ProductDefect {
  const char* name;
  json (*sample)();
  const char* patch;
  const char* defect;
};

class ProductDefects : public ::testing::TestWithParam<ProductDefect> {};

TEST_P(ProductDefects, AreFound) {
  const ScanReport report = read_patched(GetParam().sample(), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
  if (report.defect == Rejection::no_time) {
    EXPECT_EQ(report.finished_at, std::nullopt);
  }
}

const ProductDefect aqua_defects[] = {
    {"NoStart", aqua_report, R"({"scan_started": null})", "no_time"},
    {"NoSeconds", aqua_report, R"({"scan_started": {"seconds": null}})", "no_time"},
    {"ZeroStart", aqua_report, R"({"scan_started": {"seconds": 0, "nanos": 0}})", "no_time"},
    {"StartAsText", aqua_report, R"({"scan_started": "2026-10-01T08:30:00Z"})", "malformed"},
    {"SecondsAsText", aqua_report, R"({"scan_started": {"seconds": "1790843335"}})", "malformed"},
    {"ABrokenSecond", aqua_report, R"({"scan_started": {"seconds": 1.5}})", "malformed"},
    {"ANegativeStart", aqua_report, R"({"scan_started": {"seconds": -62135596800}})", "malformed"},
    {"AHugeStart", aqua_report, R"({"scan_started": {"seconds": 18446744073709551615}})",
     "malformed"},
    {"TooManyNanos", aqua_report, R"({"scan_started": {"nanos": 1000000000}})", "malformed"},
    {"ANegativeDuration", aqua_report, R"({"scan_duration": -1})", "malformed"},
    {"ADurationThatMovesAnOldScanToToday", aqua_report, R"({"scan_duration": 2592000})",
     "malformed"},
    {"NoDurationLooksOlder", aqua_report, R"({"scan_duration": null})", "none"},
    {"NoDigest", aqua_report, R"({"digest": ""})", "no_subject"},
    {"AShortDigest", aqua_report, R"({"digest": "1111"})", "no_subject"},
    {"ADigestOfNumbers", aqua_report, R"({"digest": 7})", "malformed"},
    {"PartialResults", aqua_report, R"({"partial_results": true})", "scan_failed"},
    {"CleanResourcesAreProof", aqua_report, R"({"resources": [{"scanned": true}]})", "none"},
    {"ACleanSummaryOfANamedSystemIsProof", aqua_report, R"({"resources": null})", "none"},
    {"ACleanSummaryOfNoSystemIsNone", aqua_report, R"({"resources": [], "os": ""})",
     "unsupported_os"},
    {"ResourcesNotScannedAreNone", aqua_report,
     R"({"resources": [{"scanned": false}], "vulnerability_summary": null})", "no_packages"},
    {"ResourcesOfNumbers", aqua_report, R"({"resources": [1]})", "malformed"},
    {"VulnerabilitiesOfNumbers", aqua_report, R"({"resources": [{"vulnerabilities": [1]}]})",
     "malformed"},
    {"ADatabaseOfTheYearTenThousand", aqua_report, R"({"data_date": 253402300800})", "malformed"},
};

const ProductDefect sysdig_defects[] = {
    {"NoTime", sysdig_report, R"({"info": {"scanTime": null}})", "no_time"},
    {"YearOne", sysdig_report, R"({"info": {"scanTime": "0001-01-01T00:00:00Z"}})", "no_time"},
    {"NoZone", sysdig_report, R"({"info": {"scanTime": "2026-10-01T08:30:00"}})", "malformed"},
    {"ATimeOfNumbers", sysdig_report, R"({"info": {"scanTime": 1790843400}})", "malformed"},
    {"NoMetadata", sysdig_report, R"({"result": {"metadata": null}})", "no_subject"},
    {"TheImageIdAlone", sysdig_report, R"({"result": {"metadata": {"digest": ""}}})", "none"},
    {"NoPackages", sysdig_report, R"({"result": {"packages": []}})", "no_packages"},
    {"PackagesAsText", sysdig_report, R"({"result": {"packages": "none"}})", "malformed"},
    {"CleanPackagesAreProof", sysdig_report, R"({"result": {"packages": [{"type": "os"}]}})",
     "none"},
    {"CleanPackagesOfNoSystemAreNone", sysdig_report,
     R"({"result": {"packages": [{"type": "os"}], "metadata": {"baseOs": ""}}})", "unsupported_os"},
    {"CleanLanguagePackagesNeedNoSystem", sysdig_report,
     R"({"result": {"packages": [{"type": "golang"}], "metadata": {"baseOs": ""}}})", "none"},
    {"AReferenceToNothing", sysdig_report_of_maps,
     R"({"result": {"vulnerabilities": {"v1": null}}})", "malformed"},
};

const ProductDefect wiz_defects[] = {
    {"TheStartIsEarlier", wiz_report, R"({"startedAt": "2026-09-01T00:00:00Z"})", "none"},
    {"BothTimesUnset", wiz_report, R"({"createdAt": "0001-01-01T00:00:00Z"})", "no_time"},
    {"ATimeWithoutAZone", wiz_report, R"({"createdAt": "2026-10-01T08:30:00"})", "malformed"},
    {"StillRunning", wiz_report, R"({"status": {"state": "IN_PROGRESS"}})", "scan_failed"},
    {"NoState", wiz_report, R"({"status": {"state": null}})", "scan_failed"},
    {"NoDigest", wiz_report, R"({"scanOriginResource": {"digest": null}})", "no_subject"},
    {"AFolder", wiz_report, R"({"scanOriginResource": {"__typename": "CICDScanOriginDirectory"}})",
     "no_subject"},
    {"NothingFoundProvesNothing", wiz_report,
     R"({"result": {"osPackages": null, "libraries": null}})", "no_packages"},
    {"ASecretScanIsNone", wiz_report,
     R"({"result": {"osPackages": null, "libraries": null, "analytics": {"vulnerabilities": null,
         "secrets": {"totalCount": 1}}}})",
     "not_a_vulnerability_scan"},
    {"AResultOfText", wiz_report, R"({"result": "clean"})", "malformed"},
};

const ProductDefect anchore_defects[] = {
    {"NoTimestamp", anchore_export, R"({"metadata": {"timestamp": ""}})", "no_time"},
    {"TheEpoch", anchore_export, R"({"metadata": {"timestamp": "1970-01-01T00:00:00Z"}})",
     "no_time"},
    {"APlaceholder", anchore_export, R"({"metadata": {"imageDigest": "sha256:xxxx"}})",
     "no_subject"},
    {"Nothing", anchore_export, R"({"securityEvaluation": []})", "no_packages"},
    {"NothingFromTheApi", anchore_answer, R"({"vulnerabilities": []})", "no_packages"},
    {"AMapOfFindings", anchore_answer, R"({"vulnerabilities": {"a": 1}})", "malformed"},
    {"FindingsOfText", anchore_answer, R"({"vulnerabilities": ["CVE-2026-0001"]})", "malformed"},
};

const ProductDefect neuvector_defects[] = {
    {"AnError", neuvector_report, R"({"error_message": "failed to pull"})", "scan_failed"},
    {"Nothing", neuvector_report, R"({"report": {"vulnerabilities": [], "modules": null}})",
     "no_packages"},
    {"CleanModulesHaveStillNoTime", neuvector_report, R"({"report": {"vulnerabilities": []}})",
     "no_time"},
    {"FindingsOfNumbers", neuvector_report, R"({"report": {"vulnerabilities": [1]}})", "malformed"},
};

const ProductDefect cloud_defects[] = {
    {"TwoImages", inspector_list, R"({"findings": [
        {"findingArn": "1", "packageVulnerabilityDetails": {}, "resources": [
          {"details": {"awsEcrContainerImage": {"imageHash":
            "sha256:1111111111111111111111111111111111111111111111111111111111111111"}}},
          {"details": {"awsEcrContainerImage": {"imageHash":
            "sha256:3333333333333333333333333333333333333333333333333333333333333333"}}}]}]})",
     "unknown_format"},
    {"AnInstance", inspector_list,
     R"({"findings": [{"findingArn": "1", "type": "NETWORK_REACHABILITY"}]})",
     "not_a_vulnerability_scan"},
    {"AnEmptyListNamesNothing", inspector_list, R"({"findings": []})", "unknown_format"},
    {"HubWithoutVulnerabilities", security_hub_list, R"({"Findings": [{"ProductArn": "x"}]})",
     "not_a_vulnerability_scan"},
    {"OperatorOfAnotherKind", operator_report, R"({"kind": "ConfigAuditReport"})",
     "not_a_vulnerability_scan"},
    {"OperatorSecrets", operator_report, R"({"kind": "ExposedSecretReport"})",
     "not_a_vulnerability_scan"},
    {"OperatorList", operator_report, R"({"kind": "VulnerabilityReportList"})", "unknown_format"},
    {"OperatorWithoutTime", operator_report, R"({"report": {"updateTimestamp": null}})", "no_time"},
    {"OperatorOfYearOne", operator_report,
     R"({"report": {"updateTimestamp": "0001-01-01T00:00:00Z"}})", "no_time"},
    {"OperatorWithoutDigest", operator_report, R"({"report": {"artifact": {"digest": null}}})",
     "no_subject"},
    {"OperatorCleanIsProof", operator_report, R"({"report": {"vulnerabilities": []}})", "none"},
    {"OperatorCleanOfNoSystem", operator_report,
     R"({"report": {"vulnerabilities": [], "os": null}})", "unsupported_os"},
    {"OperatorWithoutReport", operator_report, R"({"report": null})", "malformed"},
    {"HarborOfAnIndex", harbor_addition,
     R"({"application/vnd.security.vulnerability.report; version=1.1": {"vulnerabilities": [
        {"id": "CVE-2026-0001", "artifact_digests": ["sha256:1", "sha256:2"]}]}})",
     "unknown_format"},
    {"HarborClean", harbor_addition,
     R"({"application/vnd.security.vulnerability.report; version=1.1": {"vulnerabilities": []}})",
     "no_packages"},
    {"HarborZeroTime", harbor_addition,
     R"({"application/vnd.security.vulnerability.report; version=1.1":
        {"generated_at": "0001-01-01T00:00:00Z"}})",
     "no_time"},
    {"HarborBodyOfText", harbor_addition,
     R"({"application/vnd.security.vulnerability.report; version=1.1": "x"})", "malformed"},
    {"GcpPending", gcp_occurrence, R"({"discovery": {"analysisStatus": "PENDING"}})",
     "scan_failed"},
    {"GcpFailed", gcp_occurrence, R"({"discovery": {"analysisStatus": "FINISHED_FAILED"}})",
     "scan_failed"},
    {"GcpUnsupported", gcp_occurrence,
     R"({"discovery": {"analysisStatus": "FINISHED_UNSUPPORTED"}})", "unsupported_os"},
    {"GcpWithAnError", gcp_occurrence, R"({"discovery": {"analysisError": [{"message": "x"}]}})",
     "scan_failed"},
    {"GcpWithoutTime", gcp_occurrence, R"({"discovery": {"lastScanTime": null}})", "no_time"},
    {"GcpOfATag", gcp_occurrence, R"({"resourceUri": "https://gcr.io/shop/cart:1.4"})",
     "no_subject"},
    {"GcpOfAnotherNote", gcp_occurrence, R"({"noteName": "projects/goog-analysis/notes/LICENSE"})",
     "not_a_vulnerability_scan"},
};

std::string defect_name(const ::testing::TestParamInfo<ProductDefect>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Aqua, ProductDefects, ::testing::ValuesIn(aqua_defects), defect_name);
INSTANTIATE_TEST_SUITE_P(Sysdig, ProductDefects, ::testing::ValuesIn(sysdig_defects), defect_name);
INSTANTIATE_TEST_SUITE_P(Wiz, ProductDefects, ::testing::ValuesIn(wiz_defects), defect_name);
INSTANTIATE_TEST_SUITE_P(Anchore, ProductDefects, ::testing::ValuesIn(anchore_defects),
                         defect_name);
INSTANTIATE_TEST_SUITE_P(NeuVector, ProductDefects, ::testing::ValuesIn(neuvector_defects),
                         defect_name);
INSTANTIATE_TEST_SUITE_P(Clouds, ProductDefects, ::testing::ValuesIn(cloud_defects), defect_name);

TEST(ProductTimes, TakeTheEarlierOfTwoThatAreNoEnd) {
  const ScanReport report = read_patched(wiz_report(), R"({"startedAt": "2026-09-01T00:00:00Z"})");
  EXPECT_EQ(report.finished_at, time_of("2026-09-01T00:00:00Z"));
  EXPECT_EQ(report.finished_at_field, "startedAt");
}

TEST(ProductTimes, OfAScanWithoutItsLengthAreItsStart) {
  const ScanReport report = read_patched(aqua_report(), R"({"scan_duration": null})");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:28:55.25Z"));
  EXPECT_EQ(report.finished_at_field, "scan_started");
}

TEST(AquaServerRecord, HasNeitherTimeNorDigest) {
  const json record = json::parse(R"({"status": "SCANNED", "image_name": "shop/cart:1.4",
      "registry": "registry.example", "cves": [{"name": "CVE-2026-0001", "severity": "high"}]})");
  const ScanReport report = read_report(record.dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_TRUE(report.subjects.empty());
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 0}));
  EXPECT_EQ(defect_of(read_patched(record, R"({"status": "FAILED"})")), "scan_failed");
  EXPECT_EQ(defect_of(read_patched(record, R"({"cves": []})")), "no_packages");
}

TEST(AquaReport, TakesNoPlatformFromATextWithAVariant) {
  EXPECT_EQ(
      read_patched(aqua_report(), R"({"scanned_image_platform": "arm64:v8:linux:"})").platform,
      std::nullopt);
  EXPECT_EQ(read_patched(aqua_report(), R"({"scanned_image_platform": "amd64"})").platform,
            std::nullopt);
}

struct XmlCase {
  const char* name;
  std::string_view bytes;
  const char* format;
  const char* defect;
};

class XmlDocuments : public ::testing::TestWithParam<XmlCase> {};

TEST_P(XmlDocuments, AreRefusedByTheirFirstBytes) {
  const ScanReport report = read_report(GetParam().bytes);
  EXPECT_EQ(report.format, GetParam().format);
  EXPECT_EQ(defect_of(report), GetParam().defect);
  EXPECT_EQ(report.finished_at, std::nullopt);
  EXPECT_TRUE(report.subjects.empty());
}

const XmlCase xml_documents[] = {
    {"XccdfResult",
     R"(<?xml version="1.0"?><!-- <html> --><TestResult end-time="2026-10-01T08:30:00"/>)", "xccdf",
     "not_a_vulnerability_scan"},
    {"XccdfWithAPrefix", R"(<x:TestResult xmlns:x="http://checklists.nist.gov/xccdf/1.2">)",
     "xccdf", "not_a_vulnerability_scan"},
    {"Arf", "\xEF\xBB\xBF\n<arf:asset-report-collection>", "xccdf", "not_a_vulnerability_scan"},
    {"CutOff", R"(<?xml version="1.0"?><Benchmark id="x)", "xccdf", "not_a_vulnerability_scan"},
    {"Doctype", "<!DOCTYPE a [<!ENTITY b 'c'>]><TestResult>", "xccdf", "not_a_vulnerability_scan"},
    {"LoginPage", "<!DOCTYPE html><html><body>log in", "", "unknown_format"},
    {"AnotherDocument", "<testsuites/>", "", "unknown_format"},
    {"OnlyAComment", "<!-- TestResult", "", "unknown_format"},
    {"OnlyABracket", "<", "", "unknown_format"},
};

INSTANTIATE_TEST_SUITE_P(Table, XmlDocuments, ::testing::ValuesIn(xml_documents),
                         case_name<XmlCase>);

}  // namespace
}  // namespace scanclock::testing
