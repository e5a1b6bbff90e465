#include "tests/integration/program/program_test.hpp"

#include <csignal>

namespace scanclock {
namespace {

class Standby : public ProgramTest {
 protected:
  DaemonProcess& start_second() {
    second = std::make_unique<DaemonProcess>(settings_path(), folder.path() / "second.log");
    second->wait_until_up(false);
    return *second;
  }
  void TearDown() override {
    if (second) {
      second->terminate();
    }
    ProgramTest::TearDown();
  }
  /// One image with a firing alert.
  DaemonProcess& start_first() {
    push("team/app");
    attach_scan("team/app", now_of_test() - 40 * day);
    run_workloads({"team/app"});
    DaemonProcess& first = start_daemon("first");
    eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); });
    return first;
  }

  std::unique_ptr<DaemonProcess> second;
};

TEST_F(Standby, TakesOverWhenTheLeaseOfAKilledDaemonLapses) {
  DaemonProcess& first = start_first();
  const auto alerts = firing_alerts(first);
  ASSERT_EQ(alerts.size(), 1u);
  start_second();
  ASSERT_TRUE(eventually(soon, [&] {
    return second->log().find("another daemon holds the lease") != std::string::npos;
  }));
  EXPECT_EQ(second->get("/-/ready").status, 503);
  EXPECT_EQ(second->get("/-/healthy").status, 200);
  EXPECT_EQ(second->get("/api/v1/images").status, 503);
  EXPECT_EQ(second->get("/api/v1/images").json().at("reason"), "not_ready");
  const auto says_who_is_active = [&] {
    const HttpAnswer page = second->get("/");
    return page.status == 503 && page.body.find("The active instance runs on") != std::string::npos;
  };
  EXPECT_TRUE(eventually(soon, says_who_is_active)) << second->get("/").body;
  EXPECT_EQ(second->get("/style.css").status, 200);
  first.kill();
  ASSERT_TRUE(eventually(2 * soon, [&] { return second->is_ready(); })) << second->log();
  EXPECT_EQ(firing_alerts(*second), alerts) << "episodes go on under their ids";
  attach_scan("team/app", now_of_test());
  ASSERT_TRUE(eventually(
      soon, [&] { return receiver.messages("resolved", "ScanclockScanOverdue").size() == 1; }));
  EXPECT_EQ(receiver.messages("resolved", "ScanclockScanOverdue").front().text("id"),
            alerts.begin()->second);
  EXPECT_EQ(receiver.messages("firing", "ScanclockScanOverdue").size(), 1u);
}

TEST_F(Standby, TakesOverAtOnceFromADaemonThatStopsCleanly) {
  DaemonProcess& first = start_first();
  const auto alerts = firing_alerts(first);
  start_second();
  ASSERT_TRUE(eventually(soon, [&] {
    return second->log().find("another daemon holds the lease") != std::string::npos;
  }));
  EXPECT_EQ(first.terminate(), 0);
  EXPECT_TRUE(eventually(std::chrono::seconds(5), [&] { return second->is_ready(); }))
      << second->log();
  EXPECT_EQ(firing_alerts(*second), alerts);
}

TEST_F(Standby, ADaemonThatSleptThroughItsLeaseEndsInsteadOfDoingHarm) {
  DaemonProcess& first = start_first();
  start_second();
  first.process().signal(SIGSTOP);
  sql("UPDATE scanclock.lease SET expires_at = clock_timestamp()");
  ASSERT_TRUE(eventually(soon, [&] { return second->is_ready(); }));
  first.process().signal(SIGCONT);
  EXPECT_EQ(first.process().wait_exit(2 * soon), 69) << first.log();
  EXPECT_TRUE(second->is_ready());
}

}  // namespace
}  // namespace scanclock
