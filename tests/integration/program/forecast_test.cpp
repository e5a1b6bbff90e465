// What comes next, of the whole program: by API, on the command line and as a digest.
#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

class ForecastOfTheProgram : public ProgramTest {
 protected:
  DaemonProcess& start_world() {
    for (const auto& [name, age] : std::map<std::string, int>{{"team/web", 2}, {"team/pay", 40}}) {
      push(name);
      attach_scan(name, now_of_test() - age * day);
    }
    push("team/batch");
    run_workloads({"team/web", "team/pay", "team/batch"});
    parts.receivers +=
        "\n    digest_every: 1h\nowners:\n"
        "  - {match: {repositories: [team/pay]}, owner: payments}";
    DaemonProcess& daemon = start_daemon();
    eventually(soon, [&] { return is_judged(daemon); });
    return daemon;
  }

  bool is_judged(const DaemonProcess& daemon) const {
    const json answer = daemon.get_json("/api/v1/forecast");
    return answer.at("images") == 3 && answer.at("overdue").at("images") == 1 &&
           answer.at("never_scanned").at("images") == 1;
  }

  std::vector<json> digests() {
    std::vector<json> found;
    for (const auto& message : receiver.messages()) {
      if (message.type() == "scanclock.digest") {
        found.push_back(message.body);
      }
    }
    return found;
  }
};

TEST_F(ForecastOfTheProgram, IsAnsweredByApiAndCommand) {
  DaemonProcess& daemon = start_world();
  const json answer = daemon.get_json("/api/v1/forecast");
  ASSERT_EQ(answer.at("days").size(), 35U);
  const std::string deadline = image_of(daemon, "team/web").at("deadline_at");
  std::size_t coming = 0;
  for (const json& one : answer.at("days")) {
    coming += one.at("images").get<std::size_t>();
    if (one.at("images") == 1) {
      EXPECT_EQ(one.at("date"), deadline.substr(0, 10));
      EXPECT_EQ(one.at("nearest").at(0).at("digest"), digest("team/web"));
    }
  }
  EXPECT_EQ(coming, 1U);
  const json& late = answer.at("overdue").at("nearest").at(0);
  EXPECT_EQ(late.at("digest"), digest("team/pay"));
  EXPECT_EQ(late.at("name"), reference("team/pay"));
  EXPECT_EQ(late.at("owner"), "payments");
  EXPECT_EQ(answer.at("by").at("namespace").at(0).at("name"), "web");
  EXPECT_EQ(answer.at("by").at("registry").at(0).at("images"), 3);
  EXPECT_EQ(daemon.get_json("/api/v1/forecast?owner=payments&days=3").at("images"), 1);
  EXPECT_EQ(daemon.get("/api/v1/forecast?days=0").status, 400);
  EXPECT_EQ(daemon.get("/api/v1/forecast?limit=many").status, 400);
  EXPECT_TRUE(daemon.get_json("/api/v1/openapi.json").at("paths").contains("/api/v1/forecast"));

  const CommandResult table = client(daemon, {"forecast"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.output.find("3 running images: 1 pass their deadline within 35 days"),
            std::string::npos)
      << table.output;
  const CommandResult owners = client(daemon, {"forecast", "--by", "owner"});
  EXPECT_NE(owners.output.find("payments  1       1"), std::string::npos) << owners.output;
  EXPECT_EQ(client(daemon, {"forecast", "--days", "0"}).exit_code, 2);
  EXPECT_EQ(client(daemon, {"forecast", "--by", "colour"}).exit_code, 2);
}

TEST_F(ForecastOfTheProgram, IsToldOnceForAMomentThatPassedWhileNobodyWasThere) {
  DaemonProcess& daemon = start_world();
  const auto told_last = [&] {
    return sql("SELECT count(*) FROM scanclock.alert_groups WHERE id = 'digest_hook'");
  };
  ASSERT_TRUE(eventually(soon, [&] { return told_last() == "1\n"; })) << daemon.log();
  EXPECT_TRUE(digests().empty()) << "the next moment has not come";
  ASSERT_EQ(daemon.terminate(), 0);
  sql("UPDATE scanclock.alert_groups SET flushed_at = flushed_at - interval '5 hours' "
      "WHERE id = 'digest_hook'");
  daemon.start();
  daemon.wait_until_up();
  ASSERT_TRUE(eventually(soon, [&] { return digests().size() == 1; })) << daemon.log();
  const json data = digests().front().at("data");
  EXPECT_EQ(data.at("id"), "digest_hook");
  EXPECT_EQ(data.at("sequence"), 1);
  EXPECT_EQ(data.at("images"), 3);
  EXPECT_EQ(data.at("overdue_images").at(0).at("digest"), digest("team/pay"));
  EXPECT_EQ(data.at("days").size(), 35U);

  ASSERT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  ASSERT_TRUE(eventually(soon, [&] { return is_judged(daemon); }));
  EXPECT_TRUE(throughout(std::chrono::seconds(1), [&] { return digests().size() == 1; }));
}

}  // namespace
}  // namespace scanclock
