#include "cli/receiver_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace scanclock {
namespace {

using testing::HasSubstr;

class ReceiverCommand : public testing::Test {
 protected:
  CommandContext context(int status, const std::string& body,
                         OutputFormat format = OutputFormat::table) {
    response_.status = status;
    response_.body = body;
    const auto now = [] { return *parse_rfc3339("2026-11-01T12:00:00Z"); };
    return CommandContext{server_, format, out_, out_, now, [](Duration) {}};
  }

  HttpResponse response_;
  std::string asked_;
  std::ostringstream out_;
  Server server_{"http://127.0.0.1:1", "",
                 [this](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                   asked_ = request.method + " " + request.url;
                   return response_;
                 }};
};

TEST_F(ReceiverCommand, ListsReceiversWithTheirQueuesAndErrors) {
  const char* const body = R"({"next":null,"receivers":[
    {"name":"oncall","kind":"pagerduty","state":"ok","waiting":0,"set_aside":0,
     "last_delivered_at":"2026-11-01T11:55:00Z","last_error":null},
    {"name":"chat","kind":"slack","state":"failing","waiting":3,"set_aside":1,
     "last_delivered_at":null,"last_error":"the receiver answered 500"}]})";
  EXPECT_EQ(run_receiver_list(context(200, body)), ExitCode::ok);
  EXPECT_EQ(out_.str(),
            "NAME    KIND       STATE    WAITING  SET ASIDE  LAST DELIVERED  LAST ERROR\n"
            "oncall  pagerduty  ok       0        0          5m ago          -\n"
            "chat    slack      failing  3        1          never           "
            "the receiver answered 500\n");
}

TEST_F(ReceiverCommand, SaysHowTheTestWent) {
  EXPECT_EQ(run_receiver_test(context(200, R"({"receiver":"oncall","kind":"pagerduty",
                "delivered":true,"status":202,"error":null,"duration_ms":12})"),
                              "oncall"),
            ExitCode::ok);
  EXPECT_EQ(asked_, "POST http://127.0.0.1:1/api/v1/receivers/oncall/test");
  EXPECT_EQ(out_.str(), "oncall (pagerduty): delivered in 12 ms, status 202\n");
}

TEST_F(ReceiverCommand, AnswersNoWhenTheTestWasNotTaken) {
  EXPECT_EQ(run_receiver_test(context(200, R"({"receiver":"a b","kind":"email",
                "delivered":false,"status":null,"error":"connect","duration_ms":3})"),
                              "a b"),
            ExitCode::no);
  EXPECT_EQ(asked_, "POST http://127.0.0.1:1/api/v1/receivers/a%20b/test");
  EXPECT_EQ(out_.str(), "a b (email): not delivered in 3 ms: connect\n");
}

TEST_F(ReceiverCommand, AnswersNoForAReceiverThatIsNotThere) {
  try {
    run_receiver_test(context(404, R"({"detail":"the settings have no receiver x"})"), "x");
    FAIL();
  } catch (const CommandError& error) {
    EXPECT_EQ(error.code(), ExitCode::no);
    EXPECT_THAT(error.what(), HasSubstr("no receiver x"));
  }
}

}  // namespace
}  // namespace scanclock
