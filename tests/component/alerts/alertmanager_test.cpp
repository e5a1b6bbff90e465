#include "alerts/alertmanager.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Alert alert_about(const std::string& digest, const std::string& severity = "critical") {
  Alert alert;
  alert.id = "id-" + digest;
  alert.key = {std::string(rule_scan_overdue), digest, "fedramp-30d"};
  alert.labels = {
      {"alertname", std::string(rule_scan_overdue)}, {"digest", digest}, {"severity", severity}};
  alert.annotations = {{"summary", "overdue"}};
  alert.started_at = SimClock::default_start() - hours(1);
  return alert;
}

Alert ended_at(Alert alert, TimePoint time) {
  alert.firing = false;
  alert.ended_at = time;
  return alert;
}

TEST(PostableAlerts, FireUntilResolveAfterFromNow) {
  const TimePoint now = SimClock::default_start();
  const auto alerts = postable_alerts({alert_about("a")}, {}, now - minutes(15), hours(24), now);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].starts_at, now - hours(1));
  EXPECT_EQ(alerts[0].ends_at, now + hours(24));
}

TEST(PostableAlerts, AreResolvedForAsLongAsAsked) {
  const TimePoint now = SimClock::default_start();
  const std::vector<Alert> ended{ended_at(alert_about("a"), now - minutes(16)),
                                 ended_at(alert_about("b"), now - minutes(14))};
  const auto alerts = postable_alerts({}, ended, now - minutes(15), hours(24), now);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].labels.at("digest"), "b");
  EXPECT_EQ(alerts[0].ends_at, now - minutes(14));
}

TEST(PostableAlerts, AreNotResolvedWhenTheyFireAgain) {
  const TimePoint now = SimClock::default_start();
  const auto alerts =
      postable_alerts({alert_about("a")}, {ended_at(alert_about("a"), now - minutes(1))},
                      now - minutes(15), hours(24), now);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].ends_at, now + hours(24));
}

TEST(AlertmanagerBatches, HoldAtMost256AndAllAlertsOnce) {
  std::vector<Alert> firing;
  for (int i = 0; i < 600; ++i) {
    firing.push_back(alert_about(std::to_string(i)));
  }
  const TimePoint now = SimClock::default_start();
  const auto batches =
      alertmanager_batches(postable_alerts(firing, {}, now, hours(24), now), "http://x");
  ASSERT_EQ(batches.size(), 3u);
  std::set<std::string> digests;
  for (const std::string& batch : batches) {
    const json list = json::parse(batch);
    EXPECT_LE(list.size(), alertmanager_batch_max);
    for (const json& alert : list) {
      digests.insert(alert["labels"]["digest"]);
      EXPECT_EQ(alert["generatorURL"], "http://x");
    }
  }
  EXPECT_EQ(digests.size(), 600u);
}

TEST(AlertmanagerBatches, KeepTheOldAndTheNewLabelSetTogether) {
  const TimePoint now = SimClock::default_start();
  std::vector<Alert> firing;
  std::vector<Alert> ended;
  for (int i = 0; i < 300; ++i) {
    char digest[8];
    std::snprintf(digest, sizeof digest, "d%03d", i);
    firing.push_back(alert_about(digest, "warning"));
    if (i == 255) {
      ended.push_back(ended_at(alert_about(digest, "critical"), now));
    }
  }
  const auto batches =
      alertmanager_batches(postable_alerts(firing, ended, now, hours(24), now), "");
  int batches_with_it = 0;
  for (const std::string& batch : batches) {
    int count = 0;
    for (const json& alert : json::parse(batch)) {
      count += alert["labels"]["digest"] == "d255" ? 1 : 0;
    }
    EXPECT_TRUE(count == 0 || count == 2);
    batches_with_it += count == 2 ? 1 : 0;
  }
  EXPECT_EQ(batches_with_it, 1);
}

