#include "core/domain/acceptance.hpp"
#include "tests/unit/evidence/platform_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

struct ReportCase {
  const char* name;
  json (*sample)();
  const char* format;
  const char* scanner;
  const char* version;
  const char* finished_at;
  const char* finished_at_field;
  const char* database_built_at;
  bool names_config;
  const char* platform;
  SeverityCounts counts;
  std::vector<Finding> findings;
  const char* defect = "none";
};

constexpr const char* end_of_scan = "2026-10-01T08:30:00Z";
constexpr auto unknown = FindingSeverity::unknown;
constexpr auto low = FindingSeverity::low;
constexpr auto medium = FindingSeverity::medium;
constexpr auto high = FindingSeverity::high;
constexpr auto critical = FindingSeverity::critical;

class ProductReports : public ::testing::TestWithParam<ReportCase> {};

std::string shown(const std::optional<TimePoint>& time) {
  return time ? format_rfc3339(*time) : std::string();
}

TEST_P(ProductReports, GiveTimeSubjectScannerDatabaseAndFindings) {
  const ReportCase& expected = GetParam();
  const ScanReport report = read_report(expected.sample().dump());
  EXPECT_EQ(defect_of(report), expected.defect) << report.defect_detail;
  EXPECT_EQ(report.format, expected.format);
  EXPECT_EQ(report.scanner, expected.scanner);
  EXPECT_EQ(report.scanner_version, expected.version);
  EXPECT_EQ(shown(report.finished_at), expected.finished_at);
  EXPECT_EQ(report.finished_at_field, expected.finished_at_field);
  EXPECT_EQ(shown(report.database_built_at), expected.database_built_at);
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.subject_config, expected.names_config ? digest_of(config_hex) : Digest());
  EXPECT_EQ(report.platform ? to_string(*report.platform) : "", expected.platform);
  EXPECT_EQ(report.counts, expected.counts);
  EXPECT_EQ(report.findings, expected.findings);
  ASSERT_FALSE(report.names.empty());
  EXPECT_NE(report.names.front().find("shop/"), std::string::npos) << report.names.front();
}

constexpr const char* harbor_end =
    "record.scan_overview[application/vnd.security.vulnerability.report; version=1.1].end_time";

