// What the daemon says about itself, in virtual time: receivers that fail, and a wall clock that
// somebody set.
#include "tests/component/alerts/alerting_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* second_hook = "http://backup.example/scanclock";
constexpr Duration forty_days = hours(24 * 40);

class OwnRules : public AlertingTest {
 protected:
  OwnRules() {
    Receiver backup;
    backup.name = "backup";
    backup.webhook.emplace();
    backup.webhook->url = second_hook;
    options.evaluator.receivers.push_back(backup);
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      const auto found = statuses.find(request.url);
      const int code = found == statuses.end() ? 200 : found->second;
      if (code == 0) {
        return FakeHttpClient::failure(HttpFailureReason::connect, "refused");
      }
      if (code == 200) {
        heard[request.url].push_back(json::parse(request.body));
      }
      return answer(code);
    });
  }

  /// As the daemon does it: at least every ten seconds.
  void live(Duration duration) {
    const Duration end = clock.monotonic() + duration;
    while (clock.monotonic() < end) {
      clock.advance(io, std::chrono::seconds(10));
      step();
    }
  }

  /// `rule state` of everything that a receiver heard about a rule.
  std::vector<std::string> said(const std::string& url, std::string_view rule) {
    std::vector<std::string> words;
    for (const json& message : heard[url]) {
      const json& data = message["data"];
      if (data["rule"] == rule) {
        const bool is_firing = data["state"] == "firing";
        words.push_back(is_firing ? message["type"].get<std::string>()
                                  : data["resolved_reason"].get<std::string>());
      }
    }
    return words;
  }

  /// How many alerts of a rule a receiver has heard of.
  std::size_t episodes(const std::string& url, std::string_view rule) {
    std::set<std::string> known;
    for (const json& message : heard[url]) {
      if (message["data"]["rule"] == rule) {
        known.insert(message["data"]["id"].get<std::string>());
      }
    }
    return known.size();
  }

  /// Of what is said about images and sources.
  bool anything_resolved() {
    for (const auto& [url, messages] : heard) {
      for (const json& message : messages) {
        const bool is_about_receivers = message["data"]["rule"] == rule_receiver_failing;
        if (message["type"] == "scanclock.alert.resolved" && !is_about_receivers) {
          return true;
        }
      }
    }
    return false;
  }

  /// By URL; 0 for one that cannot be reached.
  std::map<std::string, int> statuses;
};

TEST_F(OwnRules, AReceiverThatFailsIsToldOfThroughTheOthersUntilItTakesMessages) {
  statuses[hook] = 0;
  start();
  step();
  live(minutes(14));
  EXPECT_THAT(said(second_hook, rule_receiver_failing), IsEmpty());
  live(minutes(2));
  EXPECT_THAT(said(second_hook, rule_receiver_failing), ElementsAre("scanclock.alert.firing"));
  live(hours(1));
  EXPECT_THAT(said(second_hook, rule_receiver_failing), ElementsAre("scanclock.alert.firing"));
  statuses[hook] = 200;
  live(minutes(10));
  EXPECT_THAT(said(second_hook, rule_receiver_failing),
              ElementsAre("scanclock.alert.firing", "delivered"));
  EXPECT_THAT(said(hook, rule_receiver_failing), IsEmpty());
  EXPECT_THAT(said(hook, rule_scan_overdue), ElementsAre("scanclock.alert.firing"));
}

TEST_F(OwnRules, AReceiverThatIsGoneIsToldOfAtOnceAndARestartDoesNotEndThat) {
  statuses[hook] = 410;
  start();
  step();
  live(minutes(1));
  EXPECT_THAT(said(second_hook, rule_receiver_failing), ElementsAre("scanclock.alert.firing"));
  stop();
  start();
  step();
  live(minutes(1));
  EXPECT_THAT(said(second_hook, rule_receiver_failing), ElementsAre("scanclock.alert.firing"));
  statuses[hook] = 200;
  alerting->configure(options.evaluator);
  live(minutes(1));
  EXPECT_THAT(said(second_hook, rule_receiver_failing),
              ElementsAre("scanclock.alert.firing", "delivered"));
}

