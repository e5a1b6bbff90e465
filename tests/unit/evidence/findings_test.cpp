#include "core/evidence/finding_collector.hpp"
#include "tests/unit/evidence/client_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using evidence::FindingCollector;
using evidence::findings_max;
using nlohmann::json;

/// `CVE-1 high (GHSA-1, RHSA-1)`, one a line.
std::string shown(const std::vector<Finding>& findings) {
  static constexpr const char* words[] = {"unknown", "low", "medium", "high", "critical"};
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.id + " " + words[static_cast<std::size_t>(finding.severity)];
    for (const std::string& alias : finding.aliases) {
      text += " " + alias;
    }
    text += "\n";
  }
  return text;
}

std::string collected(FindingCollector collector) {
  ScanReport report;
  collector.finish(report);
  return shown(report.findings);
}

TEST(FindingCollector, NamesEachVulnerabilityOnceWithItsGravestSeverity) {
  FindingCollector collector;
  collector.add("CVE-2026-2", FindingSeverity::low);
  collector.add("CVE-2026-1", FindingSeverity::unknown);
  collector.add("CVE-2026-2", FindingSeverity::critical);
  collector.add("CVE-2026-2", FindingSeverity::medium);
  ScanReport report;
  collector.finish(report);
  EXPECT_EQ(shown(report.findings), "CVE-2026-1 unknown\nCVE-2026-2 critical\n");
  EXPECT_EQ(report.counts, (SeverityCounts{1, 0, 1, 1, 1}));
}

TEST(FindingCollector, PutsTheCveBeforeTheScannersOwnId) {
  FindingCollector collector;
  const std::vector<std::string> cve = {"CVE-2026-1"};
  const std::vector<std::string> snyk = {"SNYK-1", "cve-2026-1"};
  collector.add("GHSA-a", cve, FindingSeverity::low);
  collector.add("GHSA-a", snyk, FindingSeverity::low);
  collector.add("DLA-1", FindingSeverity::low);
  EXPECT_EQ(collected(std::move(collector)), "CVE-2026-1 low GHSA-a SNYK-1\nDLA-1 low\n");
}

TEST(FindingCollector, MakesAnAdvisoryAFindingOfEachOfItsCves) {
  FindingCollector collector;
  const std::vector<std::string> cves = {"CVE-2026-1", "CVE-2026-2"};
  collector.add("RHSA-2026:1", cves, FindingSeverity::high);
  EXPECT_EQ(collected(std::move(collector)),
            "CVE-2026-1 high RHSA-2026:1\nCVE-2026-2 high "
            "RHSA-2026:1\n");
}

TEST(FindingCollector, CountsAnEntryWithoutAnIdAndNamesNone) {
  FindingCollector collector;
  collector.add("", FindingSeverity::high);
  EXPECT_EQ(collector.size(), 1U);
  ScanReport report;
  collector.finish(report);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.counts.high, 1U);
}

TEST(FindingCollector, KeepsIdsFitToBeStored) {
  FindingCollector collector;
  collector.add(std::string("X\0\n", 3) + std::string(1000, 'x'), FindingSeverity::low);
  ScanReport report;
  collector.finish(report);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings.front().id, "X??" + std::string(253, 'x'));
}

TEST(FindingCollector, RefusesMoreVulnerabilitiesThanAnyImageHas) {
  FindingCollector collector;
  for (std::size_t number = 0; number <= findings_max; ++number) {
    collector.add("CVE-2026-" + std::to_string(number), FindingSeverity::low);
    // Those already known stay welcome.
    collector.add("CVE-2026-0", FindingSeverity::low);
  }
  ScanReport report;
  collector.finish(report);
  EXPECT_EQ(report.findings.size(), findings_max);
  EXPECT_EQ(defect_of(report), "too_large");
}

struct FormatCase {
  const char* name;
  json (*sample)();
  const char* findings;
};

class FindingsOf : public ::testing::TestWithParam<FormatCase> {};

TEST_P(FindingsOf, AreNamedByCve) {
  EXPECT_EQ(shown(read_report(GetParam().sample().dump()).findings), GetParam().findings);
}

