#include "core/registry/pace.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

PaceLimits limits() {
  PaceLimits result;
  result.requests_per_second = 10;
  result.failures_to_open = 3;
  result.open_first = 4s;
  result.open_max = 60s;
  return result;
}

constexpr Duration start = 100s;

TEST(Pace, SpacesRequestsByTheirRate) {
  Pace pace(limits(), 1);
  std::vector<Duration> waits;
  for (int i = 0; i < 5; ++i) {
    waits.push_back(pace.take_turn(start));
  }
  EXPECT_LE(waits[0], 0ms);
  EXPECT_GE(waits[4], 300ms);
  EXPECT_LE(waits[4], 400ms);
}

TEST(Pace, DoesNotSaveUpUnusedTurns) {
  Pace pace(limits(), 1);
  (void)pace.take_turn(start);
  (void)pace.take_turn(start + 60s);
  (void)pace.take_turn(start + 60s);
  EXPECT_GE(pace.take_turn(start + 60s), 100ms);
}

TEST(Pace, HonoursRetryAfterToTheSecond) {
  Pace pace(limits(), 1);
  pace.failed(start, 37s, "rate_limited");
  EXPECT_EQ(pace.blocked_for(start), 37s);
  EXPECT_EQ(pace.blocked_for(start + 36s), 1s);
  EXPECT_EQ(pace.blocked_for(start + 37s), 0s);
  EXPECT_EQ(pace.last_reason(), "rate_limited");
}

TEST(Breaker, OpensAfterConsecutiveFailuresOnly) {
  Pace pace(limits(), 1);
  pace.failed(start, std::nullopt, "timeout");
  pace.failed(start, std::nullopt, "timeout");
  pace.answered();
  pace.failed(start, std::nullopt, "timeout");
  pace.failed(start, std::nullopt, "timeout");
  EXPECT_EQ(pace.blocked_for(start), 0s);
  pace.failed(start, std::nullopt, "timeout");
  EXPECT_GT(pace.blocked_for(start), 3s);
}

void open(Pace& pace, Duration now) {
  for (int i = 0; i < 3; ++i) {
    pace.failed(now, std::nullopt, "connect");
  }
}

TEST(Breaker, LetsOneProbeThroughAndClosesOnItsAnswer) {
  Pace pace(limits(), 1);
  open(pace, start);
  const Duration later = start + pace.blocked_for(start);
  EXPECT_EQ(pace.blocked_for(later), 0s);
  pace.start();
  EXPECT_EQ(pace.blocked_for(later), Pace::probe_wait);
  pace.answered();
  EXPECT_EQ(pace.blocked_for(later), 0s);
}

TEST(Breaker, WaitsLongerAfterEachFailedProbe) {
  Pace pace(limits(), 1);
  open(pace, start);
  Duration now = start;
  Duration before = 0s;
  for (int i = 0; i < 4; ++i) {
    const Duration wait = pace.blocked_for(now);
    EXPECT_GT(wait, before);
    before = wait;
    now += wait;
    pace.start();
    pace.failed(now, std::nullopt, "connect");
  }
}

TEST(Breaker, LetsAnotherProbeThroughWhenOneIsAbandoned) {
  Pace pace(limits(), 1);
  open(pace, start);
  const Duration later = start + pace.blocked_for(start);
  pace.start();
  pace.abandoned();
  EXPECT_EQ(pace.blocked_for(later), 0s);
}

}  // namespace
}  // namespace scanclock
