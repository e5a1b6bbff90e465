#include "tests/unit/evidence/corpus_records.hpp"
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

class Corpus : public ::testing::TestWithParam<Expected> {};

TEST_P(Corpus, GivesTheExpectedRecord) {
  const std::filesystem::path root = SCANCLOCK_SOURCE_DIR "/../shared/data/corpus";
  if (!std::filesystem::is_directory(root)) {
    GTEST_SKIP() << "the sample files are not here";
  }
  const Expected& expected = GetParam();
  std::ifstream stream(root / expected.file, std::ios::binary);
  ASSERT_TRUE(stream) << expected.file;
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  const ScanReport report = read_report(bytes.str());

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
INSTANTIATE_TEST_SUITE_P(Attestations, Corpus, ::testing::ValuesIn(attestation_records), test_name);

}  // namespace
}  // namespace scanclock::testing
