#include "core/runtime/clock.hpp"
#include "tests/integration/program/crash_record.hpp"
#include "tests/integration/program/program_test.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

namespace scanclock {
namespace {

using nlohmann::json;

/// SCANCLOCK_TEST_CRASHES overrides it for long runs.
constexpr int crashes_usual = 40;
constexpr int images_total = 6;
/// The shortest that the settings take.
constexpr Duration group_interval = std::chrono::seconds(1);

/// Scans are good for seconds, so that every image goes through many alerts, while the daemon is
/// killed again and again. One receiver is told of each alert, another of groups, and people
/// silence alerts and take them.
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
    write_file(folder.path() / "groups-secret", groups.secret() + "\n");
    parts.receivers += "\n  - name: groups\n    webhook: {url: '" + groups.url() +
                       "', signing_secret_file: groups-secret}\n"
                       "routes:\n"
                       "  - {receivers: [hook], continue: true}\n"
                       "  - {receivers: [groups], group_by: [rule], group_wait: 100ms, "
                       "group_interval: 1s, repeat_every: 2s}";
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

  std::chrono::milliseconds some_time() { return std::chrono::milliseconds(300 + below(2500)); }
  static std::string until(std::chrono::milliseconds duration) {
    return format_rfc3339(SystemClock().now() + duration);
  }

  /// The silence as the daemon tells it.
  json silence(const DaemonProcess& daemon, const std::string& name,
               std::chrono::milliseconds duration) {
    const json body = {{"matchers", json::array({"digest=\"" + digest(name) + "\""})},
                       {"reason", "a test"},
                       {"expires_at", until(duration)}};
    const HttpAnswer answer = daemon.post("/api/v1/silences", body.dump(), admin_token);
    EXPECT_EQ(answer.status, 201) << answer.body;
    silences.push_back(answer.json());
    return silences.back();
  }

  void take_an_alert(const DaemonProcess& daemon) {
    const json alerts = list_of(daemon, "/api/v1/alerts?state=firing", "alerts");
    if (alerts.empty()) {
      return;
    }
    const std::string id = alerts.at(static_cast<std::size_t>(below(int(alerts.size())))).at("id");
    const json body = {{"reason", "a test"}, {"expires_at", until(some_time())}};
    const HttpAnswer answer =
        daemon.post("/api/v1/alerts/" + id + "/acknowledge", body.dump(), admin_token);
    // The alert may end between the question and the answer.
    EXPECT_TRUE(answer.status == 201 || answer.status == 200 || answer.status == 409)
        << answer.body;
    if (answer.status != 409) {
      taken.push_back(answer.json());
    }
  }

  void act(const DaemonProcess& daemon) {
    const std::string& name = names[static_cast<std::size_t>(below(images_total))];
    const int choice = below(16);
    if (choice == 0) {
      silence(daemon, name, some_time());
    } else if (choice <= 2) {
      take_an_alert(daemon);
    } else if (choice <= 5) {
      attach_scan(name, SystemClock().now());
    } else {
      push_scan(daemon);
    }
  }

  void kill(DaemonProcess& daemon) {
    daemon.kill();
    ++killed;
    // Stands for the lapse of the lease and of the claims on messages, which take seconds.
    sql("UPDATE scanclock.lease SET expires_at = clock_timestamp();"
        "UPDATE scanclock.outbox SET locked_until = NULL");
    received_at_crashes.push_back(receiver.messages().size());
    groups_received_at_crashes.push_back(groups.messages().size());
  }

