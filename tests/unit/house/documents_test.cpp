#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
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

struct Outcome {
  int exit_code = -1;
  std::string output;
};

Outcome outcome_of(const std::string& command) {
  Outcome outcome;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), count);
  }
  outcome.exit_code = pclose(pipe);
  return outcome;
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
  const Outcome tested =
      outcome_of("promtool test rules '" + (root / "docs/promql/joins.test.yml").string() + "'");
  EXPECT_EQ(tested.exit_code, 0) << tested.output;
}

std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    names.insert((*at)[1].str());
  }
  return names;
}

/// Messages point at them: `runbook_url` ends in # and the lower-case name of the rule.
TEST(Documents, HaveARunbookForEveryRuleAndNoOther) {
  const auto own =
      names_in(read("alerts/rules.hpp"), std::regex("rule_\\w+ = \"(Scanclock\\w+)\""));
  const auto of_prometheus = names_in(read("alerts/prometheus/scanclock.rules.yml"),
                                      std::regex("- alert: (Scanclock\\w+)\n"));
  EXPECT_GE(own.size(), 11U);
  EXPECT_GE(of_prometheus.size(), 19U);
  std::set<std::string> rules = own;
  rules.insert(of_prometheus.begin(), of_prometheus.end());
  std::set<std::string> runbooks;
  const std::string operations = read("docs/OPERATIONS.md");
  for (const auto& entry : std::filesystem::directory_iterator(root / "docs/runbooks")) {
    const std::string name = entry.path().stem().string();
    runbooks.insert(name);
    const std::string text = read(entry.path().lexically_relative(root));
    EXPECT_TRUE(text.starts_with("# " + name + "\n\n## Meaning\n")) << name;
    for (const char* heading : {"Impact", "What to look at", "How to fix it", "When it ends"}) {
      EXPECT_NE(text.find("\n## " + std::string(heading) + "\n"), std::string::npos)
          << name << ": " << heading;
    }
    EXPECT_NE(operations.find("](runbooks/" + name + ".md)"), std::string::npos) << name;
  }
  EXPECT_EQ(runbooks, rules);
}

/// `promtool check rules` says whether they are rules; this, whether they help who is woken.
TEST(PrometheusRules, HaveEachASummaryADescriptionAndARunbook) {
  const std::string rules = read("alerts/prometheus/scanclock.rules.yml");
  const std::regex alert("- alert: (Scanclock\\w+)\n");
  std::size_t start = rules.find("- alert:");
  while (start != std::string::npos) {
    const std::size_t next = rules.find("- alert:", start + 1);
    const std::string rule = rules.substr(start, next - start);
    std::smatch name;
    ASSERT_TRUE(std::regex_search(rule, name, alert)) << rule;
    std::string anchor = "/runbook#" + name[1].str();
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    EXPECT_NE(rule.find("severity: "), std::string::npos) << name[1];
    EXPECT_NE(rule.find("summary: >-"), std::string::npos) << name[1];
    EXPECT_NE(rule.find("description: >-"), std::string::npos) << name[1];
    EXPECT_NE(rule.find(anchor + "\n"), std::string::npos) << name[1];
    start = next;
  }
}

/// Every rule fires in some test, and does not in some other moment of it.
TEST(PrometheusRules, AreEachTestedToFireAndNotToFire) {
  std::string tests;
  for (const auto& entry : std::filesystem::directory_iterator(root / "alerts/prometheus/tests")) {
    tests += read(entry.path().lexically_relative(root));
  }
  for (const std::string& name : names_in(read("alerts/prometheus/scanclock.rules.yml"),
                                          std::regex("- alert: (Scanclock\\w+)\n"))) {
    const std::string question = "alertname: " + name + "\n        exp_alerts:";
    EXPECT_NE(tests.find(question + " []\n"), std::string::npos) << name;
    EXPECT_NE(tests.find(question + "\n"), std::string::npos) << name;
  }
}

TEST(PrometheusRules, DoWhatTheirTestsSay) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool (package prometheus) is not installed";
  }
  const std::string folder = (root / "alerts/prometheus").string();
  const Outcome checked = outcome_of("promtool check rules '" + folder + "'/*.rules.yml");
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  const Outcome tested = outcome_of("promtool test rules '" + folder + "'/tests/*.test.yml");
  EXPECT_EQ(tested.exit_code, 0) << tested.output;
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
