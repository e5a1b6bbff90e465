#include "cli/alerting_commands.hpp"

#include "cli/parser.hpp"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <sstream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* alert_id = "0b6ef6a6-4f6f-4a0e-9d7e-5a5d3f1f2e11";

class AlertingCommands : public testing::Test {
 protected:
  void answer(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.body = body;
    answers_.push_back(std::move(response));
  }

  /// As if typed after `scanclock`; the exit code is what the command says or throws.
  ExitCode run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "scanclock");
    ParsedArguments parsed;
    CLI::App app("", "scanclock");
    try {
      declare_commands(app, parsed);
      app.parse(static_cast<int>(arguments.size()), arguments.data());
      const CommandContext context{server_, parsed.format,           out_,
                                   err_,    [this] { return now_; }, [](Duration) {}};
      const auto code = run_alerting(chosen_command(app), context, parsed.alerting, parsed.filters);
      return code.value_or(ExitCode::internal);
    } catch (const CLI::ParseError&) {
      return ExitCode::usage;
    } catch (const CommandError& error) {
      message_ = error.what();
      return error.code();
    }
  }

  json sent() const { return json::parse(bodies_.back()); }

  std::deque<HttpResponse> answers_;
  std::vector<std::string> asked_;
  std::vector<std::string> bodies_;
  TimePoint now_ = *parse_rfc3339("2026-11-10T12:00:00Z");
  std::ostringstream out_;
  std::ostringstream err_;
  std::string message_;
  Server server_{"http://127.0.0.1:1", "t0ken",
                 [this](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                   asked_.push_back(request.method + " " +
                                    request.url.substr(std::string("http://127.0.0.1:1").size()));
                   bodies_.push_back(request.body);
                   if (answers_.empty()) {
                     ADD_FAILURE() << "nobody expected " << asked_.back();
                     return HttpFailure();
                   }
                   HttpResponse next = answers_.front();
                   answers_.pop_front();
                   return next;
                 }};
};

TEST_F(AlertingCommands, ASilenceIsMadeOfMatchersAReasonAndAnEnd) {
  answer(201, R"({"id":"sil_1","expires_at":"2026-11-10T16:00:00Z"})");
  EXPECT_EQ(run({"silence", "add", "severity=\"warning\"", "owner=~\"pay.*\"", "--for", "4h",
                 "--reason", "a rebuild runs"}),
            ExitCode::ok);
  EXPECT_EQ(asked_.back(), "POST /api/v1/silences");
  EXPECT_EQ(sent(), json::parse(R"({"matchers":["severity=\"warning\"","owner=~\"pay.*\""],
                                    "reason":"a rebuild runs","duration":"4h"})"));
  EXPECT_EQ(out_.str(), "sil_1 until 2026-11-10T16:00:00Z\n");
}

TEST_F(AlertingCommands, ASilenceMayBeginAndEndAtATimeAndHaveAnAuthor) {
  answer(201, R"({"id":"sil_1"})");
  EXPECT_EQ(run({"silence", "add", "a=b", "--from", "2026-11-11T00:00:00+01:00", "--until",
                 "2026-11-12T00:00:00Z", "--reason", "r", "--author", "ana", "--output", "json"}),
            ExitCode::ok);
  EXPECT_EQ(sent(), json::parse(R"({"matchers":["a=b"],"reason":"r","author":"ana",
                                    "starts_at":"2026-11-10T23:00:00Z",
                                    "expires_at":"2026-11-12T00:00:00Z"})"));
  EXPECT_EQ(json::parse(out_.str()), json::parse(R"({"id":"sil_1"})"));
}

