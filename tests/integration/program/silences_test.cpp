// What people say to the daemon about its alerts and messages, by the command line, and what
// becomes of it.
#include "tests/integration/program/program_test.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

class Silences : public ProgramTest {
 protected:
  /// The command line with the operator's token, JSON wanted.
  CommandResult operate(const DaemonProcess& daemon, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--token-file", (folder.path() / "admin-token").string(),
                                       "--output", "json"});
    return client(daemon, std::move(arguments));
  }

  json answer(const DaemonProcess& daemon, std::vector<std::string> arguments) const {
    const CommandResult result = operate(daemon, std::move(arguments));
    EXPECT_EQ(result.exit_code, 0) << result.output;
    const json parsed = json::parse(result.output, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << result.output;
    return parsed;
  }

  json alert_of(const DaemonProcess& daemon, const std::string& rule) const {
    for (const json& alert : list_of(daemon, "/api/v1/alerts", "alerts")) {
      if (alert.at("rule") == rule) {
        return alert;
      }
    }
    return nullptr;
  }

  void push_overdue(const std::string& name) {
    push(name);
    attach_scan(name, now_of_test() - 40 * day);
    run_workloads({name});
  }

  static TimePoint time_of(const json& object, const char* key) {
    return *parse_rfc3339(object.at(key).get<std::string>());
  }
};

TEST_F(Silences, HoldMessagesBackUntilTheyEndAndStayInTheRecord) {
  DaemonProcess& daemon = start_daemon();
  const json longer = answer(daemon, {"silence", "add", "rule=\"ScanclockScanOverdue\"", "--for",
                                      "30m", "--reason", "the base image is being rebuilt"});
  EXPECT_EQ(longer.at("author"), "operator") << "the token's name";
  push_overdue("team/app");
  ASSERT_TRUE(
      eventually(soon, [&] { return !alert_of(daemon, "ScanclockScanOverdue").is_null(); }));
  const json alert = alert_of(daemon, "ScanclockScanOverdue");
  EXPECT_EQ(alert.at("state"), "firing") << "a silence changes no alert";
  EXPECT_EQ(alert.at("silenced_by").at("id"), longer.at("id"));
  EXPECT_EQ(image_of(daemon, "team/app").at("state"), "overdue");

  const json shorter = answer(daemon, {"silence", "add", "severity=\"critical\"", "--for", "5s",
                                       "--reason", "a moment more", "--author", "ana"});
  answer(daemon, {"silence", "expire", longer.at("id").get<std::string>()});
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }));
  const json told =
      answer(daemon, {"notifications", "list", "--alert", alert.at("id").get<std::string>()});
  ASSERT_EQ(told.at("notifications").size(), 1u);
  EXPECT_GE(time_of(told.at("notifications").at(0), "created_at"), time_of(shorter, "expires_at"))
      << "nothing was told before";
  EXPECT_TRUE(alert_of(daemon, "ScanclockScanOverdue").at("silenced_by").is_null());

  const json record = answer(daemon, {"silence", "list"}).at("silences");
  ASSERT_EQ(record.size(), 2u);
  EXPECT_EQ(record.at(0).at("author"), "ana");
  EXPECT_EQ(record.at(0).at("state"), "expired");
  EXPECT_TRUE(record.at(0).at("ended_at").is_null());
  EXPECT_EQ(record.at(1).at("ended_by"), "operator");
  EXPECT_EQ(operate(daemon, {"silence", "expire", longer.at("id").get<std::string>()}).exit_code, 1)
      << "it has ended";
}

TEST_F(Silences, AreOnlyForAdministratorsAndSurviveARestart) {
  DaemonProcess& daemon = start_daemon();
  const std::vector<std::string> silence{"silence",  "add",  "severity=\"warning\"", "--for", "1h",
                                         "--reason", "night"};
  EXPECT_EQ(client(daemon, silence).exit_code, 78);
  auto as_submitter = silence;
  as_submitter.insert(as_submitter.end(),
                      {"--token-file", (folder.path() / "submit-token").string()});
  EXPECT_EQ(client(daemon, as_submitter).exit_code, 78);
  const json made = answer(daemon, silence);
  daemon.kill();
  daemon.start();
  daemon.wait_until_up();
  const json active = answer(daemon, {"silence", "list", "--state", "active"}).at("silences");
  ASSERT_EQ(active.size(), 1u);
  EXPECT_EQ(active.at(0), made);
}

