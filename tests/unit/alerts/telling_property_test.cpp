#include "tests/unit/alerts/telling_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

namespace scanclock::alerts {
namespace {

const std::string random_images = "abcdef";

/// What a receiver was last told of an alert.
struct Statement {
  std::int64_t sequence = 0;
  bool firing = true;
  std::string severity;
  std::string environment;
};

/// A random history of facts, silences, acknowledgements, restarts and reloads, from a seed, and
/// what three receivers make of what they are sent: `alone` hears of each alert by itself,
/// `grouped` of groups, and `waiting` of warnings in working hours only.
class RandomHistory {
 public:
  explicit RandomHistory(unsigned seed) : random_(seed), pager_(all_receivers(0)) {
    for (const char letter : random_images) {
      pager_.world.add_image(letter);
    }
  }

  void go_on() {
    act();
    pager_.pass(minutes(pick(12 * 60)) + seconds(pick(60)));
    read_messages();
  }

  /// Nothing is muted any more, and groups have had their time.
  void settle() {
    pager_.reload(all_receivers(0));
    for (const auto& [id, silence] : std::map(pager_.silences)) {
      Silence ended = silence;
      ended.ended_at = pager_.world.now;
      pager_.evaluator->put(ended);
    }
    for (const auto& [id, taken] : std::map(pager_.acknowledgements)) {
      Acknowledgement ended = taken;
      ended.ended_at = pager_.world.now;
      pager_.evaluator->put(ended);
    }
    pager_.pass(days(3));
    // The noon of a working day, after a quiet hour.
    while (std::chrono::weekday(std::chrono::floor<std::chrono::days>(pager_.world.now)) !=
           std::chrono::Wednesday) {
      pager_.pass(hours(6));
    }
    pager_.pass(std::chrono::floor<std::chrono::days>(pager_.world.now) + hours(36) -
                pager_.world.now);
    read_messages();
  }

  void expect_that_all_was_told() const {
    for (const auto& [id, alert] : pager_.alerts) {
      for (const char* receiver : {"alone", "grouped", "waiting"}) {
        const auto said = statements_.find({receiver, id});
        if (said == statements_.end()) {
          EXPECT_FALSE(alert.firing) << receiver << " was never told of " << id;
          continue;
        }
        EXPECT_EQ(said->second.firing, alert.firing)
            << receiver << " about " << id << " " << alert.resolved_reason;
        if (alert.firing) {
          EXPECT_EQ(said->second.severity, to_string(alert.severity)) << receiver << " " << id;
          EXPECT_EQ(said->second.environment, alert.environment) << receiver << " " << id;
        }
      }
    }
  }

  std::size_t message_count() const { return pager_.messages.size(); }
  std::size_t alert_count() const { return pager_.alerts.size(); }

 private:
  static EvaluatorOptions all_receivers(int variant) {
    Route alone = Pager::route_to("alone");
    alone.continues = true;
    Route grouped = Pager::route_to("grouped", {"rule"});
    if (variant == 1) {
      grouped.group_by = {"environment", "owner"};
    }
    grouped.continues = true;
    Route waiting = Pager::route_to("waiting", {});
    waiting.warnings_wait = {{{0, 6}, minutes(0), hours(24)},
                             {{0, 1, 2, 3, 4, 5}, hours(18), hours(8)}};
    EvaluatorOptions options =
        Pager::options_with({"alone", "grouped", "waiting"}, {alone, grouped, waiting});
    if (variant == 2) {
      options.receivers.erase(options.receivers.begin() + 1);
      options.routes.erase(options.routes.begin() + 1);
    }
    return options;
  }

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  char image() { return random_images[static_cast<std::size_t>(pick(6))]; }

