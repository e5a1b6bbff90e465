#include "tests/component/alerts/alerting_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(AlertingTest, TellsOfAnOverdueImageAndOfItsNewScan) {
  start();
  step();
  EXPECT_THAT(types(), ElementsAre("ScanclockScanOverdue scanclock.alert.firing"));
  clock.advance(io, minutes(1));
  world.now = clock.now();
  world.scan('a', clock.now());
  step();
  EXPECT_THAT(types(), ElementsAre("ScanclockScanOverdue scanclock.alert.firing",
                                   "ScanclockScanOverdue scanclock.alert.resolved"));
  EXPECT_EQ(heard[hook][0]["data"]["id"], heard[hook][1]["data"]["id"]);
  ASSERT_EQ(alerting->alerts().size(), 1u);
  EXPECT_EQ(alerting->alerts()[0].resolved_reason, "scanned");
}

TEST_F(AlertingTest, LosesNothingWhenTheReceiverIsDownAcrossARestart) {
  reachable = false;
  start();
  step();
  clock.advance(io, hours(1));
  stop();
  start();
  clock.advance(io, minutes(1));
  world.now = clock.now();
  world.scan('a', clock.now());
  step();
  clock.advance(io, hours(1));
  reachable = true;
  clock.advance(io, minutes(12));
  EXPECT_THAT(types(), ElementsAre("ScanclockScanOverdue scanclock.alert.firing",
                                   "ScanclockScanOverdue scanclock.alert.resolved"));
  EXPECT_EQ(heard[hook][0]["data"]["id"], heard[hook][1]["data"]["id"]);
  EXPECT_EQ(ids, 1);
}

TEST_F(AlertingTest, SaysNothingInModeObserve) {
  options.evaluator.notify = false;
  Receiver second;
  second.name = "alertmanagers";
  second.alertmanager.emplace();
  second.alertmanager->urls = {alertmanager};
  options.evaluator.receivers[0].heartbeat_every = minutes(1);
  options.evaluator.receivers.push_back(second);
  start();
  step();
  clock.advance(io, hours(10));
  EXPECT_THAT(heard, IsEmpty());
  EXPECT_EQ(alerts.size(), 1u);
}

TEST_F(AlertingTest, PushesToAlertmanagersWhatTheRoutesSend) {
  Receiver second;
  second.name = "alertmanagers";
  second.alertmanager.emplace();
  second.alertmanager->urls = {alertmanager};
  second.heartbeat_every = minutes(5);
  options.evaluator.receivers.push_back(second);
  start();
  step();
  const std::string url = std::string(alertmanager) + "/api/v2/alerts";
  std::map<std::string, json> by_name;
  for (const json& alert : heard[url].back()) {
    by_name[alert["labels"]["alertname"]] = alert;
  }
  ASSERT_TRUE(by_name.contains("ScanclockScanOverdue"));
  EXPECT_EQ(by_name["ScanclockScanOverdue"]["endsAt"], format_rfc3339(clock.now() + hours(24)));
  ASSERT_TRUE(by_name.contains("ScanclockWatchdog"));
  EXPECT_EQ(by_name["ScanclockWatchdog"]["endsAt"], format_rfc3339(clock.now() + minutes(20)));

  Route elsewhere;
  elsewhere.receivers = {"oncall"};
  EvaluatorOptions changed = options.evaluator;
  changed.routes = {elsewhere};
  changed.receivers[1].heartbeat_every.reset();
  alerting->configure(changed);
  heard.clear();
  clock.advance(io, minutes(5));
  EXPECT_THAT(heard[url], IsEmpty());
}

TEST_F(AlertingTest, BeatsWhileItIsAliveAndNotWhenItIsStuck) {
  bool alive = true;
  options.is_alive = [&] { return alive; };
  options.evaluator.receivers[0].heartbeat_every = minutes(5);
  start();
  clock.advance(io, minutes(10));
  EXPECT_THAT(types(), testing::Each("ScanclockWatchdog scanclock.alert.firing"));
  ASSERT_EQ(heard[hook].size(), 3u);
  EXPECT_EQ(heard[hook][0]["data"]["severity"], "none");
  alive = false;
  clock.advance(io, minutes(30));
  EXPECT_EQ(heard[hook].size(), 3u);
}

TEST_F(AlertingTest, AsksAStoppedReceiverAgainAfterAReload) {
  status = 410;
  start();
  step();
  clock.advance(io, hours(1));
  EXPECT_EQ(heard[hook].size(), 1u);
  ASSERT_EQ(alerting->receivers().size(), 1u);
  EXPECT_TRUE(alerting->receivers()[0].stopped);
  status = 200;
  alerting->configure(options.evaluator);
  clock.advance(io, seconds(2));
  EXPECT_EQ(heard[hook].size(), 2u);
  EXPECT_FALSE(alerting->receivers()[0].stopped);
}

TEST_F(AlertingTest, KeepsItsReceiversWhenAReloadCannotBeUsed) {
  start();
  EvaluatorOptions bad = options.evaluator;
  bad.receivers[0].webhook->signing_secrets = {"hunter2"};
  EXPECT_THROW(alerting->configure(bad), std::invalid_argument);
  step();
  EXPECT_THAT(types(), ElementsAre("ScanclockScanOverdue scanclock.alert.firing"));
}

TEST_F(AlertingTest, LosesAndDoublesNothingInMonthsOfScansThatComeTooLate) {
  start();
  // Scanned every 35 days only: due soon, overdue, resolved, again and again. Scans come on days
  // 4 and 39; the image is overdue from the start and on days 34 and 69.
  const TimePoint end = clock.now() + hours(24 * 73);
  TimePoint next_scan = clock.now() + hours(24 * 4);
  while (clock.now() < end) {
    step();
    TimePoint next = next_scan;
    if (const auto at = alerting->next_change_at()) {
      next = std::min(next, *at);
    }
    if (const auto at = world.inventory.next_change_at()) {
      next = std::min(next, *at);
    }
    clock.run_until(io, std::max(next, clock.now() + Duration(1)));
    if (clock.now() >= next_scan) {
      world.now = clock.now();
      world.scan('a', clock.now());
      next_scan += hours(24 * 35);
    }
  }
  std::map<std::string, int> firing;
  std::map<std::string, int> resolved;
  std::map<std::string, std::int64_t> sequence;
  for (const json& message : heard[hook]) {
    const std::string rule = message["data"]["rule"];
    const std::string id = message["data"]["id"];
    firing[rule] += message["data"]["sequence"] == 1 ? 1 : 0;
    resolved[rule] += message["data"]["state"] == "resolved" ? 1 : 0;
    EXPECT_EQ(message["data"]["sequence"], ++sequence[id]) << "in order, none lost, none doubled";
  }
  EXPECT_EQ(firing["ScanclockScanOverdue"], 3);
  EXPECT_EQ(resolved["ScanclockScanOverdue"], 2);
  EXPECT_EQ(firing["ScanclockScanDueSoon"], 2);
  EXPECT_EQ(resolved["ScanclockScanDueSoon"], 2);
}

}  // namespace
}  // namespace scanclock::alerts
