// What must survive while PostgreSQL or a receiver is away.
#include "tests/integration/program/program_test.hpp"
#include "tests/support/postgres_server.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

class Outage : public ProgramTest {
 protected:
  void push_overdue(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      push(name);
      attach_scan(name, now_of_test() - 40 * day);
    }
    run_workloads(names);
  }
  bool overdue_fired(const std::string& name) const { return fires("ScanclockScanOverdue", name); }
};

class DatabaseOutage : public Outage {
 protected:
  void SetUp() override {
    Outage::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) {
      // The test server does not wait for the disk, but what is promised must be in the log.
      sql("ALTER DATABASE " + database + " SET synchronous_commit = on");
    }
  }
  void TearDown() override {
    if (down_) {
      PostgresServer::shared().start();
    }
    Outage::TearDown();
  }
  void take_down() {
    PostgresServer::shared().kill_immediate();
    down_ = true;
  }
  void bring_back() {
    PostgresServer::shared().start();
    down_ = false;
  }

 private:
  bool down_ = false;
};

TEST_F(DatabaseOutage, LosesNothingThatWasAcceptedAndAcceptsLaterWhatWasRefused) {
  push_overdue({"team/first", "team/second"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(
      soon, [&] { return overdue_fired("team/first") && overdue_fired("team/second"); }));
  const auto before = firing_alerts(daemon);
  const std::string accepted = report("team/first", now_of_test());
  ASSERT_EQ(daemon.post("/api/v1/scans", accepted, submit_token).status, 201);

  take_down();
  const std::string refused = report("team/second", now_of_test());
  const HttpAnswer answer = daemon.post("/api/v1/scans", refused, submit_token);
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_EQ(daemon.get("/-/healthy").status, 200);
  EXPECT_EQ(daemon.get("/-/ready").status, 503) << "it can tell nobody while it cannot store";
  EXPECT_EQ(daemon.get("/metrics").status, 200);
  EXPECT_TRUE(daemon.process().running());

  bring_back();
  ASSERT_TRUE(eventually(soon, [&] { return daemon.is_ready(); })) << daemon.log();
  EXPECT_TRUE(eventually(
      soon, [&] { return daemon.post("/api/v1/scans", refused, submit_token).status == 201; }));
  EXPECT_TRUE(eventually(
      soon, [&] { return receiver.messages("resolved", "ScanclockScanOverdue").size() == 2; }));
  for (const char* name : {"team/first", "team/second"}) {
    EXPECT_EQ(state_of(daemon, name), "fresh");
    const auto resolved = receiver.messages("resolved", "ScanclockScanOverdue", digest(name));
    const auto fired = receiver.messages("firing", "ScanclockScanOverdue", digest(name));
    ASSERT_EQ(resolved.size(), 1u) << name;
    EXPECT_EQ(fired.size(), 1u) << name;
    EXPECT_EQ(resolved.front().text("id"), fired.front().text("id"));
  }
  daemon.kill();
  sql("UPDATE scanclock.lease SET expires_at = clock_timestamp()");
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(state_of(daemon, "team/first"), "fresh");
  EXPECT_EQ(state_of(daemon, "team/second"), "fresh");
}

TEST_F(Outage, AMessageReachesAReceiverThatWasAwayAcrossARestartUnderTheSameId) {
  push_overdue({"team/app"});
  receiver.decide_by([](const json&) { return 503; });
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return !receiver.refused().empty(); }));
  const std::string id = receiver.refused().front();
  receiver.stop();
  ASSERT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(receiver.messages().size(), 0u);
  receiver.decide_by(nullptr);
  receiver.start();
  ASSERT_TRUE(eventually(2 * soon, [&] { return overdue_fired("team/app"); }));
  const auto messages = receiver.messages();
  EXPECT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages.front().id, id);
  EXPECT_EQ(receiver.bad_signatures(), 0);
}

TEST_F(Outage, AMessageThatAReceiverRefusesForGoodStopsNoOther) {
  push_overdue({"team/good", "team/poison", "team/fine"});
  const std::string poison = digest("team/poison");
  receiver.decide_by([poison](const json& body) {
    return body.at("data").at("image").at("digest") == poison ? 400 : 204;
  });
  DaemonProcess& daemon = start_daemon();
  EXPECT_TRUE(
      eventually(soon, [&] { return overdue_fired("team/good") && overdue_fired("team/fine"); }));
  EXPECT_TRUE(eventually(soon, [&] { return receiver.refused().size() == 1; }));
  EXPECT_TRUE(eventually(soon, [&] {
    return daemon.get("/metrics")
                   .body.find(
                       "scanclock_notifications_total{outcome=\"set_aside\",receiver=\"hook\"} "
                       "1") != std::string::npos ||
           daemon.get("/metrics")
                   .body.find(
                       "scanclock_notifications_total{receiver=\"hook\",outcome=\"set_aside\"} "
                       "1") != std::string::npos;
  })) << "it is set aside visibly";
  EXPECT_NE(daemon.log().find("is set aside"), std::string::npos);
  // What follows for the same alert is delivered again.
  receiver.decide_by(nullptr);
  attach_scan("team/poison", now_of_test());
  EXPECT_TRUE(eventually(soon, [&] {
    return receiver.messages("resolved", "ScanclockScanOverdue", poison).size() == 1;
  }));
}

TEST_F(Outage, AReceiverThatAsksForPatienceIsAskedAgainAndOneThatIsGoneIsLeftAlone) {
  push_overdue({"team/app"});
  receiver.decide_by([](const json&) { return 429; });
  receiver.ask_to_retry_after(1);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(std::chrono::seconds(10), [&] { return receiver.refused().size() >= 3; }))
      << "429 is no refusal for good, and Retry-After goes before the schedule";
  receiver.decide_by([](const json&) { return 410; });
  EXPECT_TRUE(eventually(soon, [&] { return daemon.log().find("410 Gone") != std::string::npos; }));
  receiver.decide_by(nullptr);
  const HttpAnswer reloaded = daemon.post("/-/reload", "", admin_token);
  EXPECT_EQ(reloaded.status, 200) << reloaded.body;
  EXPECT_TRUE(eventually(soon, [&] { return overdue_fired("team/app"); }))
      << "a reload tries a stopped receiver again, and its message was kept";
}

}  // namespace
}  // namespace scanclock
