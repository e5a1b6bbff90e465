// What the program offers stands in the documents: no option, call, metric or rule that only its
// author knows of.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace scanclock::house {
namespace {

const std::filesystem::path complete_root(SCANCLOCK_SOURCE_DIR);

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Of all files below a folder whose names end so.
std::string texts_below(const std::string& folder, const std::string& extension) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(complete_root / folder)) {
    if (entry.path().extension() == extension) {
      all += text_of_file(entry.path()) + "\n";
    }
  }
  return all;
}

const std::string& documents() {
  static const std::string all =
      texts_below("docs", ".md") + text_of_file(complete_root / "README.md");
  return all;
}

std::set<std::string> found_in(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), wanted), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

TEST(Documents, NameEveryOption) {
  const auto options =
      found_in(texts_below("cli", ".cpp") + text_of_file(complete_root / "daemon/command_line.cpp"),
               "[\",](--[a-z][a-z-]+)");
  EXPECT_GE(options.size(), 25U);
  for (const std::string& option : options) {
    const bool is_known_to_all = option == "--help" || option == "--version";
    EXPECT_TRUE(is_known_to_all || documents().find(option) != std::string::npos) << option;
  }
}

TEST(Documents, NameEveryCall) {
  const auto calls = found_in(
      texts_below("daemon/api", ".cpp") + text_of_file(complete_root / "daemon/running_calls.cpp"),
      "\"(/(?:api/v1|-)/[a-z_/{}.-]+)\"");
  EXPECT_GE(calls.size(), 20U);
  for (const std::string& call : calls) {
    // Findings and bytes of evidence stand in one line.
    const bool is_raw = call.ends_with("/raw");
    EXPECT_NE(documents().find(is_raw ? "…/raw" : call), std::string::npos) << call;
  }
}

TEST(Documents, NameEveryMetric) {
  const auto metrics = found_in(texts_below("daemon", ".cpp"), "\"(scanclock_[a-z_]+)\"");
  EXPECT_GE(metrics.size(), 25U);
  for (const std::string& metric : metrics) {
    EXPECT_NE(documents().find(metric), std::string::npos) << metric;
  }
}

TEST(Documents, NameNoMetricThatIsNone) {
  const std::string code =
      texts_below("daemon", ".cpp") + texts_below("alerts", ".yml") + texts_below("daemon", ".hpp");
  for (const std::string& metric : found_in(documents(), "\\b(scanclock_[a-z_]+[a-z])\\b")) {
    EXPECT_NE(code.find(metric), std::string::npos) << metric;
  }
}

TEST(Documents, NameEverySetting) {
  const std::string settings = text_of_file(complete_root / "docs/CONFIGURATION.md");
  const auto keys = found_in(texts_below("config", ".cpp"),
                             "(?:duration|flag|text|section|texts)\\(\"([a-z]+(?:_[a-z]+)*)\"");
  EXPECT_GE(keys.size(), 25U);
  // Of a kubeconfig, which is not ours.
  const std::set<std::string> foreign{"args", "cluster", "command", "server", "user", "value"};
  for (const std::string& key : keys) {
    EXPECT_TRUE(foreign.contains(key) || settings.find(key) != std::string::npos) << key;
  }
}

}  // namespace
}  // namespace scanclock::house
