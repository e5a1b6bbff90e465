#include "core/workloads/file_source.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/component/workloads/recording_sink.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/stat.h>

namespace scanclock {
namespace {

using std::chrono::minutes;

class FileSourceTest : public ::testing::Test {
 protected:
  FileSourceTest() : pool_(1, 4) {
    std::string pattern = (std::filesystem::temp_directory_path() / "file-source-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.name = "edge";
    settings_.path = folder_ / "edge.json";
    source_ = std::make_unique<FileSource>(settings_, clock_, pool_);
  }
  ~FileSourceTest() override {
    pool_.stop();
    std::filesystem::remove_all(folder_);
  }

  /// Replaces the file as a good producer does.
  void write(const std::string& content) {
    std::ofstream(folder_ / "new") << content;
    std::filesystem::rename(folder_ / "new", settings_.path);
  }
  void write_view(TimePoint observed_at, const std::string& id = "c1",
                  const std::string& source = "edge") {
    write(R"({"source":")" + source + R"(","observed_at":")" + format_rfc3339(observed_at) +
          R"(","complete":true,"containers":[{"id":")" + id + R"(","image":"busybox"}]})");
  }
  void look() { run(io_, source_->look(sink_)); }
  std::string last_reason() const {
    return sink_.problems.empty() ? "" : sink_.problems.back().reason;
  }

  asio::io_context io_{1};
  SimClock clock_;
  BlockingPool pool_;
  std::filesystem::path folder_;
  FileSourceSettings settings_;
  RecordingSink sink_;
  std::unique_ptr<FileSource> source_;
};

TEST_F(FileSourceTest, ReportsAViewOnceAndTheNextWhenItIsNewer) {
  write_view(clock_.now());
  look();
  look();
  ASSERT_EQ(sink_.reports.size(), 1U);
  EXPECT_EQ(sink_.reports.front().source, "edge");
  EXPECT_EQ(sink_.ids(), std::vector<std::string>{"c1"});
  clock_.advance(io_, minutes(1));
  write_view(clock_.now(), "c2");
  look();
  ASSERT_EQ(sink_.reports.size(), 2U);
  EXPECT_EQ(sink_.ids(), std::vector<std::string>{"c2"});
  EXPECT_TRUE(sink_.problems.empty());
  EXPECT_EQ(sink_.requests, 3U);
}

TEST_F(FileSourceTest, FailsWhenNobodyWritesTheFileAnyMore) {
  write_view(clock_.now());
  look();
  clock_.advance(io_, minutes(10));
  look();
  EXPECT_EQ(last_reason(), "");
  clock_.advance(io_, minutes(1));
  look();
  EXPECT_EQ(last_reason(), "stale");
  EXPECT_EQ(sink_.reports.size(), 1U);
}

TEST_F(FileSourceTest, FailsWhileTheFileIsMissingAndReportsItWhenItIsBack) {
  look();
  EXPECT_EQ(last_reason(), "missing");
  EXPECT_NE(sink_.problems.back().message.find(settings_.path), std::string::npos);
  write_view(clock_.now());
  look();
  EXPECT_EQ(sink_.reports.size(), 1U);
  std::filesystem::rename(settings_.path, folder_ / "away");
  look();
  EXPECT_EQ(sink_.problems.size(), 2U);
  std::filesystem::rename(folder_ / "away", settings_.path);
  look();
  EXPECT_EQ(sink_.reports.size(), 2U);
}

TEST_F(FileSourceTest, SaysWhatIsWrongInAMalformedFile) {
  write_view(clock_.now());
  look();
  write(R"({"source":"edge","observed_at":"2026-11-01T12:00:00Z","complete":true})");
  look();
  EXPECT_EQ(last_reason(), "malformed");
  EXPECT_NE(sink_.problems.back().message.find("edge.json: /containers: is required"),
            std::string::npos)
      << sink_.problems.back().message;
  write("{\"source\":\"ed");
  look();
  EXPECT_EQ(sink_.problems.size(), 2U);
  EXPECT_EQ(sink_.reports.size(), 1U) << "a half-written file changes nothing";
}

TEST_F(FileSourceTest, RefusesAFileThatSpeaksForAnotherSource) {
  write_view(clock_.now(), "c1", "core");
  look();
  EXPECT_EQ(last_reason(), "wrong_source");
  EXPECT_TRUE(sink_.reports.empty());
}

TEST_F(FileSourceTest, WaitsForNoFifoAndReadsNoFolder) {
  ASSERT_EQ(::mkfifo(settings_.path.c_str(), 0600), 0);
  look();
  EXPECT_EQ(last_reason(), "unreadable");
  std::filesystem::remove(settings_.path);
  std::filesystem::create_directory(settings_.path);
  look();
  EXPECT_EQ(sink_.problems.size(), 2U);
  EXPECT_EQ(last_reason(), "unreadable");
}

TEST_F(FileSourceTest, RefusesAFileThatGrowsWithoutEnd) {
  std::ofstream(settings_.path) << "{";
  std::filesystem::resize_file(settings_.path, std::uintmax_t{1} << 30);
  look();
  EXPECT_EQ(last_reason(), "malformed");
  EXPECT_NE(sink_.problems.back().message.find("larger than 33554432 bytes"), std::string::npos);
}

TEST_F(FileSourceTest, LooksEveryPeriodUntilItIsCancelled) {
  write_view(clock_.now());
  bool failed = false;
  TaskGroup tasks(io_.get_executor(), [&](std::string_view, std::exception_ptr) { failed = true; });
  clock_.set_io_patience(std::chrono::milliseconds(20));
  tasks.spawn("file", source_->run(sink_));
  EXPECT_TRUE(clock_.run_while(
      io_, [&] { return sink_.requests < 10; }, minutes(10)));
  run(io_, clock_, tasks.stop());
  EXPECT_FALSE(failed);
  EXPECT_EQ(sink_.reports.size(), 1U);
}

}  // namespace
}  // namespace scanclock
