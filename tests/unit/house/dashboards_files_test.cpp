// What the dashboards name outside of themselves: metrics of the daemon, variables of the boards
// that they lead to, folders of the provisioning files.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace scanclock::house {
namespace {

using nlohmann::json;

const std::filesystem::path boards_root(SCANCLOCK_SOURCE_DIR);

std::string board_file(const std::filesystem::path& path) {
  std::ifstream in(boards_root / path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// By uid.
std::map<std::string, json> boards() {
  std::map<std::string, json> found;
  for (const char* name : {"fleet", "image", "operations"}) {
    json board = json::parse(board_file(std::string("dashboards/") + name + ".json"));
    const std::string uid = board.at("uid");
    found[uid] = std::move(board);
  }
  return found;
}

std::set<std::string> variables_of(const json& board) {
  std::set<std::string> names;
  for (const json& variable : board.at("templating").at("list")) {
    names.insert(variable.at("name"));
  }
  return names;
}

void collect_urls(const json& tree, std::set<std::string>& urls) {
  if (tree.is_object() && tree.contains("url") && tree.at("url").is_string()) {
    urls.insert(tree.at("url"));
  }
  if (tree.is_structured()) {
    for (const json& child : tree) {
      collect_urls(child, urls);
    }
  }
}

std::set<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), wanted), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

TEST(DashboardFiles, HandOverVariablesThatBothBoardsHave) {
  const auto all = boards();
  for (const auto& [uid, board] : all) {
    std::set<std::string> urls;
    collect_urls(board, urls);
    EXPECT_FALSE(urls.empty()) << uid;
    for (const std::string& url : urls) {
      const auto target = all_matches(url, "^/d/([a-z-]+)\\?");
      ASSERT_EQ(target.size(), 1U) << uid << ": " << url;
      const std::set<std::string> there = variables_of(all.at(*target.begin()));
      const std::set<std::string> here = variables_of(board);
      for (const std::string& name : all_matches(url, "\\$\\{(\\w+):queryparam\\}")) {
        EXPECT_TRUE(there.contains(name)) << uid << ": " << url;
        EXPECT_TRUE(here.contains(name)) << uid << ": " << url;
      }
      for (const std::string& name : all_matches(url, "[?&]var-(\\w+)=")) {
        EXPECT_TRUE(there.contains(name)) << uid << ": " << url;
      }
    }
  }
}

TEST(DashboardFiles, AskForMetricsThatTheDaemonHas) {
  std::string code;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(boards_root / "daemon")) {
    if (entry.path().extension() == ".cpp") {
      code += board_file(entry.path()) + "\n";
    }
  }
  for (const auto& [uid, board] : boards()) {
    for (std::string metric : all_matches(board.dump(), "\\b(scanclock_[a-z_]+)")) {
      // Of a histogram.
      metric = metric.substr(0, metric.rfind("_bucket"));
      EXPECT_NE(code.find(metric), std::string::npos) << uid << ": " << metric;
    }
  }
}

TEST(DashboardFiles, AreProvisionedFromWhereTheDocumentsPutThem) {
  const std::string folder = "/var/lib/grafana/dashboards/scanclock";
  const std::string provider = board_file("dashboards/provisioning/dashboards/scanclock.yaml");
  EXPECT_NE(provider.find("path: " + folder + "\n"), std::string::npos);
  const std::string document = board_file("docs/DASHBOARDS.md");
  EXPECT_NE(document.find("dashboards/*.json " + folder + "/"), std::string::npos);
  for (const char* file : {"dashboards/provisioning/dashboards/scanclock.yaml",
                           "dashboards/provisioning/datasources/scanclock.yaml"}) {
    EXPECT_NE(document.find(file), std::string::npos) << file;
    EXPECT_TRUE(std::filesystem::exists(boards_root / file)) << file;
  }
}

TEST(DashboardFiles, StandInTheDocumentPanelByPanel) {
  const std::string document = board_file("docs/DASHBOARDS.md");
  // Boards other than the fleet's are told of by their rows.
  const json fleet = boards().at("scanclock-fleet");
  for (const json& panel : fleet.at("panels")) {
    const std::string title = panel.at("title");
    const std::string name = title.substr(0, title.find_first_of(":,"));
    EXPECT_TRUE(panel.at("type") == "row" || document.find(name) != std::string::npos) << title;
  }
}

}  // namespace
}  // namespace scanclock::house
