#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

json with_run(std::string_view patch) {
  json document = sarif_report();
  document["runs"][0].merge_patch(json::parse(patch));
  return document;
}

TEST(Sarif, GivesItsTimeSubjectsAndCounts) {
  const ScanReport report = read_report(sarif_report().dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "sarif");
  EXPECT_EQ(report.scanner, "trivy");
  EXPECT_EQ(report.scanner_version, "0.69.1");
  EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00Z"));
  EXPECT_EQ(report.finished_at_field, "runs[0].invocations[0].endTimeUtc");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.names, std::vector<std::string>{"shop/cart:1.4"});
  // A tag before a score, a score before a level, the result's level for an unlisted rule.
  EXPECT_EQ(report.counts, (SeverityCounts{0, 2, 1, 1, 0}));
}

class SarifDefects : public ::testing::TestWithParam<DefectCase> {};

TEST_P(SarifDefects, AreFound) {
  const ScanReport report = read_report(with_run(GetParam().patch).dump());
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
}

const DefectCase sarif_defects[] = {
    {"NoInvocationsGiveNoTime", R"({"invocations": null})", "no_time"},
    {"InvocationsWithoutTimesGiveNoTime", R"({"invocations": [{"executionSuccessful": true}]})",
     "no_time"},
    {"AFailedInvocationIsAFailedScan", R"({"invocations": [
     {"executionSuccessful": false, "endTimeUtc": "2026-10-01T08:30:00Z"}]})",
     "scan_failed"},
    {"OneFailedInvocationOfTwoIsAFailedScan", R"({"invocations": [
     {"executionSuccessful": true, "endTimeUtc": "2026-10-01T08:30:00Z"},
     {"executionSuccessful": false}]})",
     "scan_failed"},
    {"NoImageIsNoSubject", R"({"properties": null})", "no_subject"},
    {"NoResultsAreNoProof", R"({"results": []})", "no_packages"},
    {"SecretsFoundByAKnownScannerAreNone", R"({"results": [{"ruleId": "aws-access-key"}]})",
     "not_a_vulnerability_scan"},
    {"AnotherToolIsNone", R"({"tool": {"driver": {"name": "shellcheck"}},
     "results": [{"ruleId": "SC2076"}]})",
     "not_a_vulnerability_scan"},
    {"ASourceCodeAnalyserWithScoresIsNone", R"({"tool": {"driver": {"name": "CodeQL", "rules": [
     {"id": "js/xss", "properties": {"security-severity": "7.8", "tags": ["security"]}}]}},
     "results": [{"ruleId": "js/xss"}]})",
     "not_a_vulnerability_scan"},
    {"AnotherToolWithoutResultsIsNone", R"({"tool": {"driver": {"name": "x"}}, "results": []})",
     "not_a_vulnerability_scan"},
    {"AnotherToolThatFindsCvesIsOne", R"({"tool": {"driver": {"name": "in-house"}}})", "none"},
    {"AnotherToolWithTaggedRulesIsOne", R"({"tool": {"driver": {"name": "in-house", "rules": [
     {"id": "X-1", "properties": {"tags": ["Vulnerability"]}}]}}, "results": [{"ruleId": "X-1"}]})",
     "none"},
    {"NoDriverIsMalformed", R"({"tool": {"driver": null}})", "malformed"},
    {"TextForResultsIsMalformed", R"({"results": "none"})", "malformed"},
    {"ABrokenTimeIsMalformed", R"({"invocations": [{"endTimeUtc": "soon"}]})", "malformed"},
};

INSTANTIATE_TEST_SUITE_P(Table, SarifDefects, ::testing::ValuesIn(sarif_defects),
                         case_name<DefectCase>);

struct TimeCase {
  const char* name;
  const char* invocations;
  const char* time;
  const char* field;
};

class SarifTimes : public ::testing::TestWithParam<TimeCase> {};

TEST_P(SarifTimes, ComeFromTheInvocations) {
  const ScanReport report = read_report(
      with_run(std::string(R"({"invocations": )") + GetParam().invocations + "}").dump());
  EXPECT_EQ(report.finished_at, time_of(GetParam().time));
  EXPECT_EQ(report.finished_at_field, GetParam().field);
}