TEST_F(Silences, AnAlertIsTakenAndGivenBack) {
  push_overdue("team/app");
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }));
  const std::string id = alert_of(daemon, "ScanclockScanOverdue").at("id");
  const json taken = answer(daemon, {"ack", id.substr(0, 8), "--for", "4h", "--reason",
                                     "I rebuild it", "--author", "ana"});
  EXPECT_EQ(taken.at("alert_id"), id);
  EXPECT_EQ(alert_of(daemon, "ScanclockScanOverdue").at("acknowledged").at("author"), "ana");
  answer(daemon, {"unack", id});
  EXPECT_TRUE(alert_of(daemon, "ScanclockScanOverdue").at("acknowledged").is_null());
  EXPECT_EQ(operate(daemon, {"unack", id}).exit_code, 1);
  const json record =
      list_of(daemon, "/api/v1/alerts/" + id + "/acknowledgements", "acknowledgements");
  ASSERT_EQ(record.size(), 1u);
  EXPECT_FALSE(record.at(0).at("ended_at").is_null());
}

TEST_F(Silences, WhoTakesNoteOfRejectedEvidenceEndsItsAlert) {
  push("team/app");
  attach_scan("team/app", now_of_test() + 3 * day);
  run_workloads({"team/app"});
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(
      soon, [&] { return !receiver.messages("firing", "ScanclockEvidenceRejected").empty(); }));
  const std::string id = alert_of(daemon, "ScanclockEvidenceRejected").at("id");
  answer(daemon, {"ack", id, "--for", "1h", "--reason", "the runner's clock is corrected"});
  const auto resolved = [&] { return receiver.messages("resolved", "ScanclockEvidenceRejected"); };
  ASSERT_TRUE(eventually(soon, [&] { return !resolved().empty(); }));
  EXPECT_EQ(resolved().front().body.at("data").at("resolved_reason"), "acknowledged");
}

TEST_F(Silences, AMessageThatWasSetAsideIsSentAgainAndAReceiverThatForgotIsToldAgain) {
  receiver.decide_by([](const json&) { return 400; });
  const std::string began = format_rfc3339(now_of_test());
  push_overdue("team/app");
  DaemonProcess& daemon = start_daemon();
  const auto set_aside = [&] {
    return list_of(daemon, "/api/v1/notifications?state=set_aside", "notifications");
  };
  ASSERT_TRUE(eventually(soon, [&] { return set_aside().size() == 1; }));
  const json message = set_aside().at(0);
  const std::string id = message.at("id");
  EXPECT_EQ(message.at("receiver"), "hook");
  EXPECT_EQ(message.at("attempts").at(0).at("outcome"), "set_aside");
  EXPECT_NE(message.at("last_error").get<std::string>().find("400"), std::string::npos);

  receiver.decide_by(nullptr);
  EXPECT_EQ(answer(daemon, {"notifications", "retry", id}).at("id"), id);
  ASSERT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "team/app"); }));
  EXPECT_EQ(receiver.messages().front().id, id) << "under its id";
  ASSERT_TRUE(eventually(soon, [&] { return set_aside().empty(); }));
  const auto state = [&] {
    return daemon.get_json("/api/v1/notifications/" + id).at("state").get<std::string>();
  };
  ASSERT_TRUE(eventually(soon, [&] { return state() == "delivered"; }));
  EXPECT_EQ(operate(daemon, {"notifications", "retry", id}).exit_code, 1) << "it was delivered";

  const json again =
      answer(daemon, {"notifications", "replay", "--receiver", "hook", "--since", began});
  EXPECT_GE(again.at("messages"), 1);
  const auto times = [&] {
    const auto all = receiver.messages();
    return std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  };
  ASSERT_TRUE(eventually(soon, [&] { return times() == 2; }));
  const auto shown = [&] { return answer(daemon, {"notifications", "show", id}); };
  ASSERT_TRUE(eventually(soon, [&] { return shown().at("attempts").size() == 3; }));
  EXPECT_EQ(json::parse(shown().at("body").get<std::string>()).at("type"),
            "scanclock.alert.firing");
  EXPECT_EQ(operate(daemon, {"notifications", "replay", "--receiver", "nobody", "--since", began})
                .exit_code,
            1);
}

}  // namespace
}  // namespace scanclock
