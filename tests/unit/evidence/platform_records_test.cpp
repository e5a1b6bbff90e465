#include "core/domain/acceptance.hpp"
#include "tests/unit/evidence/platform_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

constexpr std::string_view report_type =
    "application/vnd.security.vulnerability.report; version=1.1";
constexpr std::string_view adapter_type =
    "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";
constexpr std::string_view sbom_type = "application/vnd.security.sbom.report+json; version=1.0";

json harbor_with(const json& overview) {
  json record = harbor_record();
  record["record"]["scan_overview"] = overview;
  return record;
}

json harbor_scan() { return harbor_record()["record"]["scan_overview"][std::string(report_type)]; }

json harbor_scan_with(std::string_view patch) {
  json scan = harbor_scan();
  scan.merge_patch(json::parse(patch));
  return scan;
}

TEST(HarborRecord, CountsOnlyASuccess) {
  for (const char* status :
       {"Error", "Running", "Pending", "Scheduled", "Stopped", "success", ""}) {
    json scan = harbor_scan();
    scan["scan_status"] = status;
    const ScanReport report = read_report(harbor_with({{report_type, scan}}).dump());
    EXPECT_EQ(defect_of(report), "scan_failed") << status;
    EXPECT_NE(report.defect_detail.find(*status == '\0' ? "missing" : status), std::string::npos)
        << report.defect_detail;
  }
}

TEST(HarborRecord, TakesTheNewestSuccessWhateverFailedAfterIt) {
  const json overview = {{adapter_type, harbor_scan_with(R"({"end_time": "2026-10-02T00:00:00Z",
          "scanner": {"name": "Clair", "version": "4"}})")},
                         {report_type, harbor_scan()}};
  EXPECT_EQ(read_report(harbor_with(overview).dump()).finished_at, time_of("2026-10-02T00:00:00Z"));
  EXPECT_EQ(read_report(harbor_with(overview).dump()).scanner, "Clair");

  const json failed = {{adapter_type, harbor_scan_with(R"({"scan_status": "Error",
                           "end_time": "2026-10-03T00:00:00Z"})")},
                       {report_type, harbor_scan()}};
  const ScanReport report = read_report(harbor_with(failed).dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00Z"));
}

TEST(HarborRecord, TakesOnlyVulnerabilityScans) {
  const json bill = {{sbom_type, harbor_scan()}};
  EXPECT_EQ(defect_of(read_report(harbor_with(bill).dump())), "not_a_vulnerability_scan");
  const json both = {{sbom_type, harbor_scan_with(R"({"end_time": "2026-10-09T00:00:00Z"})")},
                     {report_type, harbor_scan()}};
  EXPECT_EQ(read_report(harbor_with(both).dump()).finished_at, time_of("2026-10-01T08:30:00Z"));
}

TEST(HarborRecord, WithoutAnOverviewWasNeverScanned) {
  EXPECT_EQ(defect_of(read_report(harbor_with(nullptr).dump())), "not_a_vulnerability_scan");
  EXPECT_EQ(defect_of(read_report(harbor_with(json::object()).dump())), "not_a_vulnerability_scan");
}

TEST(HarborRecord, OfAnIndexIsRefusedEvenWhereItsPlaceNamesTheSubject) {
  for (const char* patch :
       {R"({"record": {"manifest_media_type": "application/vnd.oci.image.index.v1+json"}})",
        R"({"record": {"manifest_media_type":
            "application/vnd.docker.distribution.manifest.list.v2+json"}})",
        R"({"record": {"references": [{"child_digest": "sha256:1"}]}})"}) {
    Evidence evidence;
    evidence.origin = EvidenceOrigin::platform_api;
    evidence.trust = Trust::platform;
    evidence.attached_to = digest_of(image_hex);
    evidence.collected_at = time_of("2026-11-01T00:00:00Z");
    evidence.report = read_patched(harbor_record(), patch);
    EXPECT_TRUE(evidence.report.subjects.empty());
    EXPECT_EQ(decide(evidence, Policy(), DigestGraph()).reason, Rejection::unknown_format) << patch;
  }
}

struct RecordDefect {
  const char* name;
  json (*sample)();
  const char* patch;
  const char* defect;
};

class PlatformRecords : public ::testing::TestWithParam<RecordDefect> {};