  void act() {
    AlertWorld& world = pager_.world;
    // It may be away for days.
    if (removed_ && pick(8) == 0) {
      pager_.reload(all_receivers(0));
      removed_ = false;
    }
    switch (pick(12)) {
      case 0:
      case 1:
        world.scan(image(), world.now - days(pick(32)));
        break;
      case 2:
      case 3:
      case 4:
        run_some();
        break;
      case 5:
        pager_.silence("rule", pick(2) == 0 ? "ScanclockScanOverdue" : "ScanclockScanDueSoon",
                       hours(1 + pick(40)));
        break;
      case 6:
        pager_.silence("digest", AlertWorld::digest(image()).str(), hours(1 + pick(40)));
        break;
      case 7:
      case 8:
        take_one();
        break;
      case 9:
        pager_.reload(all_receivers(pick(2)));
        break;
      case 10:
        pager_.reload(all_receivers(2));
        removed_ = true;
        break;
      default:
        pager_.restart();
    }
  }

  void run_some() {
    std::vector<ContainerObservation> containers;
    for (const char letter : random_images) {
      const int place = pick(4);
      if (place == 0) {
        continue;
      }
      ContainerObservation one = pager_.world.container(letter, std::string("c-") + letter);
      one.namespace_name = place == 1 ? "dev-1" : "web";
      containers.push_back(std::move(one));
    }
    pager_.world.observe("host-a", std::move(containers));
  }

  void take_one() {
    const std::vector<Alert> open = pager_.evaluator->book().open();
    if (!open.empty()) {
      pager_.take(open[static_cast<std::size_t>(pick(static_cast<int>(open.size())))],
                  hours(1 + pick(40)));
    }
  }

  void read_messages() {
    for (; read_ < pager_.messages.size(); ++read_) {
      const OutboxMessage& message = pager_.messages[read_];
      EXPECT_TRUE(ids_.insert(message.id).second) << message.id << " is sent twice";
      std::int64_t& sequence = sequences_[{message.receiver, message.alert_id}];
      EXPECT_GT(message.sequence, sequence) << message.id;
      sequence = message.sequence;
      const auto body = nlohmann::json::parse(message.body);
      if (body["type"] != "scanclock.group") {
        read_alert(message.receiver, body["data"]);
        continue;
      }
      EXPECT_EQ(body["data"]["truncated_alerts"], 0);
      for (const nlohmann::json& alert : body["data"]["alerts"]) {
        read_alert(message.receiver, alert);
      }
    }
  }

  void read_alert(const std::string& receiver, const nlohmann::json& data) {
    const std::string id = data["id"];
    const bool is_first = !statements_.contains({receiver, id});
    Statement& statement = statements_[{receiver, id}];
    const std::int64_t sequence = data["sequence"];
    EXPECT_GE(sequence, statement.sequence) << receiver << " about " << id;
    EXPECT_TRUE(statement.firing) << receiver << " hears of " << id << " after its end";
    statement = {sequence, data["state"] == "firing", data["severity"], data["environment"]};
    const Alert& alert = pager_.alerts.at(id);
    if (!statement.firing) {
      EXPECT_FALSE(alert.firing) << "a resolve while the condition holds";
      EXPECT_FALSE(is_first) << receiver << " hears of the end of what it was not told of";
      EXPECT_FALSE(data["resolved_reason"].is_null());
    }
  }

  std::mt19937 random_;
  Pager pager_;
  bool removed_ = false;
  std::size_t read_ = 0;
  std::set<std::string> ids_;
  std::map<std::pair<std::string, std::string>, std::int64_t> sequences_;
  std::map<std::pair<std::string, std::string>, Statement> statements_;
};

class RandomHistories : public testing::TestWithParam<unsigned> {};

TEST_P(RandomHistories, EndWithEveryReceiverKnowingThePresentState) {
  RandomHistory history(GetParam());
  for (int step = 0; step < 80; ++step) {
    history.go_on();
    if (HasFailure()) {
      GTEST_FAIL() << "step " << step;
    }
  }
  history.settle();
  history.expect_that_all_was_told();
  EXPECT_GT(history.alert_count(), 10u);
  EXPECT_GT(history.message_count(), 50u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistories, testing::Range(1u, 7u));

}  // namespace
}  // namespace scanclock::alerts