const ReportCase product_reports[] = {
    // aqua_severity goes before NVD's; the summary's high 2 is wrong and not used.
    {"Aqua",
     aqua_report,
     "aqua",
     "aqua",
     "",
     "2026-10-01T08:30:00.25Z",
     "scan_started + scan_duration",
     "2026-09-30T08:00:00Z",
     false,
     "linux/amd64",
     {1, 1, 0, 1, 0},
     {{"CVE-2026-0001", critical, {}}, {"CVE-2026-0002", low, {}}}},
    {"Sysdig",
     sysdig_report,
     "sysdig",
     "sysdig-cli-scanner",
     "1.20.0",
     end_of_scan,
     "info.scanTime",
     "",
     true,
     "linux/amd64",
     {1, 0, 0, 0, 1},
     {{"CVE-2026-0001", critical, {}}, {"CVE-2026-0002", unknown, {}}}},
    {"SysdigOfMaps",
     sysdig_report_of_maps,
     "sysdig",
     "sysdig-cli-scanner",
     "1.20.0",
     end_of_scan,
     "info.scanTime",
     "",
     true,
     "linux/amd64",
     {2, 0, 0, 1, 0},
     {{"CVE-2026-0001", critical, {}}, {"CVE-2026-0002", low, {}}}},
    {"Wiz",
     wiz_report,
     "wiz",
     "wizcli",
     "",
     "2026-10-01T08:30:00.5Z",
     "createdAt",
     "",
     false,
     "",
     {0, 1, 0, 1, 0},
     {{"CVE-2026-0001", low, {}}, {"CVE-2026-0002", high, {"GHSA-aaaa-bbbb-cccc"}}}},
    {"AnchoreExport",
     anchore_export,
     "anchore",
     "anchore",
     "",
     end_of_scan,
     "metadata.timestamp",
     "",
     false,
     "",
     {1, 1, 0, 0, 0},
     {{"CVE-2026-0001", high, {"GHSA-aaaa-bbbb-cccc"}},
      {"CVE-2026-0002", high, {"GHSA-aaaa-bbbb-cccc"}},
      {"CVE-2026-0003", critical, {}}}},
    // created_at is the image's, published_timestamp the catalogue's, and the module `scanner` one
    // of the image's packages.
    {"NeuVector",
     neuvector_report,
     "neuvector",
     "neuvector",
     "",
     "",
     "",
     "2026-09-30T00:00:00Z",
     true,
     "",
     {0, 1, 0, 1, 0},
     {{"CVE-2026-0001", high, {"RHSA-2026:0001"}}, {"CVE-2026-0002", low, {}}},
     "no_time"},
    // A suppressed finding does not count; updatedAt is a finding's.
    {"Inspector",
     inspector_list,
     "aws-inspector",
     "amazon-inspector",
     "",
     "",
     "",
     "",
     false,
     "",
     {0, 0, 1, 0, 1},
     {{"CVE-2026-0001", medium, {"ALAS2-2026-1"}}, {"CVE-2026-0003", unknown, {}}},
     "no_time"},
    {"SecurityHub",
     security_hub_list,
     "aws-inspector",
     "amazon-inspector",
     "",
     "",
     "",
     "",
     false,
     "",
     {0, 1, 0, 0, 0},
     {{"CVE-2026-0001", high, {}}, {"CVE-2026-0002", high, {}}},
     "no_time"},
    // The answer is one page of many, so its own counts are the ones of all.
    {"Ecr",
     ecr_answer,
     "ecr-findings",
     "amazon-ecr",
     "",
     end_of_scan,
     "imageScanFindings.imageScanCompletedAt",
     "2026-09-30T00:00:00Z",
     false,
     "",
     {0, 7, 0, 2, 4},
     {{"CVE-2026-0001", high, {}}, {"CVE-2026-0002", unknown, {}}}},
    {"TrivyOperator",
     operator_report,
     "trivy-operator",
     "trivy",
     "0.69.1",
     end_of_scan,
     "report.updateTimestamp",
     "",
     false,
     "",
     {1, 0, 0, 0, 1},
     {{"CVE-2026-0001", critical, {}}, {"CVE-2026-0002", unknown, {}}}},
    {"HarborRecord",
     harbor_record,
     "harbor-v2",
     "Trivy",
     "v0.69.1",
     end_of_scan,
     harbor_end,
     "",
     false,
     "linux/arm64",
     {1, 2, 0, 0, 1},
     {}},
    {"QuayRecord",
     quay_record,
     "quay-secscan",
     "clair",
     "",
     "",
     "",
     "",
     false,
     "",
     {1, 0, 1, 0, 0},
     {{"CVE-2026-0001", medium, {}}, {"CVE-2026-0002", critical, {}}},
     "no_time"},
    {"EcrRecord",
     ecr_record,
     "ecr-v2015",
     "amazon-ecr",
     "",
     end_of_scan,
     "record.imageScanFindings.imageScanCompletedAt",
     "2026-09-30T00:00:00Z",
     false,
     "",
     {0, 7, 0, 2, 4},
     {{"CVE-2026-0001", high, {}}, {"CVE-2026-0002", unknown, {}}}},
};

INSTANTIATE_TEST_SUITE_P(Table, ProductReports, ::testing::ValuesIn(product_reports),
                         case_name<ReportCase>);

TEST(ProductReports, OfAnchoresApiNameTheImageAndHaveNoTime) {
  const ScanReport report = read_report(anchore_answer().dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.format, "anchore");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 1, 0, 0}));
  const std::vector<Finding> findings = {{"CVE-2026-0001", medium, {}},
                                         {"CVE-2026-0002", high, {"GHSA-aaaa-bbbb-cccc"}}};
  EXPECT_EQ(report.findings, findings);
  EXPECT_EQ(read_patched(anchore_answer(), R"({"imageDigest": null, "image_digest":
      "sha256:3333333333333333333333333333333333333333333333333333333333333333"})")
                .subjects,
            std::vector<Digest>{digest_of(other_hex)});
}