TEST_F(OwnRules, AnAlertmanagerThatFailsIsToldOfOnlyWhenNoneOfItsKindAnswers) {
  Receiver managers;
  managers.name = "alertmanagers";
  managers.alertmanager.emplace();
  const std::string other = "http://127.0.0.1:9094";
  managers.alertmanager->urls = {alertmanager, other};
  options.evaluator.receivers.push_back(managers);
  statuses[std::string(alertmanager) + "/api/v2/alerts"] = 503;
  start();
  step();
  live(minutes(30));
  EXPECT_THAT(said(hook, rule_receiver_failing), IsEmpty());
  statuses[other + "/api/v2/alerts"] = 0;
  live(minutes(17));
  EXPECT_THAT(said(hook, rule_receiver_failing), ElementsAre("scanclock.alert.firing"));
  statuses.clear();
  live(minutes(2));
  EXPECT_THAT(said(hook, rule_receiver_failing),
              ElementsAre("scanclock.alert.firing", "delivered"));
}

TEST_F(OwnRules, AClockSetForwardLosesNoMessageAndScansAgeWithIt) {
  world.add_image('b');
  world.scan('b', world.now - hours(24));
  world.run("ab");
  statuses[hook] = 0;
  start();
  step();
  live(minutes(7));
  clock.step_wall_clock(forty_days);
  live(minutes(12));
  EXPECT_EQ(outbox.count(MemoryOutbox::State::set_aside), 0U)
      << "no message is forty days old because the clock says so";
  EXPECT_THAT(said(second_hook, rule_clock_step), ElementsAre("scanclock.alert.firing"));
  EXPECT_EQ(episodes(second_hook, rule_scan_overdue), 2U) << "the other scan is old now, too";
  statuses[hook] = 200;
  live(minutes(6));
  EXPECT_EQ(episodes(hook, rule_scan_overdue), 2U);
  EXPECT_THAT(said(hook, rule_clock_step), ElementsAre("scanclock.alert.firing"));
  EXPECT_FALSE(anything_resolved());
  live(hours(24));
  EXPECT_EQ(said(hook, rule_clock_step).back(), "expired");
}

TEST_F(OwnRules, AClockSetBackDelaysNoMessageAndResolvesNothing) {
  statuses[hook] = 503;
  start();
  step();
  live(minutes(7));
  const std::string id = alerting->alerts().front().id;
  clock.step_wall_clock(-forty_days);
  live(minutes(1));
  statuses[hook] = 200;
  live(minutes(6));
  EXPECT_THAT(said(hook, rule_scan_overdue), Contains("scanclock.alert.firing"))
      << "it does not wait until the clock has caught up";
  EXPECT_THAT(said(hook, rule_clock_step), ElementsAre("scanclock.alert.firing"));
  EXPECT_FALSE(anything_resolved()) << "nothing was scanned";
  clock.step_wall_clock(forty_days);
  live(minutes(6));
  EXPECT_FALSE(anything_resolved());
  bool is_open = false;
  for (const Alert& alert : alerting->alerts()) {
    is_open = is_open || (alert.id == id && alert.firing);
  }
  EXPECT_TRUE(is_open) << "one episode all the time";
  EXPECT_EQ(said(hook, rule_clock_step).back(), "scanclock.alert.updated");
}

TEST_F(OwnRules, AClockThatWasSetBackWhileTheDaemonWasDownDelaysNoMessageEither) {
  statuses[hook] = 503;
  start();
  step();
  live(minutes(7));
  stop();
  clock.step_wall_clock(-forty_days);
  statuses[hook] = 200;
  start();
  step();
  live(minutes(1));
  EXPECT_THAT(said(hook, rule_scan_overdue), Contains("scanclock.alert.firing"));
  EXPECT_FALSE(anything_resolved());
}

}  // namespace
}  // namespace scanclock::alerts
