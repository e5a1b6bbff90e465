#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace scanclock::house {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string(SCANCLOCK_SOURCE_DIR "/") + path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The first group of the first match in a file of the tree; fails the test when there is none.
std::string find(const std::string& path, const std::string& pattern) {
  const std::string text = read(path);
  std::smatch match;
  EXPECT_TRUE(std::regex_search(text, match, std::regex(pattern))) << pattern << " in " << path;
  return match.empty() ? std::string() : match[1].str();
}

/// The settings of the unit; no key of ours stands twice.
std::map<std::string, std::string> unit() {
  std::map<std::string, std::string> settings;
  std::istringstream lines(read("systemd/scanclock.service"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (!line.starts_with('#') && !line.starts_with('[') && equals != std::string::npos) {
      EXPECT_TRUE(settings.emplace(line.substr(0, equals), line.substr(equals + 1)).second) << line;
    }
  }
  return settings;
}

int seconds_of(const std::string& value) {
  const int number = std::atoi(value.c_str());
  return value.ends_with("min") ? number * 60 : number;
}

TEST(ServiceUnit, StartsTheDaemonAsItsCommandLineIs) {
  const std::string start = unit()["ExecStart"];
  const std::string program = find("daemon/CMakeLists.txt", "add_executable\\((\\w+)");
  EXPECT_TRUE(start.starts_with("/usr/bin/" + program + " --config /etc/scanclock/")) << start;
  EXPECT_EQ(find("daemon/command_line.cpp", "add_option\\(\"(--config)\""), "--config");
}

TEST(ServiceUnit, DoesNotRetryBadSettings) {
  const std::string code = find("daemon/app.hpp", "exit_configuration = (\\d+)");
  EXPECT_EQ(unit()["RestartPreventExitStatus"], code);
}

TEST(ServiceUnit, ReloadsByTheSignalThatTheDaemonTakes) {
  EXPECT_EQ(unit()["ExecReload"], "/bin/kill -HUP $MAINPID");
  EXPECT_EQ(find("daemon/app.cpp", "reload_signals\\(io_, (\\w+)\\)"), "SIGHUP");
}

TEST(ServiceUnit, KeepsTheDefaultDatabaseInItsStateDirectory) {
  const std::string folder = find("config/settings.hpp", "embedded_data_dir = \"([^\"]+)\"");
  EXPECT_TRUE(folder.starts_with("/var/lib/" + unit()["StateDirectory"] + "/")) << folder;
}

TEST(ServiceUnit, LeavesTimeForTheDatabaseToStop) {
  constexpr int daemon_stop_seconds = 5;
  const int fast = std::stoi(
      find("storage/embedded_postgres.hpp", "stop_limit = std::chrono::seconds\\((\\d+)\\)"));
  const int immediate = std::stoi(find("storage/embedded_postgres.cpp",
                                       "immediate_stop_limit = std::chrono::seconds\\((\\d+)\\)"));
  EXPECT_GE(seconds_of(unit()["TimeoutStopSec"]), daemon_stop_seconds + fast + immediate);
  EXPECT_EQ(unit()["KillMode"], "mixed") << "PostgreSQL would get SIGTERM, too";
}

TEST(ServiceUnit, LeavesTimeForTheDatabaseToStart) {
  const int start = 60 * std::stoi(find("storage/embedded_postgres.hpp",
                                        "start_limit = std::chrono::minutes\\((\\d+)\\)"));
  EXPECT_GT(seconds_of(unit()["TimeoutStartSec"]), start);
}

TEST(ServiceUnit, HearsOfProgressOftenerThanTheWatchdogBites) {
  const int rest =
      std::stoi(find("daemon/engine.hpp", "engine_rest_max = std::chrono::seconds\\((\\d+)\\)"));
  EXPECT_GE(seconds_of(unit()["WatchdogSec"]), 2 * rest);
  EXPECT_EQ(unit()["Type"], "notify");
}

TEST(ServiceUnit, RunsAsTheUserThatIsMade) {
  const std::string user = find("systemd/scanclock.sysusers", "\nu (\\S+)");
  EXPECT_EQ(unit()["User"], user);
  EXPECT_EQ(find("systemd/scanclock.tmpfiles", "d /var/lib/scanclock 0700 (\\S+)"), user);
}

}  // namespace
}  // namespace scanclock::house
