#include "core/registry/harbor_artifacts.hpp"

#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace scanclock {
namespace {

using nlohmann::json;

const RepositoryKey harbor_app{"prod", "team/app"};
const std::string harbor_image = "sha256:" + std::string(64, 'a');
const std::string harbor_child = "sha256:" + std::string(64, 'b');
constexpr const char* report_type = "application/vnd.security.vulnerability.report; version=1.1";

/// An artifact as the API of Harbor 2 prints it, scanned.
json harbor_artifact() {
  return json::parse(R"({
    "id": 7, "type": "IMAGE", "digest": ")" +
                     harbor_image + R"(",
    "media_type": "application/vnd.oci.image.config.v1+json",
    "manifest_media_type": "application/vnd.oci.image.manifest.v1+json",
    "push_time": "2026-10-01T08:00:00.000Z", "pull_time": "2026-10-31T08:00:00.000Z",
    "tags": [{"name": "1.0", "push_time": "2026-10-02T08:00:00.000Z"}],
    "extra_attrs": {"architecture": "amd64", "os": "linux", "author": "x", "config": {"Env": []}},
    "references": null, "accessories": null,
    "scan_overview": {"application/vnd.security.vulnerability.report; version=1.1": {
      "report_id": "r1", "scan_status": "Success", "severity": "High", "duration": 9,
      "summary": {"total": 2, "fixable": 1, "summary": {"High": 1, "Low": 1}},
      "start_time": "2026-10-30T07:59:51.000Z", "end_time": "2026-10-30T08:00:00.000Z",
      "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "v0.56.1"},
      "complete_percent": 100}}})");
}

HarborArtifact read_one_artifact(const json& artifact) {
  const auto read = parse_harbor_artifact(artifact.dump(), "harbor.test", harbor_app);
  EXPECT_TRUE(read) << (read ? "" : read.error());
  return read ? *read : HarborArtifact();
}

TEST(HarborPath, EncodesTheSlashesOfARepositoryTwice) {
  using Parts = std::pair<std::string, std::string>;
  EXPECT_EQ(harbor_path_parts("team/app"), Parts("team", "app"));
  EXPECT_EQ(harbor_path_parts("team/a/b"), Parts("team", "a%252Fb"));
  EXPECT_FALSE(harbor_path_parts("app"));
  EXPECT_FALSE(harbor_path_parts("/app"));
  EXPECT_FALSE(harbor_path_parts("team/"));
}

TEST(HarborArtifacts, GiveARecordWithWhatLastsUntilTheNextScan) {
  const HarborArtifact artifact = read_one_artifact(harbor_artifact());
  EXPECT_FALSE(artifact.is_index);
  EXPECT_TRUE(artifact.has_findings);
  EXPECT_EQ(artifact.pushed_at, parse_rfc3339("2026-10-01T08:00:00Z"));
  ASSERT_TRUE(artifact.record);
  EXPECT_EQ(artifact.record->origin, EvidenceOrigin::platform_api);
  EXPECT_EQ(artifact.record->attached_to.str(), harbor_image);
  EXPECT_EQ(artifact.record->digest, sha256(artifact.record->bytes));
  const json document = json::parse(artifact.record->bytes);
  EXPECT_EQ(document["scanclockRecord"], "harbor-v2");
  EXPECT_EQ(document["registry"], "harbor.test");
  EXPECT_EQ(document["repository"], "team/app");
  EXPECT_EQ(document["digest"], harbor_image);
  EXPECT_EQ(document["record"]["scan_overview"], harbor_artifact()["scan_overview"]);
  EXPECT_EQ(document["record"]["extra_attrs"],
            json::parse(R"({"architecture": "amd64", "os": "linux"})"));
  EXPECT_FALSE(document["record"].contains("pull_time"));
}