class Pusher : public testing::Test {
 protected:
  Pusher() {
    receiver.name = "alertmanagers";
    receiver.alertmanager.emplace();
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      if (request.url.find("down") != std::string::npos && down) {
        return FakeHttpClient::failure(HttpFailureReason::connect, "refused");
      }
      pushes[request.url].push_back(json::parse(request.body));
      times[request.url].push_back(clock.now());
      return answer(200);
    });
  }
  ~Pusher() override { run(io, clock, tasks.stop()); }

  AlertmanagerPusher& start(const std::string& url) {
    pushers.push_back(std::make_unique<AlertmanagerPusher>(
        io.get_executor(), clock, http, receiver, url, "https://scanclock.example",
        [this] { return view; }, nullptr));
    tasks.spawn("push", pushers.back()->run());
    return *pushers.back();
  }

  static constexpr const char* up_url = "http://am-up:9093/api/v2/alerts";
  static constexpr const char* down_url = "http://am-down:9093/api/v2/alerts";

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  TaskGroup tasks{io.get_executor(), nullptr};
  Receiver receiver;
  AlertmanagerView view;
  bool down = false;
  std::vector<std::unique_ptr<AlertmanagerPusher>> pushers;
  std::map<std::string, std::vector<json>> pushes;
  std::map<std::string, std::vector<TimePoint>> times;
};

TEST_F(Pusher, TellsEveryMinuteWithALaterEnd) {
  view.firing = {alert_about("a")};
  start("http://am-up:9093");
  clock.advance(io, minutes(3));
  ASSERT_EQ(pushes[up_url].size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(pushes[up_url][i][0]["endsAt"], format_rfc3339(times[up_url][i] + hours(24)));
  }
  EXPECT_EQ(times[up_url][1] - times[up_url][0], Duration(minutes(1)));
}

TEST_F(Pusher, TellsAtOnceWhenSomethingChanged) {
  AlertmanagerPusher& pusher = start("http://am-up:9093");
  clock.advance(io, seconds(10));
  EXPECT_TRUE(pushes[up_url].empty()) << "there is nothing to tell";
  view.firing = {alert_about("a")};
  pusher.notify();
  clock.advance(io, Duration::zero());
  EXPECT_EQ(pushes[up_url].size(), 1u);
}

TEST_F(Pusher, TellsNothingBeforeItIsKnownWhatIsHeldBackAndThenAllThatEndedMeanwhile) {
  view.is_complete = false;
  view.firing = {alert_about("silenced")};
  AlertmanagerPusher& pusher = start("http://am-up:9093");
  clock.advance(io, minutes(3));
  EXPECT_TRUE(pushes[up_url].empty());
  view.is_complete = true;
  view.firing.clear();
  view.ended = {ended_at(alert_about("a"), clock.now() - hours(3))};
  pusher.notify();
  clock.advance(io, Duration::zero());
  ASSERT_EQ(pushes[up_url].size(), 1u);
  EXPECT_EQ(pushes[up_url][0][0]["labels"]["digest"], "a");
}

TEST_F(Pusher, RepeatsAResolvedAlertForFifteenMinutes) {
  view.firing = {alert_about("a")};
  start("http://am-up:9093");
  clock.advance(io, minutes(1));
  view.firing.clear();
  const TimePoint end = clock.now();
  view.ended = {ended_at(alert_about("a"), end)};
  pushes.clear();
  times.clear();
  clock.advance(io, minutes(30));
  ASSERT_FALSE(times[up_url].empty());
  EXPECT_EQ(times[up_url].back(), end + minutes(15));
  EXPECT_EQ(pushes[up_url].back()[0]["endsAt"], format_rfc3339(end));
}

TEST_F(Pusher, TellsEveryInstanceByItselfAndCatchesUpAfterAnOutage) {
  view.firing = {alert_about("a")};
  start("http://am-up:9093");
  start("http://am-down:9093");
  clock.advance(io, minutes(1));
  down = true;
  clock.advance(io, minutes(10));
  view.firing.clear();
  view.ended = {ended_at(alert_about("a"), clock.now())};
  clock.advance(io, hours(2));
  EXPECT_GT(pushes[up_url].size(), 20u);
  pushes.clear();
  down = false;
  clock.advance(io, minutes(1));
  ASSERT_EQ(pushes[down_url].size(), 1u) << "the resolve is not lost with the outage";
  EXPECT_EQ(pushes[down_url][0][0]["labels"]["digest"], "a");
  EXPECT_TRUE(pushes[up_url].empty());
}

}  // namespace
}  // namespace scanclock::alerts
