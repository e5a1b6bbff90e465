#include "cli/commands.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <sstream>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A daemon that takes reports, or is busy, as a test says; sleeping moves the clock.
class SubmitCommand : public testing::Test {
 protected:
  void answer(int status, const std::string& body, const std::string& retry_after = {}) {
    HttpResponse response;
    response.status = status;
    response.body = body;
    if (!retry_after.empty()) {
      response.headers.emplace_back("Retry-After", retry_after);
    }
    answers_.push_back(response);
  }
  void accept() { answer(201, R"({"accepted":true,"scans":[]})"); }

  ExitCode submit(std::vector<std::string> paths, const std::string& piped = {}) {
    SubmitOptions options;
    options.paths = std::move(paths);
    std::istringstream input(piped);
    CommandContext context{server_,
                           format_,
                           out_,
                           err_,
                           [this] { return now_; },
                           [this](Duration duration) {
                             now_ += duration;
                             slept_.push_back(duration);
                           }};
    try {
      return run_submit(context, options, input);
    } catch (const CommandError& error) {
      message_ = error.what();
      return error.code();
    }
  }

  std::vector<std::string> bodies() const {
    std::vector<std::string> texts;
    for (const HttpRequest& request : requests_) {
      texts.push_back(request.body);
    }
    return texts;
  }

  std::deque<HttpResponse> answers_;
  std::vector<HttpRequest> requests_;
  std::vector<Duration> slept_;
  TimePoint now_ = *parse_rfc3339("2026-11-10T12:00:00Z");
  OutputFormat format_ = OutputFormat::table;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string message_;
  Server server_{"http://127.0.0.1:1", "",
                 [this](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                   requests_.push_back(std::move(request));
                   if (answers_.empty()) {
                     return HttpFailure();
                   }
                   HttpResponse next = answers_.front();
                   answers_.pop_front();
                   return next;
                 }};
};

TEST_F(SubmitCommand, SendsEveryArgumentInOrderWithFoldersSorted) {
  TemporaryFiles files;
  files.write("b", "2");
  files.write("a", "1");
  TemporaryFiles more;
  const std::string single = more.write("single.json", "0");
  for (int i = 0; i < 4; ++i) {
    accept();
  }
  EXPECT_EQ(submit({single, files.path(), "-"}, "piped"), ExitCode::ok);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"0", "1", "2", "piped"}));
  EXPECT_EQ(out_.str(), "accepted: " + single + "\naccepted: " + files.path() +
                            "/a\naccepted: " + files.path() + "/b\naccepted: standard input\n");
}

TEST_F(SubmitCommand, ReadsStandardInputOnceOnly) {
  EXPECT_EQ(submit({"-", "-"}), ExitCode::usage);
  EXPECT_TRUE(requests_.empty());
}

TEST_F(SubmitCommand, WaitsAsLongAsABusyServerSaysAndSendsTheSameAgain) {
  answer(503, R"({"reason":"not_stored_yet"})", "15");
  answer(503, R"({"reason":"not_ready"})");
  accept();
  EXPECT_EQ(submit({"-"}, "report"), ExitCode::ok);
  EXPECT_EQ(bodies(), std::vector<std::string>(3, "report"));
  EXPECT_EQ(slept_, (std::vector<Duration>{std::chrono::seconds(15), submit_again_after}));
}

TEST_F(SubmitCommand, GivesUpOnAServerThatStaysBusy) {
  for (int i = 0; i < 100; ++i) {
    answer(503, R"({"detail":"the database does not take changes"})", "50");
  }
  EXPECT_EQ(submit({"-"}, "report"), ExitCode::unreachable);
  EXPECT_EQ(slept_, std::vector<Duration>(3, std::chrono::seconds(50)));
  EXPECT_THAT(message_, HasSubstr("the database does not take changes\nHINT: gave up after 3m"));
}

TEST_F(SubmitCommand, NeverWaitsLongerThanAMinuteAtATimeNorLessThanASecond) {
  answer(503, "", "86400");
  answer(503, "", "0");
  answer(503, "", "Wed, 21 Oct 2026 07:28:00 GMT");
  answer(503, "", "-5");
  accept();
  EXPECT_EQ(submit({"-"}, "report"), ExitCode::ok);
  EXPECT_EQ(slept_, (std::vector<Duration>{submit_pause_max, std::chrono::seconds(1),
                                           submit_again_after, submit_again_after}));
}

TEST_F(SubmitCommand, AnswersWithOneWhenAnyReportIsRefused) {
  answer(422, R"({"accepted":false,"reason":"no_subject","detail":"names no image"})");
  accept();
  TemporaryFiles files;
  const std::string first = files.write("a", "1");
  const std::string second = files.write("b", "2");
  format_ = OutputFormat::json;
  EXPECT_EQ(submit({first, second}), ExitCode::no);
  const json all = json::parse(out_.str());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at("file"), first);
  EXPECT_EQ(all[0].at("reason"), "no_subject");
  EXPECT_EQ(all[1].at("accepted"), true);
}

TEST_F(SubmitCommand, StopsAtOnceWithoutTheRight) {
  answer(403, R"({"detail":"changing anything needs a token"})");
  EXPECT_EQ(submit({"-"}, "report"), ExitCode::bad_configuration);
  EXPECT_TRUE(slept_.empty());
}

}  // namespace
}  // namespace scanclock
