// The dashboards' rules, after what grafana's dashboard-linter asks for and what provisioning from
// files can resolve.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace scanclock::house {
namespace {

using nlohmann::json;

const std::filesystem::path dashboards_root(SCANCLOCK_SOURCE_DIR "/dashboards");

std::string dashboard_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// By file name.
std::map<std::string, json> all_dashboards() {
  std::map<std::string, json> found;
  for (const auto& entry : std::filesystem::directory_iterator(dashboards_root)) {
    if (entry.path().extension() == ".json") {
      found[entry.path().filename()] = json::parse(dashboard_text(entry.path()));
    }
  }
  return found;
}

/// Every object in the tree.
void visit(const json& tree, const std::function<void(const json&)>& look) {
  if (tree.is_object()) {
    look(tree);
  }
  if (tree.is_structured()) {
    for (const json& child : tree) {
      visit(child, look);
    }
  }
}

/// Panels that draw something.
std::vector<json> panels_of(const json& dashboard) {
  std::vector<json> panels;
  for (const json& panel : dashboard.at("panels")) {
    if (panel.at("type") != "row") {
      panels.push_back(panel);
    }
  }
  return panels;
}

std::vector<std::string> expressions_of(const json& dashboard) {
  std::vector<std::string> expressions;
  for (const json& panel : panels_of(dashboard)) {
    for (const json& target : panel.at("targets")) {
      expressions.push_back(target.at("expr"));
    }
  }
  return expressions;
}

/// Names of metrics in an expression, with what stands in braces behind each.
std::vector<std::pair<std::string, std::string>> selectors_of(const std::string& expression) {
  static const std::regex selector(R"(\b(scanclock_[a-z_]+|up|scrape_[a-z_]+)\b(\{[^}]*\})?)");
  std::vector<std::pair<std::string, std::string>> found;
  for (std::sregex_iterator match(expression.begin(), expression.end(), selector), end;
       match != end; ++match) {
    found.emplace_back((*match)[1], (*match)[2]);
  }
  return found;
}

TEST(Dashboards, AreThreeWithIdsThatNeverChange) {
  std::map<std::string, std::string> ids;
  for (const auto& [name, dashboard] : all_dashboards()) {
    ids[name] = dashboard.at("uid");
    EXPECT_TRUE(dashboard.at("editable")) << name;
    EXPECT_EQ(dashboard.at("schemaVersion"), 38) << name;
    EXPECT_FALSE(dashboard.contains("id")) << name << ": an id belongs to one Grafana";
    EXPECT_EQ(dashboard.at("timezone"), "utc") << name;
  }
  EXPECT_EQ(ids, (std::map<std::string, std::string>{{"fleet.json", "scanclock-fleet"},
                                                     {"image.json", "scanclock-image"},
                                                     {"operations.json", "scanclock-operations"}}));
}

TEST(Dashboards, NeedNothingThatOnlyAnImportByHandResolves) {
  for (const auto& [name, dashboard] : all_dashboards()) {
    EXPECT_FALSE(dashboard.contains("__inputs")) << name;
    EXPECT_FALSE(dashboard.contains("__requires")) << name;
    EXPECT_EQ(dashboard.dump().find("${DS_"), std::string::npos) << name;
  }
}

TEST(Dashboards, ChooseDataSourceAndJobByVariables) {
  for (const auto& [name, dashboard] : all_dashboards()) {
    std::map<std::string, json> variables;
    for (const json& variable : dashboard.at("templating").at("list")) {
      variables[variable.at("name")] = variable;
      EXPECT_NE(variable.value("label", ""), "") << name;
      EXPECT_NE(variable.value("description", ""), "") << name;
    }
    ASSERT_TRUE(variables.contains("datasource")) << name;
    EXPECT_EQ(variables["datasource"].at("type"), "datasource") << name;
    EXPECT_EQ(variables["datasource"].at("query"), "prometheus") << name;
    ASSERT_TRUE(variables.contains("job")) << name;
    EXPECT_TRUE(variables["job"].at("includeAll")) << name;
    EXPECT_EQ(variables["job"].at("allValue"), ".+") << name;
    for (const auto& [key, variable] : variables) {
      if (variable.at("type") == "query") {
        EXPECT_EQ(variable.at("datasource").at("uid"), "${datasource}") << name << " " << key;
        const std::string query = variable.at("definition");
        EXPECT_TRUE(key == "job" || query.find("job=~\"$job\"") != std::string::npos)
            << name << " " << key;
      }
    }
  }
}

TEST(Dashboards, SayOfEveryPanelWhatItShowsAndInWhichUnit) {
  for (const auto& [name, dashboard] : all_dashboards()) {
    std::set<std::string> titles;
    std::set<int> ids;
    for (const json& panel : panels_of(dashboard)) {
      const std::string title = panel.value("title", "");
      EXPECT_NE(title, "") << name;
      EXPECT_TRUE(titles.insert(title).second) << name << ": " << title << " stands twice";
      EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second) << name << ": " << title;
      const std::string description = panel.value("description", "");
      EXPECT_GT(description.size(), 20U) << name << ": " << title;
      EXPECT_EQ(description.back(), '.') << name << ": " << title;
      EXPECT_NE(panel.at("fieldConfig").at("defaults").value("unit", ""), "") << title;
      EXPECT_EQ(panel.at("datasource").at("uid"), "${datasource}") << name << ": " << title;
      ASSERT_FALSE(panel.at("targets").empty()) << name << ": " << title;
      for (const json& target : panel.at("targets")) {
        EXPECT_EQ(target.at("datasource").at("uid"), "${datasource}") << name << ": " << title;
      }
    }
  }
}