TEST_P(PlatformRecords, SayWhatIsWrong) {
  const ScanReport report = read_patched(GetParam().sample(), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
}

constexpr const char* other_digest =
    R"({"digest": "sha256:3333333333333333333333333333333333333333333333333333333333333333"})";

const RecordDefect record_defects[] = {
    {"HarborWithoutRecord", harbor_record, R"({"record": null})", "malformed"},
    {"HarborRecordOfText", harbor_record, R"({"record": "x"})", "malformed"},
    {"HarborWithoutDigest", harbor_record, R"({"digest": null})", "malformed"},
    {"HarborOfNoDigest", harbor_record, R"({"digest": "latest"})", "malformed"},
    {"HarborOfAnotherImage", harbor_record, other_digest, "wrong_subject"},
    {"HarborNamesNone", harbor_record, R"({"record": {"digest": null}})", "none"},
    {"HarborZeroEnd", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"end_time": "0001-01-01T00:00:00Z"}}}})",
     "no_time"},
    {"HarborWithoutEnd", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"end_time": null}}}})",
     "no_time"},
    {"HarborEndOfNumbers", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"end_time": 1790843400}}}})",
     "malformed"},
    {"HarborWithoutSummary", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"summary": null}}}})",
     "no_packages"},
    {"HarborClean", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"summary": {"total": 0, "summary": null}}}}})",
     "none"},
    {"HarborScanOfText", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         "x"}}})",
     "malformed"},
    {"QuayQueued", quay_record, R"({"record": {"status": "queued", "data": null}})", "scan_failed"},
    {"QuayFailed", quay_record, R"({"record": {"status": "failed", "data": null}})", "scan_failed"},
    {"QuayTooLarge", quay_record, R"({"record": {"status": "manifest_layer_too_large"}})",
     "scan_failed"},
    {"QuayUnsupported", quay_record, R"({"record": {"status": "unsupported"}})", "unsupported_os"},
    {"QuayWithoutStatus", quay_record, R"({"record": {"status": null}})", "scan_failed"},
    {"QuayWithoutLayer", quay_record, R"({"record": {"data": null}})", "no_packages"},
    {"QuayWithoutFeatures", quay_record, R"({"record": {"data": {"Layer": {"Features": []}}}})",
     "no_packages"},
    {"QuayOfAnotherImage", quay_record, other_digest, "no_time"},
    {"QuayOfAnOldLayerId", quay_record, R"({"record": {"data": {"Layer": {"Name": "a1b2.c3"}}}})",
     "no_time"},
    {"QuayFeaturesOfText", quay_record, R"({"record": {"data": {"Layer": {"Features": "x"}}}})",
     "malformed"},
    {"EcrOfAnotherImage", ecr_record, other_digest, "wrong_subject"},
    {"EcrZeroTime", ecr_record, R"({"record": {"imageScanFindings": {"imageScanCompletedAt": 0}}})",
     "no_time"},
    {"EcrNegativeTime", ecr_record,
     R"({"record": {"imageScanFindings": {"imageScanCompletedAt": -1.5}}})", "malformed"},
    {"EcrHugeTime", ecr_record,
     R"({"record": {"imageScanFindings": {"imageScanCompletedAt": 1e300}}})", "malformed"},
    {"EcrMillisecondsAreNoSeconds", ecr_record,
     R"({"record": {"imageScanFindings": {"imageScanCompletedAt": 1790843400000}}})", "malformed"},
    {"EcrWithoutFindings", ecr_record, R"({"record": {"imageScanFindings": null}})", "scan_failed"},
    {"EcrWithoutStatus", ecr_record, R"({"record": {"imageScanStatus": null}})", "scan_failed"},
    {"EcrClean", ecr_record,
     R"({"record": {"imageScanFindings": {"findings": [], "findingSeverityCounts": {}}}})", "none"},
};

std::string record_name(const ::testing::TestParamInfo<RecordDefect>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Table, PlatformRecords, ::testing::ValuesIn(record_defects), record_name);

TEST(QuayRecord, NeverMovesAClockEvenFromAPlatformApi) {
  Evidence evidence;
  evidence.origin = EvidenceOrigin::platform_api;
  evidence.trust = Trust::platform;
  evidence.attached_to = digest_of(image_hex);
  evidence.collected_at = time_of("2026-11-01T00:00:00Z");
  evidence.report = read_report(quay_record().dump());
  EXPECT_EQ(decide(evidence, Policy(), DigestGraph()).reason, Rejection::no_time);
}

TEST(EcrScan, CountsWhatIsCompleteOrContinuouslyScanned) {
  for (const char* status : {"COMPLETE", "ACTIVE"}) {
    json answer = ecr_answer();
    answer["imageScanStatus"]["status"] = status;
    EXPECT_EQ(defect_of(read_report(answer.dump())), "none") << status;
  }
  for (const char* status :
       {"IN_PROGRESS", "PENDING", "FAILED", "SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE",
        "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "complete", ""}) {
    json answer = ecr_answer();
    answer["imageScanStatus"]["status"] = status;
    answer["imageScanStatus"]["description"] = "for a reason";
    const ScanReport report = read_report(answer.dump());
    EXPECT_EQ(defect_of(report), "scan_failed") << status;
    EXPECT_NE(report.defect_detail.find("for a reason"), std::string::npos);
  }
  json unsupported = ecr_answer();
  unsupported["imageScanStatus"]["status"] = "UNSUPPORTED_IMAGE";
  EXPECT_EQ(defect_of(read_report(unsupported.dump())), "unsupported_os");
}

TEST(EcrScan, ThatIsContinuousTakesNoTimeFromItsFindings) {
  json answer = ecr_answer();
  answer["imageScanStatus"]["status"] = "ACTIVE";
  answer["imageScanFindings"] = json::parse(R"({"enhancedFindings": [
      {"severity": "HIGH", "status": "ACTIVE", "updatedAt": 1790843400,
       "lastObservedAt": 1790843400,
       "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0001"}},
      {"severity": "HIGH", "status": "CLOSED",
       "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0002"}}]})");
  const ScanReport report = read_report(answer.dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.finished_at, std::nullopt);
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 0}));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings.front().id, "CVE-2026-0001");
}

TEST(EcrScan, IsAlsoReadFromAnImageOfDescribeImages) {
  json record = ecr_record();
  json& image = record["record"];
  image.erase("imageId");
  image["imageDigest"] = record["digest"];
  image["imageScanFindingsSummary"] = {{"imageScanCompletedAt", 1790843400.25},
                                       {"findingSeverityCounts", {{"HIGH", 3}}}};
  image.erase("imageScanFindings");
  const ScanReport report = read_report(record.dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.25Z"));
  EXPECT_EQ(report.finished_at_field, "record.imageScanFindingsSummary.imageScanCompletedAt");
  EXPECT_EQ(report.counts, (SeverityCounts{0, 3, 0, 0, 0}));
}

TEST(PlatformRecord, OfAnUnknownKindIsOfNoKnownFormat) {
  EXPECT_EQ(defect_of(read_patched(harbor_record(), R"({"scanclockRecord": "harbor-v3"})")),
            "unknown_format");
}

}  // namespace
}  // namespace scanclock::testing
