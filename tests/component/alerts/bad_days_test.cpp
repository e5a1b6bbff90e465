// What must not be lost, doubled or resolved when the database, the clock or the registry has a bad
// day, in virtual time.
#include "tests/component/alerts/alerting_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace scanclock::alerts {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

class AlertingOnBadDays : public AlertingTest {
 protected:
  /// As the engine does while commits fail: what it concludes waits in one set.
  void step_without_database() {
    world.now = clock.now();
    const Touched touched = world.reevaluate();
    const ChangeSet learned = world.inventory.take_changes();
    pending.append(alerting->evaluate(world.inventory, world.sources, touched, learned.decisions,
                                      clock.now()));
  }
  void commit_pending() {
    for (const Alert& alert : pending.alerts) {
      alerts[alert.id] = alert;
    }
    outbox.add(pending.messages);
    pending = ChangeSet();
    alerting->committed();
    clock.advance(io, Duration::zero());
  }

  /// What the receiver last heard of each alert of a rule about an image.
  std::string last_word(const std::string& rule, char letter) {
    std::string word = "nothing";
    for (const json& message : heard[hook]) {
      const json& data = message["data"];
      if (data["rule"] == rule && data["image"].is_object() &&
          data["image"]["digest"] == AlertWorld::digest(letter).str()) {
        word = data["state"].get<std::string>();
      }
    }
    return word;
  }

  void expect_each_message_once_and_in_order() {
    std::map<std::string, std::int64_t> sequence;
    for (const json& message : heard[hook]) {
      EXPECT_EQ(message["data"]["sequence"], ++sequence[message["data"]["id"]]) << message;
    }
  }

  ChangeSet pending;
};

TEST_F(AlertingOnBadDays, TenMinutesWithoutADatabaseLoseAndDoubleNothing) {
  world.add_image('b');
  world.scan('b', world.now - hours(24 * 30) + minutes(5));
  world.run("ab");
  start();
  step();
  ASSERT_EQ(last_word(std::string(rule_scan_overdue), 'a'), "firing");
  ASSERT_EQ(last_word(std::string(rule_scan_due_soon), 'b'), "firing");

  outbox.set_away(true);
  clock.advance(io, minutes(4));
  world.now = clock.now();
  world.scan('a', clock.now());
  step_without_database();
  clock.advance(io, minutes(2));
  step_without_database();
  clock.advance(io, minutes(4));
  step_without_database();
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'a'), "firing")
      << "what is not stored is not told";

  outbox.set_away(false);
  commit_pending();
  clock.advance(io, minutes(2));
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'a'), "resolved");
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'b'), "firing")
      << "the deadline passed meanwhile";
  expect_each_message_once_and_in_order();
}

TEST_F(AlertingOnBadDays, ADeadlineThatPassesInTheDarkStillFiresAndIsMarked) {
  world.add_image('b');
  world.scan('b', world.now - hours(24 * 30) + hours(1));
  world.run("ab");
  start();
  step();
  world.evidence_failed('b', "timeout");
  clock.advance(io, hours(2));
  step();
  ASSERT_EQ(last_word(std::string(rule_scan_overdue), 'b'), "firing");
  const json& told = heard[hook].back()["data"];
  EXPECT_EQ(told["observation"]["status"], "unknown") << told;

  // The registry answers again: a scan from before the deadline had been there all the time.
  world.evidence_answered('b');
  world.scan('b', clock.now() - hours(24));
  step();
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'b'), "resolved");
  EXPECT_EQ(heard[hook].back()["data"]["resolved_reason"], "scanned");
  expect_each_message_once_and_in_order();
}

TEST_F(AlertingOnBadDays, DarknessResolvesNothingForDays) {
  start();
  step();
  world.evidence_failed('a', "timeout");
  for (int day = 0; day < 10; ++day) {
    clock.advance(io, hours(24));
    step();
  }
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'a'), "firing");
  for (const json& message : heard[hook]) {
    EXPECT_NE(message["type"], "scanclock.alert.resolved") << message;
  }
}

TEST_F(AlertingOnBadDays, AReceiverThatIsDownForThreeDaysHearsEverythingOnceAndInOrder) {
  start();
  reachable = false;
  step();
  for (int day = 0; day < 3; ++day) {
    clock.advance(io, hours(24));
    world.now = clock.now();
    if (day == 1) {
      world.scan('a', clock.now());
    }
    step();
  }
  EXPECT_THAT(types(), testing::IsEmpty());
  reachable = true;
  clock.advance(io, minutes(12));
  ASSERT_FALSE(heard[hook].empty());
  EXPECT_EQ(heard[hook].front()["type"], "scanclock.alert.firing");
  EXPECT_EQ(last_word(std::string(rule_scan_overdue), 'a'), "resolved");
  expect_each_message_once_and_in_order();
}

}  // namespace
}  // namespace scanclock::alerts