  void run_until_killed(DaemonProcess& daemon) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50 + below(700));
    while (std::chrono::steady_clock::now() < end) {
      act(daemon);
    }
    const TimePoint dead_since = SystemClock().now();
    kill(daemon);
    if (below(5) == 0) {
      // While it starts, too.
      daemon.start();
      std::this_thread::sleep_for(std::chrono::milliseconds(below(300)));
      kill(daemon);
    }
    daemon.start();
    daemon.wait_until_up();
    outages.push_back({dead_since, SystemClock().now()});
  }

  /// A crash may repeat what was on its way, once; nothing else repeats anything.
  static void expect_no_repetition_without_a_crash(
      const std::vector<WebhookReceiver::Message>& messages,
      const std::vector<std::size_t>& received_at_crashes) {
    std::map<std::string, std::size_t> last_arrival;
    std::size_t repeated = 0;
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

  /// What was answered was stored, and stays as it was.
  void expect_nothing_said_is_lost(const DaemonProcess& daemon) const {
    std::map<std::string, json> known;
    for (const json& one : list_of(daemon, "/api/v1/silences?limit=1000", "silences")) {
      known[one.at("id")] = one;
    }
    for (json expected : silences) {
      json found = known[expected.at("id")];
      // It may be over by now, by its own time.
      expected.erase("state");
      if (found.is_object()) {
        found.erase("state");
      }
      EXPECT_EQ(found, expected);
    }
    for (const json& expected : taken) {
      const std::string id = expected.at("alert_id");
      const json record =
          list_of(daemon, "/api/v1/alerts/" + id + "/acknowledgements", "acknowledgements");
      EXPECT_TRUE(std::any_of(record.begin(), record.end(),
                              [&](const json& one) {
                                return one.at("at") == expected.at("at") &&
                                       one.at("reason") == expected.at("reason") &&
                                       one.at("expires_at") == expected.at("expires_at");
                              }))
          << expected << " is not in " << record;
    }
  }

  json overdue_alert(const DaemonProcess& daemon, const std::string& name) const {
    for (const json& alert : list_of(daemon, "/api/v1/alerts?state=firing", "alerts")) {
      const json& labels = alert.at("labels");
      if (alert.at("rule") == "ScanclockScanOverdue" &&
          labels.value("digest", "") == digest(name)) {
        return alert;
      }
    }
    return nullptr;
  }

  /// An alert that begins under a silence, which ends while nobody watches.
  void outlive_a_silence(DaemonProcess& daemon, const std::string& name) {
    const std::string former = overdue_alert(daemon, name).value("id", "");
    const json made = silence(daemon, name, std::chrono::seconds(6));
    ASSERT_EQ(daemon.post("/api/v1/scans", report(name, SystemClock().now()), submit_token).status,
              201);
    const auto is_overdue_anew = [&] {
      const json found = overdue_alert(daemon, name);
      return found.is_object() && found.at("id") != former;
    };
    ASSERT_TRUE(eventually(soon, is_overdue_anew));
    const json alert = overdue_alert(daemon, name);
    ASSERT_TRUE(alert.at("silenced_by").is_object()) << "the machine is too slow for this test";
    EXPECT_EQ(alert.at("silenced_by").at("id"), made.at("id"));
    const TimePoint dead_since = SystemClock().now();
    kill(daemon);
    const TimePoint ends_at = *parse_rfc3339(made.at("expires_at").get<std::string>());
    std::this_thread::sleep_for(ends_at - SystemClock().now());
    const std::string id = alert.at("id");
    EXPECT_FALSE(heard_of(receiver, id) || heard_of(groups, id)) << "told under its silence";
    daemon.start();
    daemon.wait_until_up();
    outages.push_back({dead_since, SystemClock().now()});
    EXPECT_TRUE(eventually(soon, [&] { return heard_of(receiver, id) && heard_of(groups, id); }));
    EXPECT_EQ(overdue_alert(daemon, name).value("id", ""), id) << "it is the same episode";
  }

  static bool heard_of(const WebhookReceiver& by, const std::string& alert) {
    return ReceiverStory("", by.messages()).alerts.contains(alert);
  }

  bool all_are(const DaemonProcess& daemon, const std::string& state) const {
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return state_of(daemon, name) == state; });
  }

  /// What the database holds for each open alert has been told, under its id.
  bool every_firing_alert_was_told(const DaemonProcess& daemon) const {
    const json alerts = list_of(daemon, "/api/v1/alerts?state=firing", "alerts");
    const ReceiverStory alone("hook", receiver.messages());
    const ReceiverStory grouped("groups", groups.messages());
    return std::all_of(alerts.begin(), alerts.end(), [&](const json& alert) {
      return alone.alerts.contains(alert.at("id")) && grouped.alerts.contains(alert.at("id"));
    });
  }

  bool nothing_is_owed() const {
    return sql("SELECT count(*) FROM scanclock.outbox WHERE state = 'waiting'") == "0\n" &&
           sql("SELECT count(*) FROM scanclock.alerts WHERE owes_end OR (firing AND rule IN "
               "('ScanclockScanOverdue', 'ScanclockNeverScanned'))") == "0\n";
  }

  void expect_that_the_record_was_told() const {
    CrashRecord record([this](const std::string& statement) { return sql(statement); });
    for (const TimeSpan& outage : outages) {
      record.add_outage(outage);
    }
    std::cout << killed << " kills, " << record.alert_count() << " alerts, "
              << record.silenced_count() << " began under one of " << silences.size()
              << " silences, " << taken.size() << " were taken\n";
    const ReceiverStory alone("hook", receiver.messages());
    const ReceiverStory grouped("groups", groups.messages());
    std::cout << alone.alerts.size() << " were told alone, " << grouped.alerts.size()
              << " in groups\n";
    record.expect_all_owed_was_told(alone, Duration::zero());
    record.expect_all_owed_was_told(grouped, group_interval);
    for (const ReceiverStory* story : {&alone, &grouped}) {
      record.expect_all_messages_came(*story);
      record.expect_silences_were_kept(*story);
    }
    record.expect_no_alert_ended_by_silence();
    record.expect_one_id_for_each_episode();
    EXPECT_GE(record.silenced_count(), 1u);
    EXPECT_GE(grouped.alerts.size(), names.size());
  }

  std::mt19937 random;
  std::vector<std::string> names;
  std::map<std::string, std::string> acknowledged;
  int scans_made = 0;
  int crashes = 0;
  int killed = 0;
  WebhookReceiver groups;
  /// As they were answered.
  std::vector<json> silences;
  std::vector<json> taken;
  std::vector<TimeSpan> outages;
  /// How many messages had been received at each crash.
  std::vector<std::size_t> received_at_crashes;
  std::vector<std::size_t> groups_received_at_crashes;
};