TEST(ProductReports, OfHarborsAdditionsNameTheArtifactOfTheirFindings) {
  const ScanReport report = read_report(harbor_addition().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "harbor-report");
  EXPECT_EQ(report.scanner, "Trivy");
  EXPECT_EQ(report.scanner_version, "v0.69.1");
  EXPECT_EQ(shown(report.finished_at), end_of_scan);
  EXPECT_EQ(report.finished_at_field, "generated_at");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 1}));
}

TEST(ProductReports, OfGoogleSayWhenTheImageWasLastScanned) {
  const ScanReport report = read_report(gcp_occurrence().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "gcp-discovery");
  EXPECT_EQ(report.scanner, "google-artifact-analysis");
  EXPECT_EQ(shown(report.finished_at), "2026-10-01T08:30:00.000001Z");
  EXPECT_EQ(report.finished_at_field, "discovery.lastScanTime");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.platform, std::nullopt);
}

TEST(ProductReports, OfAzureDevOpsHoldOneAquaReport) {
  const json one = json::array({{{"image_name", "shop/cart"}, {"results", aqua_report()}}});
  const ScanReport report = read_report(one.dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "aqua");
  EXPECT_EQ(shown(report.finished_at), "2026-10-01T08:30:00.25Z");
  json two = one;
  two.push_back(one.front());
  EXPECT_EQ(defect_of(read_report(two.dump())), "unknown_format");
}

/// Where each format keeps the end of its scan, set to a year that is still to come.
struct FutureCase {
  const char* name;
  json (*sample)();
  const char* patch;
};

class FutureProductReports : public ::testing::TestWithParam<FutureCase> {};

TEST_P(FutureProductReports, AreReadAsTheyStandAndRejectedByTheDecision) {
  Evidence evidence;
  evidence.report = read_patched(GetParam().sample(), GetParam().patch);
  evidence.collected_at = time_of("2026-11-01T00:00:00Z");
  ASSERT_EQ(defect_of(evidence.report), "none") << evidence.report.defect_detail;
  EXPECT_EQ(decide(evidence, Policy(), DigestGraph()).reason, Rejection::future_dated);
}

const FutureCase futures[] = {
    {"Aqua", aqua_report, R"({"scan_started": {"seconds": 4000000000}})"},
    {"Sysdig", sysdig_report, R"({"info": {"scanTime": "2096-10-01T00:00:00Z"}})"},
    {"Wiz", wiz_report, R"({"createdAt": "2096-10-01T00:00:00Z"})"},
    {"Anchore", anchore_export, R"({"metadata": {"timestamp": "2096-10-01T00:00:00Z"}})"},
    {"Ecr", ecr_answer, R"({"imageScanFindings": {"imageScanCompletedAt": 4000000000.5}})"},
    {"EcrRecord", ecr_record,
     R"({"record": {"imageScanFindings": {"imageScanCompletedAt": 4000000000}}})"},
    {"Gcp", gcp_occurrence, R"({"discovery": {"lastScanTime": "2096-10-01T00:00:00Z"}})"},
    {"Operator", operator_report, R"({"report": {"updateTimestamp": "2096-10-01T00:00:00Z"}})"},
    {"HarborAddition", harbor_addition,
     R"({"application/vnd.security.vulnerability.report; version=1.1":
         {"generated_at": "2096-10-01T00:00:00Z"}})"},
    {"HarborRecord", harbor_record,
     R"({"record": {"scan_overview": {"application/vnd.security.vulnerability.report; version=1.1":
         {"end_time": "2096-10-01T00:00:00Z"}}}})"},
};

INSTANTIATE_TEST_SUITE_P(Table, FutureProductReports, ::testing::ValuesIn(futures),
                         case_name<FutureCase>);

}  // namespace
}  // namespace scanclock::testing