TEST_F(AlertingCommands, WhatHasNoEndNoReasonOrNoMatcherIsAUsageError) {
  EXPECT_EQ(run({"silence", "add", "a=b", "--reason", "r"}), ExitCode::usage);
  EXPECT_THAT(message_, HasSubstr("--for or --until is required"));
  EXPECT_EQ(run({"silence", "add", "a=b", "--for", "4h"}), ExitCode::usage);
  EXPECT_EQ(run({"silence", "add", "--for", "4h", "--reason", "r"}), ExitCode::usage);
  EXPECT_EQ(run({"silence", "add", "a=b", "--for", "4h", "--until", "2026-11-12T00:00:00Z",
                 "--reason", "r"}),
            ExitCode::usage);
  EXPECT_EQ(run({"silence", "add", "a=b", "--for", "a while", "--reason", "r"}), ExitCode::usage);
  EXPECT_EQ(run({"silence"}), ExitCode::usage);
  EXPECT_EQ(run({"ack", alert_id, "--reason", "r"}), ExitCode::usage);
  EXPECT_EQ(run({"notifications", "replay", "--receiver", "oncall"}), ExitCode::usage);
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(AlertingCommands, WhatTheDaemonCannotReadIsAUsageErrorInItsWords) {
  answer(400, R"({"detail":"matchers: at least one must ask for a value"})");
  EXPECT_EQ(run({"silence", "add", "a=~\".*\"", "--for", "1h", "--reason", "r"}), ExitCode::usage);
  EXPECT_EQ(message_, "the silence: matchers: at least one must ask for a value");
}

TEST_F(AlertingCommands, SilencesAreListedWithTheirEnds) {
  answer(200, R"({"silences":[
    {"id":"sil_1","state":"active","matchers":["a=\"b\"","c!=\"d\""],"author":"ana","reason":"r 1",
     "starts_at":"2026-11-10T11:00:00Z","expires_at":"2026-11-10T15:00:00Z","ended_at":null,
     "ended_by":null},
    {"id":"sil_2","state":"expired","matchers":["a=\"b\""],"author":"ana","reason":"r 2",
     "starts_at":"2026-11-10T10:00:00Z","expires_at":"2026-11-10T15:00:00Z",
     "ended_at":"2026-11-10T11:00:00Z","ended_by":"ben"}],"next":null})");
  EXPECT_EQ(run({"silence", "list", "--state", "active"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "GET /api/v1/silences?state=active&limit=1000");
  EXPECT_EQ(out_.str(),
            "STATE    STARTS  ENDS           AUTHOR  MATCHERS      REASON  ID\n"
            "active   1h ago  in 3h          ana     a=\"b\" c!=\"d\"  r 1     sil_1\n"
            "expired  2h ago  1h ago by ben  ana     a=\"b\"         r 2     sil_2\n");
}

TEST_F(AlertingCommands, ASilenceIsEndedByItsIdAndOnlyWhileItIsInForce) {
  answer(200, R"({"id":"sil_1"})");
  EXPECT_EQ(run({"silence", "expire", "sil_1", "--author", "ben & co"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "DELETE /api/v1/silences/sil_1?author=ben%20%26%20co");
  answer(404, R"({"detail":"no silence sil_1 is in force or to come"})");
  EXPECT_EQ(run({"silence", "expire", "sil_1"}), ExitCode::no);
}

TEST_F(AlertingCommands, AnAlertIsTakenByItsId) {
  answer(201, R"({"author":"ops","expires_at":"2026-11-10T16:00:00Z"})");
  EXPECT_EQ(run({"ack", alert_id, "--for", "4h", "--reason", "I rebuild it"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "POST /api/v1/alerts/" + std::string(alert_id) + "/acknowledge");
  EXPECT_EQ(sent(), json::parse(R"({"reason":"I rebuild it","duration":"4h"})"));
  EXPECT_THAT(out_.str(), HasSubstr(" acknowledged by ops until 2026-11-10T16:00:00Z\n"));
  answer(409, R"({"detail":"the alert ended already: scanned"})");
  EXPECT_EQ(run({"ack", alert_id, "--for", "4h", "--reason", "r"}), ExitCode::no);
}

TEST_F(AlertingCommands, TheBeginningOfAnIdIsEnoughWhenOnlyOneFiringAlertHasIt) {
  const std::string two = R"({"alerts":[{"id":"0b6ef6a6-1"},{"id":"0c000000-1"}],"next":null})";
  answer(200, two);
  answer(200, R"({})");
  EXPECT_EQ(run({"unack", "0b"}), ExitCode::ok);
  EXPECT_EQ(asked_.front(), "GET /api/v1/alerts?state=firing&limit=1000");
  EXPECT_EQ(asked_.back(), "DELETE /api/v1/alerts/0b6ef6a6-1/acknowledge");
  answer(200, two);
  EXPECT_EQ(run({"unack", "0"}), ExitCode::no);
  EXPECT_THAT(message_, HasSubstr("more than one"));
  answer(200, two);
  EXPECT_EQ(run({"unack", "f"}), ExitCode::no);
  EXPECT_THAT(message_, HasSubstr("HINT: see `scanclock alerts --state firing`"));
}

TEST_F(AlertingCommands, TheLedgerIsListedOfTheLastDayOrByFilter) {
  const std::string page = R"({"notifications":[
    {"id":"m1","receiver":"oncall","type":"scanclock.group","alert_ids":["a","b"],"alert_id":"g",
     "state":"waiting","created_at":"2026-11-10T11:00:00Z","attempts_made":3,
     "next_attempt_at":"2026-11-10T12:04:00Z",
     "attempts":[{"number":3,"outcome":"failed","status":null,"error":"it answered 503"}]},
    {"id":"m2","receiver":"oncall","type":"scanclock.alert.firing","alert_ids":["a"],
     "alert_id":"a","state":"delivered","created_at":"2026-11-10T10:00:00Z","attempts_made":1,
     "next_attempt_at":null,
     "attempts":[{"number":1,"outcome":"delivered","status":204,"error":null}]}],"next":null})";
  answer(200, page);
  EXPECT_EQ(run({"notifications", "list"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "GET /api/v1/notifications?since=2026-11-09T12%3A00%3A00Z&limit=1000");
  EXPECT_EQ(out_.str(),
            "STATE                RECEIVER  TYPE          MADE    TRIES  ANSWER           ALERT   "
            "  ID\n"
            "waiting, next in 4m  oncall    group         1h ago  3      it answered 503  2 alerts"
            "  m1\n"
            "delivered            oncall    alert.firing  2h ago  1      204              a       "
            "  m2\n");
  answer(200, page);
  EXPECT_EQ(run({"notifications", "list", "--state", "set_aside", "--receiver", "slack"}),
            ExitCode::ok);
  EXPECT_EQ(asked_.back(), "GET /api/v1/notifications?receiver=slack&state=set_aside&limit=1000");
}

TEST_F(AlertingCommands, OneMessageIsShownWithWhatWasSentAndEveryAnswer) {
  answer(200, R"({"id":"m1","receiver":"oncall","type":"scanclock.alert.firing","alert_id":"a",
    "alert_ids":["a"],"state":"set_aside","created_at":"2026-11-10T11:00:00Z","attempts_made":1,
    "attempts":[{"number":1,"at":"2026-11-10T11:00:01Z","outcome":"set_aside","status":null,
                 "error":"the receiver answered 400"}],"body":"{\"type\":\"x\"}"})");
  EXPECT_EQ(run({"notifications", "show", "m1"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "GET /api/v1/notifications/m1");
  EXPECT_THAT(out_.str(), HasSubstr("1    2026-11-10T11:00:01Z  set aside  the receiver answered"));
  EXPECT_THAT(out_.str(), HasSubstr("{\"type\":\"x\"}"));
  answer(404, R"({"detail":"no message has the id m2"})");
  EXPECT_EQ(run({"notifications", "show", "m2"}), ExitCode::no);
}

TEST_F(AlertingCommands, AMessageIsSentAgainAndAReceiverIsToldAgain) {
  answer(200, R"({"id":"m1","receiver":"oncall"})");
  EXPECT_EQ(run({"notifications", "retry", "m1"}), ExitCode::ok);
  EXPECT_EQ(asked_.back(), "POST /api/v1/notifications/m1/retry");
  answer(409, R"({"detail":"message m1 was delivered"})");
  EXPECT_EQ(run({"notifications", "retry", "m1"}), ExitCode::no);
  answer(200, R"({"messages":2})");
  EXPECT_EQ(
      run({"notifications", "replay", "--receiver", "oncall", "--since", "2026-11-10T08:00:00Z"}),
      ExitCode::ok);
  EXPECT_EQ(sent(), json::parse(R"({"receiver":"oncall","since":"2026-11-10T08:00:00Z"})"));
  answer(200, R"({"messages":0})");
  EXPECT_EQ(
      run({"notifications", "replay", "--receiver", "oncall", "--since", "2026-11-10T08:00:00Z"}),
      ExitCode::no);
}

}  // namespace
}  // namespace scanclock