TEST(Dashboards, AskOnlyForTheChosenJob) {
  for (const auto& [name, dashboard] : all_dashboards()) {
    for (const std::string& expression : expressions_of(dashboard)) {
      const auto selectors = selectors_of(expression);
      EXPECT_FALSE(selectors.empty()) << name << ": " << expression;
      for (const auto& [metric, braces] : selectors) {
        EXPECT_NE(braces.find("job=~\"$job\""), std::string::npos) << name << ": " << expression;
      }
    }
  }
}

TEST(Dashboards, TakeRatesOverAnIntervalThatFitsTheScrapes) {
  const std::regex range(R"(\[([^\]]*)\])");
  for (const auto& [name, dashboard] : all_dashboards()) {
    for (const std::string& expression : expressions_of(dashboard)) {
      for (std::sregex_iterator match(expression.begin(), expression.end(), range), end;
           match != end; ++match) {
        EXPECT_EQ((*match)[1], "$__rate_interval") << name << ": " << expression;
      }
      // A counter says nothing by its height, but for evidence, which is counted since the start.
      const std::regex bare(R"((rate\()?(scanclock_[a-z_]+_total)\b)");
      for (std::sregex_iterator match(expression.begin(), expression.end(), bare), end;
           match != end; ++match) {
        EXPECT_TRUE((*match)[1].matched || (*match)[2] == "scanclock_evidence_total")
            << name << ": " << expression;
      }
    }
  }
}

TEST(Dashboards, LeadToEachOtherAndNowhereElse) {
  const auto dashboards = all_dashboards();
  std::set<std::string> known;
  for (const auto& [name, dashboard] : dashboards) {
    known.insert(dashboard.at("uid"));
  }
  const std::regex target(R"(^/d/([a-z-]+)\?(.*)$)");
  for (const auto& [name, dashboard] : dashboards) {
    std::set<std::string> reached;
    visit(dashboard, [&, &file = name](const json& object) {
      const std::string url = object.value("url", json()).is_string() ? object.at("url") : json("");
      std::smatch match;
      if (url.empty()) {
        return;
      }
      ASSERT_TRUE(std::regex_match(url, match, target)) << file << ": " << url;
      EXPECT_TRUE(known.contains(match[1])) << file << ": " << url;
      EXPECT_NE(url.find("${datasource:queryparam}"), std::string::npos) << file << ": " << url;
      EXPECT_NE(url.find("${job:queryparam}"), std::string::npos) << file << ": " << url;
      reached.insert(match[1]);
    });
    std::set<std::string> others = known;
    others.erase(dashboard.at("uid"));
    EXPECT_TRUE(std::includes(reached.begin(), reached.end(), others.begin(), others.end()))
        << name << " does not lead to all others";
  }
}

TEST(Dashboards, LetNoTwoPanelsOverlap) {
  for (const auto& [name, dashboard] : all_dashboards()) {
    std::set<std::pair<int, int>> taken;
    for (const json& panel : dashboard.at("panels")) {
      const json& place = panel.at("gridPos");
      EXPECT_LE(place.at("x").get<int>() + place.at("w").get<int>(), 24) << panel.at("title");
      for (int x = 0; x < place.at("w"); ++x) {
        for (int y = 0; y < place.at("h"); ++y) {
          EXPECT_TRUE(
              taken.insert({place.at("x").get<int>() + x, place.at("y").get<int>() + y}).second)
              << name << ": " << panel.at("title");
        }
      }
    }
  }
}

}  // namespace
}  // namespace scanclock::house
