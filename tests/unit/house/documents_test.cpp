#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace scanclock::house {
namespace {

const std::filesystem::path root(SCANCLOCK_SOURCE_DIR);

std::string read(const std::filesystem::path& path) {
  std::ifstream in(root / path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string without_blanks(const std::string& text) {
  std::string kept;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      kept += c;
    }
  }
  return kept;
}

/// What stands in fenced blocks of a language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string opening = "```" + language + "\n";
  for (std::size_t at = text.find(opening); at != std::string::npos;
       at = text.find(opening, at + 1)) {
    const std::size_t start = at + opening.size();
    found.push_back(text.substr(start, text.find("```", start) - start));
  }
  return found;
}

/// Everything between one `expr: |` and the next rule.
std::vector<std::string> expressions(const std::string& rules) {
  std::vector<std::string> found;
  const std::string opening = "expr: |\n";
  for (std::size_t at = rules.find(opening); at != std::string::npos;
       at = rules.find(opening, at + 1)) {
    const std::size_t start = at + opening.size();
    found.push_back(without_blanks(rules.substr(start, rules.find("- record:", start) - start)));
  }
  return found;
}

TEST(Documents, ShowTheQueriesThatAreTested) {
  std::vector<std::string> shown;
  for (const std::string& block : blocks(read("docs/OPERATIONS.md"), "promql")) {
    shown.push_back(without_blanks(block));
  }
  EXPECT_FALSE(shown.empty());
  EXPECT_EQ(shown, expressions(read("docs/promql/joins.rules.yml")));
}

TEST(Documents, HaveQueriesThatPrometheusAnswersAsTheySay) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool (package prometheus) is not installed";
  }
  const std::string command =
      "promtool test rules '" + (root / "docs/promql/joins.test.yml").string() + "' 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0) << output;
}

/// Messages point at them: `runbook_url` ends in # and the lower-case name of the rule.
TEST(Documents, HaveARunbookForEveryRule) {
  const std::string rules = read("alerts/rules.hpp");
  const std::string operations = read("docs/OPERATIONS.md");
  const std::regex name("rule_\\w+ = \"(Scanclock\\w+)\"");
  int found = 0;
  for (std::sregex_iterator at(rules.begin(), rules.end(), name), end; at != end; ++at) {
    ++found;
    const std::string heading = "\n## " + (*at)[1].str() + "\n";
    EXPECT_NE(operations.find(heading), std::string::npos) << heading;
  }
  EXPECT_GE(found, 7);
}

TEST(Documents, LinkToFilesThatExist) {
  const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  std::vector<std::filesystem::path> documents{"README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") {
      documents.push_back(entry.path().lexically_relative(root));
    }
  }
  for (const std::filesystem::path& document : documents) {
    const std::string text = read(document);
    for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) {
      const std::filesystem::path target = root / document.parent_path() / (*at)[1].str();
      EXPECT_TRUE(std::filesystem::exists(target)) << document << " links to " << (*at)[1];
    }
  }
}

}  // namespace
}  // namespace scanclock::house
