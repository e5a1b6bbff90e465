#include "cli/commands.hpp"

#include "tests/unit/config/temporary_files.hpp"

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

constexpr const char* digest =
    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A daemon whose answers are given one after the other, and a clock that sleeping moves.
class Commands : public testing::Test {
 protected:
  void answer(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.body = body;
    answers_.push_back(response);
  }
  void no_answer() {
    HttpFailure failure;
    failure.message = "connection refused";
    answers_.push_back(failure);
  }

  CommandContext context() {
    return CommandContext{server_,
                          format_,
                          out_,
                          err_,
                          [this] { return now_; },
                          [this](Duration duration) {
                            now_ += duration;
                            slept_ += duration;
                          }};
  }

  ExitCode failure_of(const std::function<void()>& command) {
    try {
      command();
    } catch (const CommandError& error) {
      message_ = error.what();
      return error.code();
    }
    return ExitCode::ok;
  }

  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const HttpRequest& request : requests_) {
      lines.push_back(request.method + " " + request.url);
    }
    return lines;
  }

  Result<HttpResponse, HttpFailure> exchange(HttpRequest request) {
    requests_.push_back(std::move(request));
    if (answers_.empty()) {
      ADD_FAILURE() << "nobody expected " << requests_.back().url;
      return HttpFailure();
    }
    auto next = answers_.front();
    answers_.pop_front();
    return next;
  }

  std::deque<Result<HttpResponse, HttpFailure>> answers_;
  std::vector<HttpRequest> requests_;
  TimePoint now_ = *parse_rfc3339("2026-11-10T12:00:00Z");
  Duration slept_ = Duration::zero();
  OutputFormat format_ = OutputFormat::table;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string message_;
  Server server_{"http://127.0.0.1:1", "t0ken",
                 [this](HttpRequest request) { return exchange(std::move(request)); }};
};

TEST_F(Commands, ListsFollowEveryPage) {
  format_ = OutputFormat::json;
  answer(200, R"({"images":[{"digest":"a"}],"next":"x/1"})");
  answer(200, R"({"images":[{"digest":"b"}],"next":null})");
  Filters filters;
  filters.emplace_back("state", "overdue");
  filters.emplace_back("owner", "");
  EXPECT_EQ(run_images(context(), filters), ExitCode::ok);
  EXPECT_EQ(json::parse(out_.str()),
            json::parse(R"({"images":[{"digest":"a"},{"digest":"b"}],"next":null})"));
  EXPECT_THAT(asked(), ElementsAre("GET http://127.0.0.1:1/api/v1/images?state=overdue&limit=1000",
                                   "GET http://127.0.0.1:1/api/v1/images?state=overdue&limit=1000"
                                   "&next=x%2F1"));
  EXPECT_EQ(find_header(requests_[0].headers, "authorization"), "Bearer t0ken");
}

TEST_F(Commands, PagesThatGoInCirclesAreAnErrorAndNoShortList) {
  answer(200, R"({"images":[],"next":"1"})");
  answer(200, R"({"images":[],"next":"1"})");
  EXPECT_EQ(failure_of([&] { run_images(context(), Filters()); }), ExitCode::internal);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Commands, StatusShowsSummaryAndTables) {
  answer(200, R"({"images":[],"next":null})");
  answer(200, R"({"containers":[],"next":null})");
  answer(200, R"({"alerts":[]})");
  answer(200, R"({"sources":[]})");
  EXPECT_EQ(run_status(context()), ExitCode::ok);
  EXPECT_EQ(
      out_.str(),
      "running images: none; other images: none; containers: none; alerts: none firing; sources: "
      "none\n"
      "\nSOURCES\nno sources\n\nALERTS\nno alerts\n\nIMAGES\nno images\n"
      "\nCONTAINERS\nno containers\n");
}

TEST_F(Commands, AlertsExitWithOneOnlyWhenAskedToAndNotForTheWatchdog) {
  const std::string watchdog = R"({"alerts":[{"state":"firing","severity":"none"}]})";
  const std::string overdue = R"({"alerts":[{"state":"firing","severity":"critical"}]})";
  answer(200, watchdog);
  EXPECT_EQ(run_alerts(context(), Filters(), true), ExitCode::ok);
  answer(200, overdue);
  EXPECT_EQ(run_alerts(context(), Filters(), false), ExitCode::ok);
  answer(200, overdue);
  EXPECT_EQ(run_alerts(context(), Filters(), true), ExitCode::no);
}

TEST_F(Commands, CheckAnswersByExitCode) {
  CheckOptions options;
  options.image = "r.example/a:1";
  options.platform = "linux/arm64";
  options.min_remaining = std::chrono::hours(24 * 7);
  answer(200, R"({"allowed":true,"verdict":"compliant"})");
  EXPECT_EQ(run_check(context(), options), ExitCode::ok);
  EXPECT_THAT(asked(), ElementsAre("GET http://127.0.0.1:1/api/v1/check?image=r.example%2Fa%3A1"
                                   "&platform=linux%2Farm64&min_remaining=7d"));
  answer(200, R"({"allowed":false,"verdict":"unresolved","reasons":["not known"]})");
  EXPECT_EQ(run_check(context(), options), ExitCode::no);
  EXPECT_THAT(out_.str(), HasSubstr("not allowed: r.example/a:1\n"));
}

TEST_F(Commands, CheckWaitsForAYesAndThroughARestart) {
  CheckOptions options;
  options.image = "a";
  options.wait = std::chrono::minutes(2);
  answer(200, R"({"allowed":false})");
  no_answer();
  answer(503, "");
  answer(200, R"({"allowed":true})");
  EXPECT_EQ(run_check(context(), options), ExitCode::ok);
  EXPECT_EQ(slept_, 3 * ask_again_after);
}