TEST_F(Crash, AtAnyMomentLosesNoScanNoAlertAndNoSilenceAndSplitsNoEpisode) {
  DaemonProcess& daemon = start_daemon();
  while (killed < crashes) {
    run_until_killed(daemon);
  }
  std::cout << acknowledged.size() << " scans acknowledged, " << receiver.messages().size()
            << " messages received\n";
  EXPECT_GT(acknowledged.size(), 20u);
  expect_nothing_acknowledged_is_lost(daemon);
  expect_nothing_said_is_lost(daemon);

  ASSERT_TRUE(eventually(soon, [&] { return all_are(daemon, "overdue"); }));
  ASSERT_TRUE(eventually(soon, [&] { return firing_alerts(daemon).size() >= names.size(); }));
  EXPECT_TRUE(eventually(3 * soon, [&] { return every_firing_alert_was_told(daemon); }))
      << daemon.get("/api/v1/alerts?state=firing").body;
  outlive_a_silence(daemon, names.front());

  // Under a longer window the next scans stay good, and every episode comes to its end.
  parts.policies = "- {name: seconds, window: 30d, warn_before: [], future_tolerance: 0s}";
  write_settings();
  ASSERT_EQ(daemon.post("/-/reload", "", admin_token).status, 200);
  for (const std::string& name : names) {
    ASSERT_EQ(daemon.post("/api/v1/scans", report(name, now_of_test()), submit_token).status, 201);
  }
  EXPECT_TRUE(eventually(soon, [&] { return all_are(daemon, "fresh"); }));
  EXPECT_TRUE(eventually(3 * soon, [&] { return nothing_is_owed(); }))
      << daemon.get("/api/v1/alerts?state=firing").body;
  expect_that_the_record_was_told();
  expect_no_repetition_without_a_crash(receiver.messages(), received_at_crashes);
  expect_no_repetition_without_a_crash(groups.messages(), groups_received_at_crashes);
  EXPECT_EQ(receiver.bad_signatures() + groups.bad_signatures(), 0);
}

}  // namespace
}  // namespace scanclock
