#include "core/runtime/log.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

class Log : public testing::Test {
 protected:
  void TearDown() override { log::configure(log::Level::info, log::Format::text); }

  static std::string written(log::Format format, log::Level level, std::string_view message) {
    testing::internal::CaptureStderr();
    log::configure(log::Level::info, format);
    log::write(level, "registry", message);
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, TextNamesTimeLevelAndComponent) {
  const std::string line = written(log::Format::text, log::Level::warning, "slow answer");
  EXPECT_TRUE(line.ends_with("Z warning registry: slow answer\n")) << line;
}

TEST_F(Log, JournaldGetsSdDaemonPriorities) {
  EXPECT_EQ(written(log::Format::journald, log::Level::error, "x"), "<3>registry: x\n");
  EXPECT_EQ(written(log::Format::journald, log::Level::warning, "x"), "<4>registry: x\n");
  EXPECT_EQ(written(log::Format::journald, log::Level::info, "x\nHINT: y"),
            "<6>registry: x\n<6>  HINT: y\n");
}

TEST_F(Log, JsonSurvivesQuotesControlCharactersAndBrokenUtf8) {
  const std::string line = written(log::Format::json, log::Level::info, "a \"b\"\n\x01\xff{}");
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed.at("level"), "info");
  EXPECT_EQ(parsed.at("component"), "registry");
  EXPECT_EQ(parsed.at("message"), "a \"b\"\n\x01\xef\xbf\xbd{}");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST_F(Log, AMessageCannotForgeALineOfItsOwn) {
  const std::string line = written(log::Format::text, log::Level::info, "a\r\x1b[2J\n2026 error");
  EXPECT_NE(line.find("a\\x0d\\x1b[2J\n  2026 error\n"), std::string::npos) << line;
}

TEST_F(Log, LevelsBelowTheConfiguredOneAreDropped) {
  EXPECT_EQ(written(log::Format::text, log::Level::debug, "x"), "");
  EXPECT_FALSE(log::enabled(log::Level::debug));
  EXPECT_TRUE(log::enabled(log::Level::info));
}

}  // namespace
}  // namespace scanclock
