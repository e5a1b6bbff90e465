#include "cli/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <sstream>

namespace scanclock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A daemon whose answers are given one after the other.
class ContainerCommands : public testing::Test {
 protected:
  void answer(int status, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.body = body;
    answers_.push_back(std::move(response));
  }

  CommandContext context() {
    return CommandContext{
        server_,        format_, out_, err_, [] { return *parse_rfc3339("2026-11-10T12:00:00Z"); },
        [](Duration) {}};
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

  Filters at(const std::string& time) {
    Filters filters;
    filters.emplace_back("at", time);
    return filters;
  }

  std::deque<HttpResponse> answers_;
  std::vector<std::string> asked_;
  OutputFormat format_ = OutputFormat::table;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string message_;
  Server server_{"http://127.0.0.1:1", "",
                 [this](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                   asked_.push_back(request.method + " " + request.url);
                   HttpResponse next = answers_.empty() ? HttpResponse() : answers_.front();
                   if (!answers_.empty()) {
                     answers_.pop_front();
                   }
                   return next;
                 }};
};

TEST_F(ContainerCommands, ThePastIsShownWithWhatWasNotWatched) {
  const std::string past = R"({"at":"2026-11-03T14:00:00Z","recorded_from":"2026-10-01T00:00:00Z",
    "unwatched":[{"source":"host-b","watched_until":"2026-11-03T13:00:00Z","watched_again_from":null},
                 {"source":"host-c","watched_until":null,"watched_again_from":"2026-11-04T00:00:00Z"}],
    "containers":[{"source":"host-a","namespace":"web","workload":"","name":"front","verdict":null}],
    "next":null})";
  answer(200, past);
  answer(200, past);
  EXPECT_EQ(run_containers(context(), at("2026-11-03T14:00:00Z")), ExitCode::ok);
  EXPECT_THAT(out_.str(), HasSubstr("not recorded"));
  EXPECT_EQ(err_.str(),
            "warning: host-b was not watched then, only until 2026-11-03T13:00:00Z: what began or "
            "ended there since is not in the list\n"
            "warning: host-c was not watched then: what began or ended there since is not in the "
            "list\n");
  EXPECT_THAT(asked_,
              ElementsAre("GET http://127.0.0.1:1/api/v1/containers?at=2026-11-03T14%3A00%3A00Z"
                          "&limit=1",
                          "GET http://127.0.0.1:1/api/v1/containers?at=2026-11-03T14%3A00%3A00Z"
                          "&limit=1000"));
}

TEST_F(ContainerCommands, AMomentBeyondTheRecordIsNoEmptyList) {
  for (const int status : {404, 410}) {
    answer(status, R"({"detail":"no workload source was watched before 2026-10-01T00:00:00Z"})");
    EXPECT_EQ(failure_of([&] { run_containers(context(), at("2026-01-01T00:00:00Z")); }),
              ExitCode::no);
    EXPECT_THAT(message_, HasSubstr("no workload source was watched before"));
  }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ContainerCommands, TheFutureIsNotAskedFor) {
  EXPECT_EQ(failure_of([&] { run_containers(context(), at("2026-11-10T12:00:01Z")); }),
            ExitCode::usage);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(ContainerCommands, AConfirmationSaysWhatItDid) {
  answer(200, R"({"source":"edge 1","confirmed":"drop","detail":"the drop is believed"})");
  EXPECT_EQ(run_source_confirm(context(), "edge 1"), ExitCode::ok);
  EXPECT_EQ(out_.str(), "edge 1: the drop is believed\n");
  EXPECT_THAT(asked_, ElementsAre("POST http://127.0.0.1:1/api/v1/sources/edge%201/confirm_drop"));
}

TEST_F(ContainerCommands, AConfirmationOfNothingExitsWithOne) {
  for (const int status : {404, 409}) {
    answer(status, R"({"detail":"nothing is doubted"})");
    EXPECT_EQ(failure_of([&] { run_source_confirm(context(), "edge"); }), ExitCode::no);
    EXPECT_EQ(message_, "nothing is doubted");
  }
}

}  // namespace
}  // namespace scanclock
