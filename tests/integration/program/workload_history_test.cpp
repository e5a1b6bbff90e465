#include "core/runtime/clock.hpp"
#include "tests/integration/program/program_test.hpp"
#include "tests/support/misbehaving_proxy.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

/// What ran, told by the whole program on a real PostgreSQL.
class WorkloadHistory : public ProgramTest {
 protected:
  json at(const DaemonProcess& daemon, TimePoint moment) const {
    return daemon.get_json("/api/v1/containers?at=" + format_rfc3339(moment));
  }

  std::string verdict_of(const DaemonProcess& daemon, const std::string& query) const {
    const json list = list_of(daemon, "/api/v1/containers" + query, "containers");
    return list.empty() || list.at(0).at("verdict").is_null()
               ? std::string()
               : list.at(0).at("verdict").get<std::string>();
  }
};

TEST_F(WorkloadHistory, TellsThePastWithTheVerdictOfThePast) {
  push("team/app");
  attach_scan("team/app", now_of_test() - 40 * day);
  const TimePoint before = now_of_test();
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return verdict_of(daemon, "") == "overdue"; }));
  const TimePoint overdue_at = SystemClock().now();
  ASSERT_EQ(
      daemon
          .post("/api/v1/scans?image=" + host_of("team/app") + "/team/app@" + digest("team/app"),
                report("team/app", now_of_test()), submit_token)
          .status,
      201);
  ASSERT_TRUE(eventually(soon, [&] { return verdict_of(daemon, "") == "compliant"; }));
  const TimePoint compliant_at = SystemClock().now();
  // Until what was concluded last is stored, the record is not read.
  ASSERT_TRUE(eventually(soon, [&] {
    return daemon.get("/api/v1/containers?at=" + format_rfc3339(compliant_at)).status == 200;
  })) << daemon.get("/api/v1/containers?at=" + format_rfc3339(compliant_at)).body;

  EXPECT_EQ(verdict_of(daemon, "?at=" + format_rfc3339(overdue_at)), "overdue");
  EXPECT_EQ(verdict_of(daemon, "?at=" + format_rfc3339(compliant_at)), "compliant");
  EXPECT_EQ(daemon.get("/api/v1/containers?at=" + format_rfc3339(before - day)).status, 404);
  EXPECT_EQ(daemon.get("/api/v1/containers?at=" + format_rfc3339(now_of_test() + day)).status, 400);
  EXPECT_TRUE(at(daemon, compliant_at).at("unwatched").empty());

  const CommandResult shown =
      client(daemon, {"containers", "--at", format_rfc3339(overdue_at), "--output", "json"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(json::parse(shown.output).at("containers").at(0).at("verdict"), "overdue");
  EXPECT_EQ(client(daemon, {"containers", "--at", "2020-01-01T00:00:00Z"}).exit_code, 1);

  const std::string verdicts = "SELECT count(*) FROM scanclock.container_verdicts";
  const std::string recorded = sql(verdicts);
  ASSERT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(verdict_of(daemon, "?at=" + format_rfc3339(overdue_at)), "overdue");
  ASSERT_TRUE(eventually(soon, [&] { return source_of(daemon, "hosts").at("status") == "ok"; }));
  EXPECT_EQ(sql(verdicts), recorded) << "a restart concludes nothing new";
}

TEST_F(WorkloadHistory, ASourceThatIsTakenOutOfTheSettingsEndsNothingByItself) {
  push("team/app");
  attach_scan("team/app", now_of_test() - 40 * day);
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }));
  parts.workloads = "[]";
  write_settings();
  ASSERT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  EXPECT_EQ(source_of(daemon, "hosts").at("unattended"), true);
  EXPECT_EQ(source_of(daemon, "hosts").at("reason"), "unattended");
  const json container = list_of(daemon, "/api/v1/containers", "containers").at(0);
  EXPECT_EQ(container.at("verdict"), "overdue");
  EXPECT_EQ(container.at("observation").at("status"), "unknown");

  ASSERT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(source_of(daemon, "hosts").at("unattended"), true) << "a restart forgets no source";
  EXPECT_EQ(list_of(daemon, "/api/v1/containers", "containers").size(), 1u);
  EXPECT_TRUE(image_of(daemon, "team/app").at("running").get<bool>());

  EXPECT_EQ(daemon.post("/api/v1/sources/hosts/confirm_drop", "", submit_token).status, 403);
  EXPECT_EQ(daemon.post("/api/v1/sources/hosts/confirm_drop", "", admin_token).status, 200);
  EXPECT_TRUE(list_of(daemon, "/api/v1/containers", "containers").empty());
  EXPECT_NE(daemon.log().find("confirmed for source hosts"), std::string::npos) << "audit";
  EXPECT_EQ(sql("SELECT end_known_by FROM scanclock.containers"), "confirmed\n");
}

TEST_F(WorkloadHistory, ASourceThatNeverAnswersSlowsNoOther) {
  MisbehavingProxy stalled(registry->host());
  stalled.behave_badly(bad_days::never_answer());
  parts.workloads +=
      "\n  - {name: stalled, type: docker, url: 'http://" + stalled.host() + "', poll_every: 1s}";
  push("team/app");
  attach_scan("team/app", now_of_test());
  push("team/other");
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return verdict_of(daemon, "") == "compliant"; }));
  for (int round = 0; round < 3; ++round) {
    run_workloads({"team/app", "team/other"});
    EXPECT_TRUE(
        eventually(std::chrono::seconds(5),
                   [&] { return list_of(daemon, "/api/v1/containers", "containers").size() == 2; }))
        << "round " << round;
    run_workloads({"team/app"});
    EXPECT_TRUE(
        eventually(std::chrono::seconds(5),
                   [&] { return list_of(daemon, "/api/v1/containers", "containers").size() == 1; }))
        << "round " << round;
  }
  EXPECT_NE(source_of(daemon, "stalled").at("status"), "ok");
  EXPECT_EQ(source_of(daemon, "hosts").at("status"), "ok");
}

}  // namespace
}  // namespace scanclock