TEST_F(Commands, CheckGivesUpWhenItsTimeHasPassed) {
  CheckOptions options;
  options.image = "a";
  options.wait = std::chrono::seconds(3);
  for (int i = 0; i < 3; ++i) {
    answer(200, R"({"allowed":false})");
  }
  EXPECT_EQ(run_check(context(), options), ExitCode::no);
  EXPECT_EQ(slept_, std::chrono::seconds(3));
  EXPECT_TRUE(answers_.empty());
}

TEST_F(Commands, FailuresMapToExitCodes) {
  no_answer();
  EXPECT_EQ(failure_of([&] { run_status(context()); }), ExitCode::unreachable);
  EXPECT_THAT(message_, HasSubstr("cannot reach http://127.0.0.1:1: connection refused\nHINT: "));
  answer(503, R"({"title":"starting"})");
  EXPECT_EQ(failure_of([&] { run_status(context()); }), ExitCode::unreachable);
  answer(401, R"({"detail":"a token is needed"})");
  EXPECT_EQ(failure_of([&] { run_status(context()); }), ExitCode::bad_configuration);
  EXPECT_EQ(message_.find("t0ken"), std::string::npos);
  answer(400, R"({"detail":"no such state"})");
  EXPECT_EQ(failure_of([&] { run_images(context(), Filters()); }), ExitCode::usage);
  answer(200, "<html>");
  EXPECT_EQ(failure_of([&] { run_status(context()); }), ExitCode::internal);
}

TEST_F(Commands, RefreshFindsTheDigestAndSaysWhoWasAsked) {
  answer(200, R"({"allowed":false,"digest":")" + std::string(digest) + R"("})");
  answer(200, R"({"asked":["prod/a"],"failures":[],"stored":true})");
  EXPECT_EQ(run_refresh(context(), "r.example/a:1", false), ExitCode::ok);
  EXPECT_EQ(out_.str(), "refreshed: " + std::string(digest) + "\n  asked: prod/a\n");
  EXPECT_EQ(asked()[1], "POST http://127.0.0.1:1/api/v1/images/" + std::string(digest) +
                            "/refresh?image=r.example%2Fa%3A1");
}

TEST_F(Commands, RefreshWaitsUntilTheSourcesAnswer) {
  const std::string failure = R"({"asked":["prod/a"],"failures":["timeout"],"stored":true})";
  answer(502, failure);
  answer(502, failure);
  answer(200, R"({"asked":["prod/a"],"failures":[],"stored":false})");
  EXPECT_EQ(run_refresh(context(), digest, true), ExitCode::ok);
  EXPECT_EQ(slept_, 2 * ask_again_after);
  EXPECT_THAT(out_.str(), HasSubstr("  not in the database yet\n"));
}

TEST_F(Commands, RefreshOfAnUnknownImageIsANo) {
  answer(200, R"({"allowed":false,"digest":null})");
  EXPECT_EQ(failure_of([&] { run_refresh(context(), "r.example/a:1", false); }), ExitCode::no);
}

TEST_F(Commands, RefreshIsANoWhenASourceDoesNotAnswer) {
  answer(502, R"({"asked":["prod/a"],"failures":["prod/a: timeout"],"stored":true})");
  EXPECT_EQ(run_refresh(context(), digest, false), ExitCode::no);
  EXPECT_EQ(out_.str(), "not refreshed: " + std::string(digest) +
                            "\n  asked: prod/a\n  failed: prod/a: timeout\n");
}

TEST_F(Commands, AGatewayThatFailsIsNoAnswerOfTheDaemon) {
  answer(502, "<html>bad gateway</html>");
  EXPECT_EQ(failure_of([&] { run_refresh(context(), digest, false); }), ExitCode::unreachable);
}

TEST_F(Commands, SubmitSendsEveryFileOfAFolderAndFailsForOneRefusal) {
  TemporaryFiles files;
  files.write("b.json", "two");
  files.write("a.json", "one");
  files.write(".hidden", "none");
  SubmitOptions options;
  options.paths = {files.path()};
  options.image = "r.example/a@" + std::string(digest);
  options.finished_at = parse_rfc3339("2026-11-01T12:00:00Z");
  answer(201, R"({"accepted":true,"scans":[]})");
  answer(422, R"({"accepted":true,"reason":"no_time"})");
  std::istringstream input;
  EXPECT_EQ(run_submit(context(), options, input), ExitCode::no);
  EXPECT_EQ(out_.str(), "accepted: " + files.path() + "/a.json\nrejected: " + files.path() +
                            "/b.json: no time\n");
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0].body, "one");
  EXPECT_EQ(requests_[0].url, "http://127.0.0.1:1/api/v1/scans?image=r.example%2Fa%40sha256%3A" +
                                  std::string(64, 'a') + "&finished_at=2026-11-01T12%3A00%3A00Z");
}

TEST_F(Commands, SubmitReadsStandardInputWhole) {
  SubmitOptions options;
  options.paths = {"-"};
  answer(201, R"({"accepted":true,"scans":[]})");
  std::istringstream input(std::string(3'000'000, 'x'));
  EXPECT_EQ(run_submit(context(), options, input), ExitCode::ok);
  EXPECT_EQ(requests_[0].body.size(), 3'000'000u);
  EXPECT_EQ(out_.str(), "accepted: standard input\n");
}

}  // namespace
}  // namespace scanclock
