#include "core/runtime/clock.hpp"
#include "tests/integration/program/program_test.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

namespace scanclock {
namespace {

using nlohmann::json;

/// SCANCLOCK_TEST_CRASHES overrides it for long runs.
constexpr int crashes_usual = 40;
constexpr int images_total = 6;

/// Scans are good for seconds, so that every image goes through many alerts, while the daemon is
/// killed again and again.
class Crash : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    const char* given = std::getenv("SCANCLOCK_TEST_SEED");
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                           : std::random_device()();
    std::cout << "SCANCLOCK_TEST_SEED=" << seed << "\n";
    random.seed(seed);
    const char* wanted = std::getenv("SCANCLOCK_TEST_CRASHES");
    crashes = wanted != nullptr ? std::atoi(wanted) : crashes_usual;
    parts.policies = "- {name: seconds, window: 1s, warn_before: [], future_tolerance: 0s}";
    for (int i = 0; i < images_total; ++i) {
      names.push_back("team/app-" + std::to_string(i));
      push(names.back());
    }
    run_workloads(names);
  }

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random); }

  /// Pushes one scan; remembers it when it was acknowledged.
  void push_scan(const DaemonProcess& daemon) {
    const std::string& name = names[static_cast<std::size_t>(below(images_total))];
    json document = json::parse(report(name, SystemClock().now()));
    document["Number"] = ++scans_made;
    const HttpAnswer answer = daemon.post("/api/v1/scans", document.dump(), submit_token);
    if (answer.status == 201) {
      acknowledged[answer.json().at("scans").at(0).at("evidence_digest")] = document.dump();
    }
  }

  void run_until_killed(DaemonProcess& daemon) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50 + below(700));
    while (std::chrono::steady_clock::now() < end) {
      push_scan(daemon);
      if (below(4) == 0) {
        attach_scan(names[static_cast<std::size_t>(below(images_total))], SystemClock().now());
      }
    }
    daemon.kill();
    // Stands for the lapse of the lease and of the claims on messages, which take seconds.
    sql("UPDATE scanclock.lease SET expires_at = clock_timestamp();"
        "UPDATE scanclock.outbox SET locked_until = NULL");
    received_at_crashes.push_back(receiver.messages().size());
  }

  /// A crash may repeat what was on its way, once; nothing else repeats anything.
  void expect_no_repetition_without_a_crash() const {
    std::map<std::string, std::size_t> last_arrival;
    std::size_t repeated = 0;
    const auto messages = receiver.messages();
    for (std::size_t arrival = 0; arrival < messages.size(); ++arrival) {
      const auto [known, is_new] = last_arrival.try_emplace(messages[arrival].id, arrival);
      if (is_new) {
        continue;
      }
      ++repeated;
      const bool crashed_between = std::any_of(
          received_at_crashes.begin(), received_at_crashes.end(),
          [&](std::size_t received) { return known->second < received && received <= arrival; });
      EXPECT_TRUE(crashed_between) << messages[arrival].id;
      known->second = arrival;
    }
    std::cout << repeated << " messages came again after a crash\n";
  }

  void expect_nothing_acknowledged_is_lost(const DaemonProcess& daemon) {
    for (const auto& [evidence, bytes] : acknowledged) {
      const HttpAnswer raw = daemon.get("/api/v1/evidence/" + evidence + "/raw");
      EXPECT_EQ(raw.status, 200) << evidence;
      EXPECT_EQ(raw.body, bytes) << evidence;
    }
  }

  /// Everything that one episode of an alert said, in the order of coming.
  struct Episode {
    TimePoint started_at;
    std::string id;
    std::vector<WebhookReceiver::Message> messages;
  };

  /// By rule, then by start.
  std::map<std::string, std::vector<Episode>> episodes_of(const std::string& name) const {
    std::map<std::string, Episode> by_id;
    std::set<std::string> seen;
    for (const auto& message : receiver.messages("", "", digest(name))) {
      // Only a crash may duplicate a message, and then under the same id.
      if (seen.insert(message.id).second) {
        Episode& episode = by_id[message.text("id")];
        episode.id = message.text("id");
        episode.started_at = *parse_rfc3339(message.text("started_at"));
        episode.messages.push_back(message);
      }
    }
    std::map<std::string, std::vector<Episode>> by_rule;
    for (auto& [id, episode] : by_id) {
      by_rule[episode.messages.front().text("rule")].push_back(std::move(episode));
    }
    for (auto& [rule, episodes] : by_rule) {
      std::sort(episodes.begin(), episodes.end(), [](const auto& left, const auto& right) {
        return left.started_at < right.started_at;
      });
    }
    return by_rule;
  }

  void expect_whole_episodes(const std::string& name) const {
    for (const auto& [rule, episodes] : episodes_of(name)) {
      TimePoint ended_at;
      for (const Episode& episode : episodes) {
        const std::string where = name + " " + rule + " " + episode.id;
        EXPECT_EQ(episode.messages.front().type(), "scanclock.alert.firing") << where;
        EXPECT_LE(ended_at, episode.started_at) << "two ids in one episode: " << where;
        EXPECT_EQ(episode.messages.back().type(), "scanclock.alert.resolved") << where;
        int sequence = 0;
        for (const auto& message : episode.messages) {
          EXPECT_EQ(message.body.at("data").at("sequence"), ++sequence) << where;
        }
        ended_at = parse_rfc3339(episode.messages.back().text("ended_at")).value_or(ended_at);
      }
    }
  }

  bool all_are(const DaemonProcess& daemon, const std::string& state) const {
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return state_of(daemon, name) == state; });
  }

  /// What the database holds for each open alert has been told, under its id.
  bool every_firing_alert_was_told(const DaemonProcess& daemon) const {
    const json alerts = list_of(daemon, "/api/v1/alerts?state=firing", "alerts");
    const auto messages = receiver.messages("firing", "");
    return std::all_of(alerts.begin(), alerts.end(), [&](const json& alert) {
      return std::any_of(messages.begin(), messages.end(),
                         [&](const auto& message) { return message.text("id") == alert.at("id"); });
    });
  }

  std::mt19937 random;
  std::vector<std::string> names;
  std::map<std::string, std::string> acknowledged;
  int scans_made = 0;
  int crashes = 0;
  /// How many messages had been received at each of them.
  std::vector<std::size_t> received_at_crashes;
};

