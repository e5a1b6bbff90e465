#include "tests/integration/program/program_test.hpp"
#include "tests/support/postgres_server.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>

namespace scanclock {
namespace {

using nlohmann::json;

class Operation : public ProgramTest {
 protected:
  /// The value of a metric without labels.
  static std::string metric(const DaemonProcess& daemon, const std::string& name) {
    const std::string page = "\n" + daemon.get("/metrics").body;
    const auto found = page.find("\n" + name + " ");
    if (found == std::string::npos) {
      return "absent";
    }
    const auto begin = found + name.size() + 2;
    return page.substr(begin, page.find('\n', begin) - begin);
  }
  void damage_settings() {
    write_file(settings_path(), read_text(settings_path()) + "colour: blue\n");
  }
  CommandResult start_and_end(const std::string& settings) {
    write_file(settings_path(), settings);
    return run_command({built_program("scanclockd"), "--config", settings_path().string()});
  }
};

TEST_F(Operation, ABadFileChangesNothingAtAReloadAndSaysWhere) {
  DaemonProcess& daemon = start_daemon();
  EXPECT_EQ(metric(daemon, "scanclock_config_last_reload_successful"), "1");
  const json sources = list_of(daemon, "/api/v1/sources", "sources");
  damage_settings();
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(eventually(
      soon, [&] { return daemon.log().find("kept the old settings") != std::string::npos; }));
  const std::string text = read_text(settings_path());
  const auto bad_line = std::count(text.begin(), text.end(), '\n');
  EXPECT_NE(daemon.log().find(settings_path().string() + ":" + std::to_string(bad_line) + ":1: "),
            std::string::npos)
      << daemon.log();
  EXPECT_EQ(metric(daemon, "scanclock_config_last_reload_successful"), "0");
  EXPECT_EQ(list_of(daemon, "/api/v1/sources", "sources").size(), sources.size());
  EXPECT_TRUE(daemon.is_ready());
  const HttpAnswer refused = daemon.post("/-/reload", "", admin_token);
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.json().at("detail").get<std::string>().find("colour"), std::string::npos);
  EXPECT_EQ(refused.body.find(submit_token), std::string::npos);
  EXPECT_EQ(daemon.log().find(submit_token), std::string::npos);

  parts.registries += "\n  - {name: another, url: 'http://" + host +
                      "', repositories: {include: [another/one]}, poll: {tags_every: 1s}}";
  write_settings();
  EXPECT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  EXPECT_EQ(metric(daemon, "scanclock_config_last_reload_successful"), "1");
  EXPECT_EQ(source_of(daemon, "another").at("kind"), "registry");
  EXPECT_TRUE(
      eventually(soon, [&] { return source_of(daemon, "another").at("requests").get<int>() > 0; }));
}

TEST_F(Operation, SigtermEndsTheDaemonWithinItsTimeWhateverHangs) {
  std::atomic<int> asked_registry = 0;
  std::atomic<int> asked_receiver = 0;
  const auto silent = [](std::atomic<int>& asked) {
    return [&asked](const ServedConnection& connection, const ServedRequest&) {
      ++asked;
      connection.wait_for_close();
      return false;
    };
  };
  BlockingServer silent_registry(silent(asked_registry));
  BlockingServer silent_receiver(silent(asked_receiver));
  parts.registries = "- {name: silent, url: 'http://" + silent_registry.address() + "'}";
  parts.receivers = "- {name: silent, heartbeat_every: 1s, webhook: {url: 'http://" +
                    silent_receiver.address() + "/hook'}}";
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return asked_registry > 0 && asked_receiver > 0; }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait_exit(std::chrono::seconds(5)), 0) << daemon.log();
  EXPECT_NE(daemon.log().find("stopped"), std::string::npos);
}

TEST_F(Operation, BadSettingsEndWith78AndNameEveryMistakeAtOnce) {
  const CommandResult result = start_and_end(
      "server: {listen: '127.0.0.1:0', colour: blue}\n"
      "policies:\n  - {name: p, window: soon}\n"
      "policies: []\n");
  EXPECT_EQ(result.exit_code, 78) << result.output;
  EXPECT_NE(result.output.find(settings_path().string() + ":1:"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("colour"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find(settings_path().string() + ":4:"), std::string::npos)
      << result.output;
}

TEST_F(Operation, AnUnreachableDatabaseEndsWith69) {
  const CommandResult result = start_and_end(
      "database: {url: 'postgresql://scanclock@127.0.0.1:" + std::to_string(free_port()) +
      "/scanclock'}\nserver: {listen: '127.0.0.1:0'}\n");
  EXPECT_EQ(result.exit_code, 69) << result.output;
}

TEST_F(Operation, ADatabaseThatIsNewerThanTheProgramIsRefused) {
  sql("INSERT INTO scanclock.schema_migrations SELECT 9999, 'from_the_future', checksum, "
      "applied_at FROM scanclock.schema_migrations LIMIT 1");
  write_settings();
  const CommandResult result =
      run_command({built_program("scanclockd"), "--config", settings_path().string()});
  EXPECT_EQ(result.exit_code, 78) << result.output;
  EXPECT_NE(result.output.find("HINT: "), std::string::npos) << result.output;
}

TEST_F(Operation, OneHostNeedsNoDatabaseOfItsOwnAndARestartRemembersEverything) {
  parts.database = "embedded: {data_dir: " + (folder.path() / "postgresql").string() + "}";
  push("team/app");
  attach_scan("team/app", now_of_test() - 40 * day);
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }));
  const auto alerts = firing_alerts(daemon);
  ASSERT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(firing_alerts(daemon), alerts);
  EXPECT_EQ(state_of(daemon, "team/app"), "overdue");
  // After a crash of the daemon its PostgreSQL is an orphan, and the next one takes it over.
  daemon.kill();
  const std::string socket = (folder.path() / "postgresql" / "socket").string();
  const CommandResult lapse = run_command(
      {"psql", "-X", "-q", "-c", "UPDATE scanclock.lease SET expires_at = clock_timestamp()",
       "host=" + socket + " user=scanclock dbname=scanclock"});
  ASSERT_EQ(lapse.exit_code, 0) << lapse.output;
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(firing_alerts(daemon), alerts);
  EXPECT_EQ(receiver.messages("firing", "ScanclockScanOverdue").size(), 1u);
}

}  // namespace
}  // namespace scanclock
