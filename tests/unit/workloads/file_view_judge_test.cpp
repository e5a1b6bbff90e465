#include "core/workloads/file_source.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using Outcome = FileViewJudge::Outcome;
using std::chrono::minutes;

const TimePoint start = *parse_rfc3339("2026-11-01T12:00:00Z");
const Digest first_content = Digest::from_trusted("sha256:" + std::string(64, '1'));
const Digest second_content = Digest::from_trusted("sha256:" + std::string(64, '2'));

TEST(FileViewJudge, ReportsAnUnchangedFileOnce) {
  FileViewJudge judge(minutes(10));
  EXPECT_EQ(judge.judge(first_content, start, start), Outcome::report);
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(5)), Outcome::unchanged);
}

TEST(FileViewJudge, CallsAnOldFileStaleHoweverOftenItIsRead) {
  FileViewJudge judge(minutes(10));
  EXPECT_EQ(judge.judge(first_content, start, start), Outcome::report);
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(10)), Outcome::unchanged);
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(10) + Duration(1)), Outcome::stale);
  EXPECT_EQ(judge.judge(second_content, start, start + minutes(11)), Outcome::stale);
  EXPECT_EQ(judge.judge(second_content, start + minutes(11), start + minutes(11)), Outcome::report);
}

TEST(FileViewJudge, ReportsACorrectionUnderTheSameTime) {
  FileViewJudge judge(minutes(10));
  EXPECT_EQ(judge.judge(first_content, start, start), Outcome::report);
  EXPECT_EQ(judge.judge(second_content, start, start), Outcome::report);
}

TEST(FileViewJudge, TakesNoStepBackInTime) {
  FileViewJudge judge(minutes(10));
  EXPECT_EQ(judge.judge(second_content, start + minutes(1), start + minutes(1)), Outcome::report);
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(1)), Outcome::older);
}

TEST(FileViewJudge, ReportsTheSameContentAgainAfterAFailedReading) {
  FileViewJudge judge(minutes(10));
  EXPECT_EQ(judge.judge(first_content, start, start), Outcome::report);
  judge.reading_failed();
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(1)), Outcome::report);
  EXPECT_EQ(judge.judge(first_content, start, start + minutes(2)), Outcome::unchanged);
}

}  // namespace
}  // namespace scanclock