TEST_F(Crash, AtAnyMomentLosesNoScanAndNoAlertAndSplitsNoEpisode) {
  DaemonProcess& daemon = start_daemon();
  for (int i = 0; i < crashes; ++i) {
    run_until_killed(daemon);
    daemon.start();
    daemon.wait_until_up();
  }
  std::cout << acknowledged.size() << " scans acknowledged, " << receiver.messages().size()
            << " messages received\n";
  EXPECT_GT(acknowledged.size(), 20u);
  expect_nothing_acknowledged_is_lost(daemon);

  ASSERT_TRUE(eventually(soon, [&] { return all_are(daemon, "overdue"); }));
  ASSERT_TRUE(eventually(soon, [&] { return firing_alerts(daemon).size() >= names.size(); }));
  EXPECT_TRUE(eventually(3 * soon, [&] { return every_firing_alert_was_told(daemon); }))
      << daemon.get("/api/v1/alerts?state=firing").body;

  // Under a longer window the next scans stay good, and every episode comes to its end.
  parts.policies = "- {name: seconds, window: 30d, warn_before: [], future_tolerance: 0s}";
  write_settings();
  ASSERT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  for (const std::string& name : names) {
    ASSERT_EQ(daemon.post("/api/v1/scans", report(name, now_of_test()), submit_token).status, 201);
  }
  EXPECT_TRUE(eventually(soon, [&] { return all_are(daemon, "fresh"); }));
  EXPECT_TRUE(eventually(3 * soon, [&] {
    return sql("SELECT count(*) FROM scanclock.outbox WHERE state = 'waiting'") == "0\n";
  }));
  for (const std::string& name : names) {
    expect_whole_episodes(name);
  }
  expect_no_repetition_without_a_crash();
  EXPECT_EQ(receiver.bad_signatures(), 0);
}

}  // namespace
}  // namespace scanclock
