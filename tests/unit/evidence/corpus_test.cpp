#include "tests/unit/evidence/corpus_records.hpp"
#include "tests/unit/evidence/document_path.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace scanclock::testing {
namespace {

std::string shown(const std::optional<TimePoint>& time) {
  return time ? format_rfc3339(*time) : std::string();
}

class Corpus : public ::testing::TestWithParam<Expected> {
 protected:
  void SetUp() override {
    const std::filesystem::path root = SCANCLOCK_SOURCE_DIR "/../shared/data/corpus";
    if (!std::filesystem::is_directory(root)) {
      GTEST_SKIP() << "the sample files are not here";
    }
    std::ifstream stream(root / GetParam().file, std::ios::binary);
    ASSERT_TRUE(stream) << GetParam().file;
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    bytes_ = std::move(bytes).str();
  }

  std::string bytes_;
};

TEST_P(Corpus, GivesTheExpectedRecord) {
  const Expected& expected = GetParam();
  const ScanReport report = read_report(bytes_);

  EXPECT_EQ(defect_of(report), expected.defect) << report.defect_detail;
  EXPECT_EQ(report.format, expected.format);
  EXPECT_EQ(report.scanner, expected.scanner);
  EXPECT_EQ(report.scanner_version, expected.version);
  EXPECT_EQ(shown(report.finished_at), expected.finished_at);
  EXPECT_EQ(report.finished_at_field, expected.finished_at_field);
  EXPECT_EQ(shown(report.database_built_at), expected.database_built_at);
  std::vector<Digest> subjects;
  for (const char* hex : expected.subject_hexes) {
    subjects.push_back(digest_of(hex));
  }
  EXPECT_EQ(report.subjects, subjects);
  EXPECT_EQ(report.subject_config.hex(), expected.config_hex);
  EXPECT_EQ(report.platform ? to_string(*report.platform) : "", expected.platform);
  EXPECT_EQ(report.counts, expected.counts);
  EXPECT_TRUE(report.inner_subjects.empty());
  EXPECT_TRUE(
      std::is_sorted(report.findings.begin(), report.findings.end(),
                     [](const Finding& left, const Finding& right) { return left.id < right.id; }));
}

/// Whether the text at one of the paths holds the hex digits.
bool stands_at(const nlohmann::json& document, const char* paths, std::string_view hex) {
  const auto values = values_at(document, paths);
  return std::any_of(values.begin(), values.end(), [&](const nlohmann::json& value) {
    return value.is_string() && value.get<std::string>().find(hex) != std::string::npos;
  });
}

TEST_P(Corpus, HoldsTheExpectedValuesAtTheirPaths) {
  const Expected& expected = GetParam();
  const ExpectedPaths& paths = expected.paths;
  const auto document = unwrapped(nlohmann::json::parse(bytes_));
  if (*expected.version != '\0') {
    EXPECT_TRUE(stands_at(document, paths.version, expected.version)) << paths.version;
  }
  if (*expected.finished_at != '\0') {
    EXPECT_EQ(shown(time_at(document, paths.finished_at)), expected.finished_at);
  }
  if (*expected.database_built_at != '\0') {
    EXPECT_EQ(shown(time_at(document, paths.database_built_at)), expected.database_built_at);
  }
  for (const char* hex : expected.subject_hexes) {
    EXPECT_TRUE(stands_at(document, paths.subjects, hex)) << paths.subjects;
  }
  if (*expected.config_hex != '\0') {
    EXPECT_TRUE(stands_at(document, paths.config, expected.config_hex)) << paths.config;
  }
  const SeverityCounts& counts = expected.counts;
  const std::size_t total =
      std::size_t{counts.critical} + counts.high + counts.medium + counts.low + counts.unknown;
  if (total > 0) {
    EXPECT_EQ(values_at(document, paths.counts).size(), total) << paths.counts;
  }
}

std::string test_name(const ::testing::TestParamInfo<Expected>& tested) {
  std::string name = tested.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char byte) { return !std::isalnum(byte); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Trivy, Corpus, ::testing::ValuesIn(trivy_records), test_name);
INSTANTIATE_TEST_SUITE_P(Grype, Corpus, ::testing::ValuesIn(grype_records), test_name);
INSTANTIATE_TEST_SUITE_P(Sarif, Corpus, ::testing::ValuesIn(sarif_records), test_name);
INSTANTIATE_TEST_SUITE_P(CycloneDx, Corpus, ::testing::ValuesIn(cyclonedx_records), test_name);
INSTANTIATE_TEST_SUITE_P(GitLab, Corpus, ::testing::ValuesIn(gitlab_records), test_name);
INSTANTIATE_TEST_SUITE_P(Clair, Corpus, ::testing::ValuesIn(clair_records), test_name);
INSTANTIATE_TEST_SUITE_P(Snyk, Corpus, ::testing::ValuesIn(snyk_records), test_name);
INSTANTIATE_TEST_SUITE_P(Twistlock, Corpus, ::testing::ValuesIn(twistlock_records), test_name);
INSTANTIATE_TEST_SUITE_P(Attestations, Corpus, ::testing::ValuesIn(attestation_records), test_name);
INSTANTIATE_TEST_SUITE_P(Products, Corpus, ::testing::ValuesIn(product_records), test_name);

TEST(ConfigurationCorpus, IsRefusedAsNoVulnerabilityScan) {
  const std::filesystem::path root = SCANCLOCK_SOURCE_DIR "/../shared/data/corpus";
  if (!std::filesystem::is_directory(root)) {
    GTEST_SKIP() << "the sample files are not here";
  }
  for (const char* file : configuration_files) {
    std::ifstream stream(root / file, std::ios::binary);
    ASSERT_TRUE(stream) << file;
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    const ScanReport report = read_report(bytes.str());
    EXPECT_EQ(report.format, "xccdf") << file;
    EXPECT_EQ(defect_of(report), "not_a_vulnerability_scan") << file;
    EXPECT_EQ(report.finished_at, std::nullopt) << file;
  }
}

}  // namespace
}  // namespace scanclock::testing