json trivy_with_vendor_ids() {
  json report = trivy_report();
  report["Results"] = json::parse(R"([{"Class": "os-pkgs", "Vulnerabilities": [
    {"VulnerabilityID": "CVE-2026-0001", "VendorIDs": ["RHSA-2026:1"], "Severity": "HIGH"},
    {"VulnerabilityID": "CVE-2026-0001", "Severity": "HIGH"},
    {"VulnerabilityID": "DLA-7-1", "Severity": "LOW"}]}])");
  return report;
}

json grype_with_related_ids() {
  json report = grype_report();
  report["matches"] = json::parse(R"([
    {"vulnerability": {"id": "GHSA-aaaa-bbbb-cccc", "severity": "High"},
     "relatedVulnerabilities": [{"id": "CVE-2026-0001"}]},
    {"vulnerability": {"id": "ELSA-2026-1", "severity": "Low"},
     "relatedVulnerabilities": [{"id": "CVE-2026-0001"}, {"id": "CVE-2026-0002"}]}])");
  return report;
}

json sarif_of_grype() {
  json report = sarif_report();
  report["runs"][0]["results"] = json::parse(R"([
    {"ruleId": "CVE-2026-0007-gcc-12", "level": "error"},
    {"ruleId": "GHSA-aaaa-bbbb-cccc-lodash", "level": "note"},
    {"ruleId": "CVE-2026-0008", "level": "warning"}])");
  return report;
}

json in_toto_of_the_older_shape() {
  json statement = in_toto_statement();
  statement["predicateType"] = "https://in-toto.io/attestation/vulns/v0.1";
  statement["predicate"]["scanner"]["result"] = json::parse(R"([
    {"vulnerability": {"id": "CVE-2026-0001", "severity": [{"method": "nvd", "score": "9.8"}]}},
    {"id": "GHSA-aaaa-bbbb-cccc", "severity": [{"method": "nvd", "score": "low"}]}])");
  return statement;
}

const FormatCase format_cases[] = {
    {"Trivy", trivy_with_vendor_ids, "CVE-2026-0001 high RHSA-2026:1\nDLA-7-1 low\n"},
    {"Grype", grype_with_related_ids,
     "CVE-2026-0001 high ELSA-2026-1 GHSA-aaaa-bbbb-cccc\nCVE-2026-0002 low ELSA-2026-1\n"},
    {"Sarif", sarif_of_grype,
     "CVE-2026-0007 high\nCVE-2026-0008 medium\nGHSA-aaaa-bbbb-cccc low\n"},
    {"CosignVuln", cosign_statement,
     "CVE-2026-0001 critical\nCVE-2026-0002 high\nCVE-2026-0003 low\nCVE-2026-0004 unknown\n"
     "GHSA-aaaa-bbbb-cccc medium\n"},
    {"InTotoVulns", in_toto_statement,
     "CVE-2026-0001 critical\nCVE-2026-0002 unknown\nCVE-2026-0003 unknown\n"},
    {"InTotoVulnsOlder", in_toto_of_the_older_shape,
     "CVE-2026-0001 critical\nGHSA-aaaa-bbbb-cccc low\n"},
    {"CycloneDx", cyclonedx_document,
     "CVE-2026-0001 critical\nCVE-2026-0002 medium GHSA-aaaa-bbbb-cccc\nTEMP-0290435 unknown\n"},
    {"GitLab", gitlab_report, "CVE-2026-0001 high GHSA-aaaa-bbbb-cccc\nRHSA-2026:1 unknown\n"},
    {"ClairV4", clair_v4_report,
     "CVE-2026-0001 low\nCVE-2026-0002 high RHSA-2026:1\nCVE-2026-0003 high RHSA-2026:1\n"},
    {"Snyk", snyk_report,
     "CVE-2026-0001 high GHSA-aaaa-bbbb-cccc SNYK-DEBIAN13-X-1\nSNYK-JS-Y-2 critical\n"},
    {"Twistlock", twistlock_report, "CVE-2026-0001 critical\nPRISMA-2026-0007 high\n"},
};

INSTANTIATE_TEST_SUITE_P(Table, FindingsOf, ::testing::ValuesIn(format_cases),
                         case_name<FormatCase>);

}  // namespace
}  // namespace scanclock::testing
