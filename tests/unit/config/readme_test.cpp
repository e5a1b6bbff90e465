#include "config/loader.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace scanclock {
namespace {

/// Strangers copy it.
TEST(Readme, ShowsSettingsThatLoad) {
  std::ifstream in(SCANCLOCK_SOURCE_DIR "/README.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string opening = "```yaml\n";
  const std::size_t start = text.find(opening);
  ASSERT_NE(start, std::string::npos);
  const std::size_t begin = start + opening.size();
  const TemporaryFiles files;
  const std::string file =
      files.write("scanclock.yaml", text.substr(begin, text.find("```", begin) - begin));

  const auto settings = load_settings(file);
  ASSERT_TRUE(settings) << to_string(settings.error());
  EXPECT_EQ(settings->registries.size(), 1u);
  EXPECT_EQ(settings->workloads.size(), 1u);
  EXPECT_EQ(settings->receivers.size(), 1u);
}

}  // namespace
}  // namespace scanclock
