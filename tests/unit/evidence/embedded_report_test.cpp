#include "tests/unit/evidence/client_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

json statement_of(std::string_view type, json predicate) {
  json statement = in_toto_statement();
  statement["predicateType"] = type;
  statement["predicate"] = std::move(predicate);
  return statement;
}

json custom_statement(const std::string& data,
                      std::string_view type = "https://cosign.sigstore.dev/attestation/v1") {
  return statement_of(type, {{"Data", data}, {"Timestamp", "2026-11-01T00:00:00Z"}});
}

TEST(CosignCustom, TakesTheTimeOfTheReportAndNeverThatOfTheAttachment) {
  for (const char* type :
       {"cosign.sigstore.dev/attestation/v1", "https://cosign.sigstore.dev/attestation/v1"}) {
    const ScanReport report =
        read_report(envelope_of(custom_statement(trivy_report().dump(2), type)));
    EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
    EXPECT_EQ(report.format, "cosign-custom");
    EXPECT_EQ(report.scanner, "trivy");
    EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00.123456Z"));
    EXPECT_EQ(report.finished_at_field, "predicate.Data.CreatedAt");
    EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
    EXPECT_EQ(report.inner_subjects,
              (std::vector<Digest>{digest_of(image_hex), digest_of(config_hex)}));
    EXPECT_EQ(report.counts, (SeverityCounts{1, 1, 1, 1, 1}));
    EXPECT_EQ(report.findings.size(), 5U);
  }
}

TEST(CosignCustom, HoldsAReportOfAnyFormat) {
  const json samples[] = {grype_report(), sarif_report(), cyclonedx_document(), gitlab_report(),
                          twistlock_report()};
  for (const json& sample : samples) {
    const ScanReport report = read_report(envelope_of(custom_statement(sample.dump())));
    EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
    EXPECT_TRUE(report.finished_at_field.starts_with("predicate.Data.")) << sample;
  }
}

struct CustomCase {
  const char* name;
  json predicate;
  const char* defect;
};

class CustomPredicates : public ::testing::TestWithParam<CustomCase> {};

TEST_P(CustomPredicates, AreJudged) {
  const ScanReport report = read_report(envelope_of(
      statement_of("https://cosign.sigstore.dev/attestation/v1", GetParam().predicate)));
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.finished_at, std::nullopt);
}

const CustomCase custom_cases[] = {
    {"Nothing", json::object(), "not_a_vulnerability_scan"},
    {"Words", {{"Data", "scanned"}}, "not_a_vulnerability_scan"},
    {"BrokenJson", {{"Data", "{\"SchemaVersion\": 2,"}}, "malformed"},
    {"AnotherDocument", {{"Data", R"({"spdxVersion": "SPDX-2.3"})"}}, "not_a_vulnerability_scan"},
    {"AClusterReport", {{"Data", R"({"ClusterName": "prod"})"}}, "unknown_format"},
    {"AReportWithoutATime", {{"Data", clair_v4_report().dump()}}, "no_time"},
    {"AStatementInAStatement", {{"Data", in_toto_statement().dump()}}, "not_a_vulnerability_scan"},
};

INSTANTIATE_TEST_SUITE_P(Table, CustomPredicates, ::testing::ValuesIn(custom_cases),
                         case_name<CustomCase>);

TEST(InTotoReport, IsAReportAsThePredicateOfAnyType) {
  const ScanReport report =
      read_report(envelope_of(statement_of("https://trivy.example/report/v1", trivy_report())));
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "in-toto-report");
  EXPECT_EQ(report.finished_at_field, "predicate.CreatedAt");
  EXPECT_EQ(report.inner_subjects,
            (std::vector<Digest>{digest_of(image_hex), digest_of(config_hex)}));
}

TEST(InTotoReport, IsABillOfMaterialsOnlyWithVulnerabilities) {
  json document = cyclonedx_document();
  const auto read = [&] {
    return read_report(envelope_of(statement_of("https://cyclonedx.org/bom", document)));
  };
  EXPECT_EQ(defect_of(read()), "none");
  document.erase("vulnerabilities");
  EXPECT_EQ(defect_of(read()), "not_a_vulnerability_scan");
}

TEST(InTotoReport, IsNothingElse) {
  const json predicates[] = {
      json::object(), {{"buildType", "x"}}, "text", nullptr, in_toto_statement()};
  for (const json& predicate : predicates) {
    const ScanReport report =
        read_report(envelope_of(statement_of("https://slsa.dev/provenance/v1", predicate)));
    EXPECT_EQ(defect_of(report), "not_a_vulnerability_scan") << predicate;
    EXPECT_EQ(report.format, "in-toto");
  }
}

}  // namespace
}  // namespace scanclock::testing