const TimeCase sarif_times[] = {
    {"TheLatestEndOfARun",
     R"([{"endTimeUtc": "2026-10-01T08:00:00Z"}, {"endTimeUtc": "2026-10-01T09:00:00Z"},
         {"endTimeUtc": "2026-10-01T08:30:00Z"}])",
     "2026-10-01T09:00:00Z", "runs[0].invocations[1].endTimeUtc"},
    {"TheStartWhereThereIsNoEnd", R"([{"startTimeUtc": "2026-10-01T07:00:00Z"}])",
     "2026-10-01T07:00:00Z", "runs[0].invocations[0].startTimeUtc"},
    {"AnEndOfYearOneIsNone",
     R"([{"startTimeUtc": "2026-10-01T07:00:00Z", "endTimeUtc": "0001-01-01T00:00:00Z"}])",
     "2026-10-01T07:00:00Z", "runs[0].invocations[0].startTimeUtc"},
    {"NoZoneIsUtc", R"([{"endTimeUtc": "2026-10-01T07:00:00.25"}])", "2026-10-01T07:00:00.25Z",
     "runs[0].invocations[0].endTimeUtc"},
};

INSTANTIATE_TEST_SUITE_P(Table, SarifTimes, ::testing::ValuesIn(sarif_times), case_name<TimeCase>);

TEST(Sarif, TakesTheEarliestOfSeveralRuns) {
  json document = sarif_report();
  json second = document["runs"][0];
  second["invocations"][0]["endTimeUtc"] = "2026-09-01T08:30:00Z";
  document["runs"].push_back(second);
  const ScanReport report = read_report(document.dump());
  EXPECT_EQ(report.finished_at, time_of("2026-09-01T08:30:00Z"));
  EXPECT_EQ(report.finished_at_field, "runs[1].invocations[0].endTimeUtc");
  EXPECT_EQ(report.counts, (SeverityCounts{0, 4, 2, 2, 0}));
}

TEST(Sarif, LendsNoRunTheTimeOfAnother) {
  json document = sarif_report();
  json second = document["runs"][0];
  second.erase("invocations");
  document["runs"].push_back(second);
  const ScanReport report = read_report(document.dump());
  EXPECT_EQ(defect_of(report), "no_time");
  EXPECT_EQ(report.finished_at, std::nullopt);
  EXPECT_EQ(report.finished_at_field, "");
}

TEST(Sarif, IgnoresRunsOfOtherTools) {
  json document = sarif_report();
  document["runs"].insert(document["runs"].begin(), json::parse(R"({
    "tool": {"driver": {"name": "shellcheck"}}, "results": [{"ruleId": "SC2076"}],
    "invocations": [{"executionSuccessful": false, "endTimeUtc": "2020-01-01T00:00:00Z"}]})"));
  const ScanReport report = read_report(document.dump());
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.finished_at_field, "runs[1].invocations[0].endTimeUtc");
  EXPECT_EQ(report.scanner, "trivy");
}

TEST(Sarif, CountsNoSuppressedPassedOrAbsentResult) {
  const ScanReport report = read_report(with_run(R"({"results": [
    {"ruleId": "CVE-2026-0001", "suppressions": [{"kind": "external"}]},
    {"ruleId": "CVE-2026-0001", "kind": "pass"},
    {"ruleId": "CVE-2026-0001", "baselineState": "absent"},
    {"ruleId": "CVE-2026-0001", "suppressions": [], "kind": "fail"}]})")
                                            .dump());
  EXPECT_EQ(report.counts, (SeverityCounts{0, 1, 0, 0, 0}));
  EXPECT_EQ(defect_of(report), "none");
}

TEST(Sarif, WithoutRunsIsNoScan) {
  const ScanReport report = read_report(R"({"version": "2.1.0", "runs": []})");
  EXPECT_EQ(defect_of(report), "not_a_vulnerability_scan");
  EXPECT_EQ(report.defect_detail, "no runs");
}

}  // namespace
}  // namespace scanclock::testing