TEST(HarborArtifacts, HaveTheSameRecordUntilTheScanChanges) {
  const HarborArtifact before = read_one_artifact(harbor_artifact());
  json later = harbor_artifact();
  later["pull_time"] = "2026-11-01T08:00:00.000Z";
  later["tags"].push_back({{"name", "1.1"}});
  EXPECT_EQ(read_one_artifact(later).record->digest, before.record->digest);
  EXPECT_EQ(read_one_artifact(later).scan_state, before.scan_state);
  later["scan_overview"][report_type]["end_time"] = "2026-11-01T08:00:00.000Z";
  EXPECT_NE(read_one_artifact(later).record->digest, before.record->digest);
  EXPECT_NE(read_one_artifact(later).scan_state, before.scan_state);
}

TEST(HarborArtifacts, GiveNoRecordWithoutASuccessfulVulnerabilityScan) {
  for (const char* status :
       {"Pending", "Scheduled", "Running", "Stopped", "Error", "", "success"}) {
    json artifact = harbor_artifact();
    artifact["scan_overview"][report_type]["scan_status"] = status;
    EXPECT_FALSE(read_one_artifact(artifact).record) << status;
  }
  json other = harbor_artifact();
  other["scan_overview"] = {{"application/vnd.security.sbom.report+json; version=1.0",
                             harbor_artifact()["scan_overview"][report_type]}};
  EXPECT_FALSE(read_one_artifact(other).record);
  other["scan_overview"] = nullptr;
  EXPECT_FALSE(read_one_artifact(other).record);
}

TEST(HarborArtifacts, KeepASuccessBesideAnotherScannersFailure) {
  json artifact = harbor_artifact();
  json failed = artifact["scan_overview"][report_type];
  failed["scan_status"] = "Error";
  const char* old_type = "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";
  artifact["scan_overview"][old_type] = failed;
  const json document = json::parse(read_one_artifact(artifact).record->bytes);
  EXPECT_EQ(document["record"]["scan_overview"].size(), 1U);
}

TEST(HarborArtifacts, OfAnIndexNameTheirImagesAndGiveNoRecord) {
  json artifact = harbor_artifact();
  artifact["manifest_media_type"] = "application/vnd.oci.image.index.v1+json";
  artifact["references"] = json::parse(
      R"([{"child_digest": ")" + harbor_child +
      R"(", "platform": {"architecture": "arm64", "os": "linux"}},
          {"child_digest": "sha256:)" +
      std::string(64, 'c') +
      R"(", "platform": {"architecture": "unknown", "os": "unknown"}}, 7, {"child_digest": "x"}])");
  const HarborArtifact read = read_one_artifact(artifact);
  EXPECT_TRUE(read.is_index);
  EXPECT_FALSE(read.record) << "the overview of an index is the maximum over its platforms";
  ASSERT_EQ(read.children.size(), 1U);
  EXPECT_EQ(read.children[0].str(), harbor_child);
}

TEST(HarborArtifacts, WithYearOneWereNeverPushed) {
  json artifact = harbor_artifact();
  artifact["push_time"] = "0001-01-01T00:00:00.000Z";
  EXPECT_FALSE(read_one_artifact(artifact).pushed_at);
}

TEST(HarborArtifacts, ThatCannotBeReadAreLeftOutOfAList) {
  const auto page = parse_harbor_artifacts(
      json::array({7, json::object(), {{"digest", "x"}}, harbor_artifact()}).dump(), "harbor.test",
      harbor_app);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->size(), 1U);
  EXPECT_TRUE(parse_harbor_artifacts("null", "h", harbor_app)->empty());
  for (const std::string& text :
       {std::string("{}"), std::string("<html>"), std::string(), std::string(100000, '[')}) {
    EXPECT_FALSE(parse_harbor_artifacts(text, "h", harbor_app)) << text.substr(0, 10);
    EXPECT_FALSE(parse_harbor_artifact(text, "h", harbor_app)) << text.substr(0, 10);
  }
}

TEST(HarborReport, IsToldFromAnEmptyAnswer) {
  EXPECT_TRUE(
      is_harbor_report(R"( { "application/vnd.security.vulnerability.report; version=1.1": {}})"));
  for (const char* text : {"{}", "", "[]", "{\"errors\":[]}", "null", "{"}) {
    EXPECT_FALSE(is_harbor_report(text)) << text;
  }
}

}  // namespace
}  // namespace scanclock
