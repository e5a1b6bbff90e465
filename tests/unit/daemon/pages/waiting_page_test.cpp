#include "daemon/pages/waiting_page.hpp"

#include "tests/unit/daemon/pages/page_world.hpp"

namespace scanclock {
namespace {

using testing::HasSubstr;
using testing::Not;

const TimePoint waiting_now = *parse_rfc3339("2026-11-22T12:00:00Z");

HttpResponse waiting_for(const std::string& method, const std::string& target,
                         const WaitingState& state) {
  HttpServerRequest request;
  request.method = method;
  request.target = target;
  return waiting_answer(request, state, waiting_now);
}

WaitingState standing_by() {
  WaitingState state;
  state.reason = "another daemon holds the lease; this one stands by";
  state.stands_by = true;
  state.active_host = "node-1<b>";
  state.active_since = waiting_now - std::chrono::hours(3);
  return state;
}

TEST(WaitingPage, SaysWhoIsActiveSinceWhenAndWhatToDo) {
  const HttpResponse answer = waiting_for("GET", "/images?state=overdue", standing_by());
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(page_faults(answer.body), testing::IsEmpty());
  const std::string text = read_page(answer.body)->text();
  EXPECT_THAT(text, HasSubstr("This instance stands by"));
  EXPECT_THAT(text, HasSubstr("runs on node-1<b> , since 2026-11-22 09:00:00 (3h ago)"));
  EXPECT_THAT(text, HasSubstr("Open this page there"));
  const auto policy = find_header(answer.headers, "Content-Security-Policy");
  ASSERT_TRUE(policy);
  EXPECT_THAT(std::string(*policy), HasSubstr("default-src 'none'"));
}

TEST(WaitingPage, DoesNotGuessWhoIsActive) {
  WaitingState state = standing_by();
  state.active_host.clear();
  EXPECT_THAT(waiting_for("GET", "/", state).body, Not(HasSubstr("runs on")));
}

TEST(WaitingPage, SaysWhatAStartWaitsFor) {
  WaitingState state;
  state.reason = "opening the database";
  const HttpResponse answer = waiting_for("HEAD", "/", state);
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(page_faults(answer.body), testing::IsEmpty());
  EXPECT_THAT(answer.body, HasSubstr("opening the database"));
}

TEST(WaitingPage, IsForPeopleAndHasItsStyle) {
  struct Case {
    const char* method;
    const char* target;
    int status;
    const char* type;
  };
  const Case cases[] = {
      {"GET", "/", 503, "text/html; charset=utf-8"},
      {"GET", "/alerts/0b6e", 503, "text/html; charset=utf-8"},
      {"GET", "/apiary", 503, "text/html; charset=utf-8"},
      {"GET", "/style.css", 200, "text/css; charset=utf-8"},
      {"GET", "/icon.svg", 200, "image/svg+xml"},
      {"GET", "/api/v1/images", 503, "application/problem+json"},
      {"GET", "/metrics", 503, "application/problem+json"},
      {"POST", "/", 503, "application/problem+json"},
      {"POST", "/api/v1/scans", 503, "application/problem+json"},
  };
  for (const Case& one : cases) {
    const HttpResponse answer = waiting_for(one.method, one.target, standing_by());
    EXPECT_EQ(answer.status, one.status) << one.target;
    const auto type = find_header(answer.headers, "Content-Type");
    ASSERT_TRUE(type) << one.target;
    EXPECT_EQ(*type, one.type) << one.target;
  }
}

}  // namespace
}  // namespace scanclock
