#include "core/registry/schedule.hpp"

#include <gtest/gtest.h>

#include <map>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr Duration tags_every = 15min;
constexpr Duration evidence_every = 1h;
const TimePoint wall_start = *parse_rfc3339("2026-11-01T12:00:00Z");

Instant at(Duration since_start) { return Instant{wall_start + since_start, 1000s + since_start}; }

PollItem tag(int number) {
  return PollItem(PollKind::tag_check, "team/app", "tag" + std::to_string(number));
}
PollItem subject(int number) {
  return PollItem(PollKind::evidence, "team/app", "subject" + std::to_string(number));
}

/// Runs a schedule as a poller would, answering at once, and counts what is asked each second.
class Simulation {
 public:
  explicit Simulation(int items) : items_(items) { restart(0s); }

  void restart(Duration now) {
    schedule_ = Schedule();
    for (int i = 0; i < items_; ++i) {
      schedule_.add(tag(i), tags_every, Schedule::First::in_turn, at(now));
      schedule_.add(subject(i), evidence_every, Schedule::First::in_turn, at(now));
    }
  }

  void run(Duration from, Duration to) {
    for (Duration now = from; now < to; now += 10ms) {
      while (auto item = schedule_.pop(at(now))) {
        ++asked_in_[std::chrono::floor<std::chrono::seconds>(now).count()];
        ++asked_[*item];
        const Duration period = item->kind == PollKind::evidence ? evidence_every : tags_every;
        schedule_.finished(*item, period, false, false, at(now));
      }
    }
  }

  int peak() const {
    int most = 0;
    for (const auto& [second, count] : asked_in_) {
      most = std::max(most, count);
    }
    return most;
  }
  double mean() const { return schedule_.mean_per_second(); }
  const std::map<PollItem, int>& asked() const { return asked_; }

 private:
  int items_;
  Schedule schedule_;
  std::map<long, int> asked_in_;
  std::map<PollItem, int> asked_;
};

class PeakSecond : public testing::TestWithParam<int> {};

TEST_P(PeakSecond, IsAtMostOneAndAHalfTimesTheMeanRestartsIncluded) {
  Simulation simulation(GetParam());
  simulation.run(0s, 40min);
  simulation.restart(40min);
  simulation.run(40min, 2h);
  EXPECT_LE(simulation.peak(), 1.5 * simulation.mean()) << "mean " << simulation.mean();
}

TEST_P(PeakSecond, LeavesNobodyOut) {
  Simulation simulation(GetParam());
  simulation.run(0s, 65min);
  for (int i = 0; i < GetParam(); ++i) {
    EXPECT_GE(simulation.asked().at(tag(i)), 4);
    EXPECT_LE(simulation.asked().at(tag(i)), 5);
    EXPECT_GE(simulation.asked().at(subject(i)), 1);
  }
}

// 4 200 tags and subjects are 5.8 requests a second.
INSTANTIATE_TEST_SUITE_P(Sizes, PeakSecond, testing::Values(4'200, 20'000));

TEST(Schedule, AsksNewThingsAtOnceAndThenInTheirTurn) {
  Schedule schedule;
  EXPECT_TRUE(schedule.add(tag(1), tags_every, Schedule::First::at_once, at(0s)));
  EXPECT_FALSE(schedule.add(tag(1), tags_every, Schedule::First::at_once, at(0s)));
  EXPECT_EQ(schedule.pop(at(0s)), tag(1));
  EXPECT_EQ(schedule.pop(at(0s)), std::nullopt);
  schedule.finished(tag(1), tags_every, false, false, at(1s));
  EXPECT_GT(*schedule.next_due(), at(1s).monotonic);
  EXPECT_LE(*schedule.next_due(), at(1s).monotonic + tags_every * 9 / 8);
}

TEST(Schedule, KeepsTheTurnOfAnItemAcrossARestart) {
  Schedule before;
  before.add(tag(1), tags_every, Schedule::First::in_turn, at(0s));
  Schedule after;
  after.add(tag(1), tags_every, Schedule::First::in_turn, at(40s));
  const Duration gap = *after.next_due() - *before.next_due();
  EXPECT_EQ(gap % tags_every, 0s);
}

TEST(Schedule, BringsARunningDigestForward) {
  Schedule schedule;
  for (int i = 0; i < 100; ++i) {
    schedule.add(subject(i), evidence_every, Schedule::First::in_turn, at(0s));
  }
  EXPECT_TRUE(schedule.ask_now(subject(42), at(1s)));
  EXPECT_EQ(schedule.pop(at(1s)), subject(42));
  EXPECT_FALSE(schedule.ask_now(subject(1000), at(1s)));
}

TEST(Schedule, AsksAgainWhenWantedWhileUnderWay) {
  Schedule schedule;
  schedule.add(subject(1), evidence_every, Schedule::First::at_once, at(0s));
  ASSERT_TRUE(schedule.pop(at(0s)));
  schedule.ask_now(subject(1), at(0s));
  EXPECT_EQ(schedule.pop(at(0s)), std::nullopt);
  schedule.finished(subject(1), evidence_every, false, false, at(1s));
  EXPECT_EQ(schedule.pop(at(1s)), subject(1));
}

TEST(Schedule, TriesAgainEarlierAndEarlierNoMoreAfterFailures) {
  Schedule schedule;
  schedule.add(subject(1), evidence_every, Schedule::First::at_once, at(0s));
  Duration now = 0s;
  Duration before = 0s;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(schedule.pop(at(now)));
    schedule.finished(subject(1), evidence_every, false, true, at(now));
    const Duration wait = *schedule.next_due() - at(now).monotonic;
    EXPECT_GT(wait, before);
    EXPECT_LE(wait, 2min + 1s);
    before = wait;
    now += wait;
  }
}

TEST(Schedule, OutlastsAStepOfTheWallClock) {
  Schedule schedule;
  schedule.add(tag(1), tags_every, Schedule::First::at_once, at(0s));
  ASSERT_TRUE(schedule.pop(at(0s)));
  Instant stepped = at(0s);
  stepped.wall -= 24h * 3650;
  schedule.finished(tag(1), tags_every, false, false, stepped);
  EXPECT_LE(*schedule.next_due(), stepped.monotonic + tags_every * 9 / 8);
}

TEST(Schedule, ForgetsWhatIsRemovedEvenWhileUnderWay) {
  Schedule schedule;
  schedule.add(tag(1), tags_every, Schedule::First::at_once, at(0s));
  ASSERT_TRUE(schedule.pop(at(0s)));
  schedule.remove(tag(1));
  schedule.finished(tag(1), tags_every, false, false, at(1s));
  EXPECT_EQ(schedule.size(), 0U);
  EXPECT_NEAR(schedule.mean_per_second(), 0, 1e-9);
}

TEST(Schedule, DoesNotHoldBackWhatAnOutageMadeLate) {
  Schedule schedule;
  for (int i = 0; i < 900; ++i) {
    schedule.add(tag(i), tags_every, Schedule::First::in_turn, at(0s));
  }
  int popped = 0;
  while (schedule.pop(at(tags_every * 2))) {
    ++popped;
  }
  EXPECT_GT(popped, 800);
}

}  // namespace
}  // namespace scanclock
