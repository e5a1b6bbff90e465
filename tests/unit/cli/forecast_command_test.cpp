#include "cli/commands.hpp"
#include "cli/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json a_forecast() {
  return json::parse(R"({"at":"2026-11-20T12:00:00Z","images":47,
    "overdue":{"images":2,"nearest":[{"name":"r.example/team/pay:1.0"}]},
    "never_scanned":{"images":0,"nearest":[]},
    "days":[{"date":"2026-11-20","images":0,"nearest":[]},
            {"date":"2026-11-21","images":1,"nearest":[{"name":"r.example/team/web:2"}]},
            {"date":"2026-11-22","images":40,"nearest":[{"name":"r.example/team/api:3"}]}],
    "later":4,"unbound":1,
    "by":{"owner":[{"name":"payments","images":3,"overdue":2,"never_scanned":0,"days":[0,1,0],
                    "later":0},
                   {"name":"","images":44,"overdue":0,"never_scanned":0,"days":[0,0,40],
                    "later":4}]},
    "left_out":{"owner":0}})");
}

TEST(RenderForecast, ShowsEveryDayWithABarAndTheNearestImage) {
  const std::string bar(40, '#');
  EXPECT_EQ(render_forecast(a_forecast()),
            "DAY            DATE            IMAGES  NEAREST                 BAR\n"
            "overdue        -               2       r.example/team/pay:1.0  ##\n"
            "never scanned  -               0       -                       -\n"
            "today          Fri 2026-11-20  0       -                       -\n"
            "+1             Sat 2026-11-21  1       r.example/team/web:2    #\n"
            "+2             Sun 2026-11-22  40      r.example/team/api:3    " +
                bar +
                "\n"
                "47 running images: 41 pass their deadline within 3 days if nothing is scanned, "
                "4 later; 1 more image no policy binds\n");
}

TEST(RenderForecast, ShowsALineForEachGroup) {
  const std::string text = render_forecast_by(a_forecast(), "owner");
  EXPECT_THAT(text, HasSubstr("OWNER     IMAGES  OVERDUE  NEVER SCANNED  TODAY  7 DAYS  3 DAYS"));
  EXPECT_THAT(text, HasSubstr("payments  3       2        0              0      1       1"));
  EXPECT_THAT(text, HasSubstr("-         44      0        0              0      40      40"));
  EXPECT_EQ(render_forecast_by(a_forecast(), "namespace"), "no images\n");
}

class ForecastCommand : public testing::Test {
 protected:
  CommandContext context(int status, const std::string& body,
                         OutputFormat format = OutputFormat::table) {
    response_.status = status;
    response_.body = body;
    return CommandContext{server_, format, out_, out_, [] { return TimePoint(); }, [](Duration) {}};
  }

  HttpResponse response_;
  std::string asked_;
  std::ostringstream out_;
  Server server_{"http://127.0.0.1:1", "",
                 [this](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                   asked_ = request.url;
                   return response_;
                 }};
};

TEST_F(ForecastCommand, AsksWithItsFilters) {
  Filters filters;
  filters.emplace_back("owner", "team a");
  filters.emplace_back("days", "3");
  EXPECT_EQ(run_forecast(context(200, a_forecast().dump()), filters, ""), ExitCode::ok);
  EXPECT_EQ(asked_, "http://127.0.0.1:1/api/v1/forecast?owner=team%20a&days=3");
  EXPECT_THAT(out_.str(), HasSubstr("47 running images"));
}

TEST_F(ForecastCommand, PrintsTheAnswerAsItIsWhenAsked) {
  run_forecast(context(200, a_forecast().dump(), OutputFormat::json), Filters(), "owner");
  EXPECT_EQ(asked_, "http://127.0.0.1:1/api/v1/forecast");
  EXPECT_EQ(json::parse(out_.str()), a_forecast());
}

TEST_F(ForecastCommand, SaysWhichParameterWasWrong) {
  try {
    run_forecast(context(400, R"({"detail":"days must be a number from 1 to 400"})"), Filters(),
                 "");
    FAIL();
  } catch (const CommandError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("days must be a number"));
  }
}

}  // namespace
}  // namespace scanclock
