#include "core/domain/state.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <random>

namespace scanclock {
namespace {

using facts::day;
using facts::hours;
using facts::microsecond;
using facts::noon;

ImageFacts scanned(TimePoint at) {
  ImageFacts facts;
  facts.scan_finished_at = at;
  facts.first_seen_at = noon - 100 * day;
  return facts;
}

TEST(StateOfAScannedImage, IsCompliantUpToAndIncludingItsDeadline) {
  const Policy policy;
  struct Case {
    Duration age;
    State state;
    int stage;
  };
  const Case cases[] = {
      {Duration::zero(), State::fresh, 0}, {23 * day - microsecond, State::fresh, 0},
      {23 * day, State::due_soon, 1},      {27 * day - microsecond, State::due_soon, 1},
      {27 * day, State::due_soon, 2},      {29 * day, State::due_soon, 3},
      {30 * day, State::due_soon, 3},      {30 * day + microsecond, State::overdue, 3},
      {3000 * day, State::overdue, 3},     {-std::chrono::minutes(5), State::fresh, 0},
  };
  for (const Case& item : cases) {
    const Standing standing = evaluate(noon, policy, scanned(noon - item.age));
    EXPECT_EQ(standing.state, item.state) << format_duration(item.age);
    EXPECT_EQ(standing.stage, item.stage) << format_duration(item.age);
    EXPECT_EQ(standing.deadline_at, noon - item.age + 30 * day);
  }
}

TEST(StateOfAScannedImage, KnowsNoDaylightSaving) {
  // Clocks in Europe go back on 2026-10-25; thirty days stay 2 592 000 s.
  const TimePoint before = *parse_rfc3339("2026-10-20T12:00:00+02:00");
  const Standing standing = evaluate(before, Policy(), scanned(before));
  EXPECT_EQ(format_rfc3339(standing.deadline_at), "2026-11-19T10:00:00Z");
}

TEST(StateOfAScannedImage, IsDueSoonFromTheStartWhenTheWarningIsLongerThanTheWindow) {
  Policy policy;
  policy.window = day;
  const Standing standing = evaluate(noon, policy, scanned(noon));
  EXPECT_EQ(standing.state, State::due_soon);
  policy.warn_before = {};
  EXPECT_EQ(evaluate(noon + day, policy, scanned(noon)).state, State::fresh);
  EXPECT_EQ(evaluate(noon + day + microsecond, policy, scanned(noon)).state, State::overdue);
}

TEST(StateOfAnUnscannedImage, HasADeadlineThatFollowsFromHowItCameIn) {
  struct Case {
    std::string what;
    EntryBasis basis;
    bool has_entry;
    bool running;
    TimePoint deadline;
  };
  const TimePoint seen = noon - 10 * day;
  const TimePoint entered = noon - 9 * day;
  const TimePoint ran = noon - 5 * day;
  const Case cases[] = {
      {"known entry, not running: grace", EntryBasis::first_seen, true, false, entered + 30 * day},
      {"push event: grace", EntryBasis::push_event, true, false, entered + 30 * day},
      {"platform's word: grace", EntryBasis::platform_api, true, false, entered + 30 * day},
      {"there at the beginning: none", EntryBasis::initial, true, false, seen},
      {"in no production registry: none", EntryBasis::first_seen, false, false, seen},
      {"known entry but running: none", EntryBasis::first_seen, true, true, ran},
      {"there at the beginning and running", EntryBasis::initial, true, true, seen},
  };
  for (const Case& item : cases) {
    ImageFacts facts;
    facts.first_seen_at = seen;
    facts.entry_basis = item.basis;
    facts.running = item.running;
    facts.first_running_at = ran;
    if (item.has_entry) {
      facts.entry_at = entered;
    }
    const Standing standing = evaluate(noon, Policy(), facts);
    EXPECT_EQ(standing.state, State::never_scanned) << item.what;
    EXPECT_EQ(standing.deadline_at, item.deadline) << item.what;
    EXPECT_EQ(standing.next_change_at.has_value(), item.deadline >= noon) << item.what;
  }
}

TEST(StateOfAnUnscannedImage, RunningWithoutAKnownStartGetsNoGrace) {
  ImageFacts facts;
  facts.first_seen_at = noon - day;
  facts.entry_at = noon - day;
  facts.entry_basis = EntryBasis::first_seen;
  facts.running = true;
  EXPECT_EQ(evaluate(noon, Policy(), facts).deadline_at, noon - day);
}

TEST(AnchorAtTheEntry, ExtendsOnlyWhatWasScannedBeforeAKnownEntry) {
  Policy policy;
  policy.anchor = Anchor::registry_entry;
  ImageFacts facts = scanned(noon - 20 * day);
  facts.entry_at = noon - 5 * day;
  facts.entry_basis = EntryBasis::first_seen;
  facts.scanned_before_entry = true;
  EXPECT_EQ(evaluate(noon, policy, facts).deadline_at, noon + 25 * day);

  ImageFacts initial = facts;
  initial.entry_basis = EntryBasis::initial;
  EXPECT_EQ(evaluate(noon, policy, initial).deadline_at, noon + 10 * day);

  ImageFacts late = facts;
  late.scanned_before_entry = false;
  EXPECT_EQ(evaluate(noon, policy, late).deadline_at, noon + 10 * day);

  ImageFacts rescanned = facts;
  rescanned.scan_finished_at = noon;
  EXPECT_EQ(evaluate(noon, policy, rescanned).deadline_at, noon + 30 * day) << "never shortened";

  EXPECT_EQ(evaluate(noon, Policy(), facts).deadline_at, noon + 10 * day) << "anchor last_scan";
}

/// Everything of a standing that an alert or a person may notice.
auto noticed(const Standing& standing, TimePoint now) {
  return std::tuple(standing.state, standing.deadline_at, standing.stage,
                    now > standing.deadline_at);
}

TEST(NextChange, IsAlwaysTheNextMomentAtWhichTheStandingChanges) {
  std::mt19937 random(20261101);
  const auto upto = [&](int limit) { return static_cast<int>(random() % limit); };
  for (int round = 0; round < 20000; ++round) {
    Policy policy;
    policy.window = hours(1 + upto(1000));
    policy.warn_before.clear();
    for (int left = upto(4); left > 0; --left) {
      policy.warn_before.push_back(hours(upto(1200)));
    }
    policy.anchor = upto(2) == 0 ? Anchor::last_scan : Anchor::registry_entry;
    policy.never_scanned_grace = hours(upto(500));
    ImageFacts facts;
    facts.first_seen_at = noon - hours(upto(2000));
    if (upto(3) != 0) {
      facts.scan_finished_at = noon - hours(upto(1500)) + Duration(upto(3));
    }
    facts.scanned_before_entry = upto(2) == 0;
    if (upto(2) == 0) {
      facts.entry_at = noon - hours(upto(2000));
    }
    facts.entry_basis = static_cast<EntryBasis>(upto(4));
    facts.running = upto(2) == 0;
    if (upto(2) == 0) {
      facts.first_running_at = noon - hours(upto(2000));
    }
    const Standing standing = evaluate(noon, policy, facts);
    const auto later = [&](TimePoint now) { return noticed(evaluate(now, policy, facts), now); };
    if (!standing.next_change_at) {
      EXPECT_EQ(later(noon + 10000 * day), noticed(standing, noon)) << round;
      continue;
    }
    const TimePoint change = *standing.next_change_at;
    ASSERT_GT(change, noon) << round;
    EXPECT_EQ(later(change - microsecond), noticed(standing, noon)) << round;
    EXPECT_EQ(later(noon + (change - noon) / 2 - microsecond * (change - noon == microsecond)),
              noticed(standing, noon))
        << round;
    EXPECT_NE(later(change), noticed(standing, noon)) << round;
  }
}

TEST(Verdicts, OnlyTheFirstTwoMayRun) {
  for (int value = 0; value <= static_cast<int>(Verdict::unresolved); ++value) {
    const auto verdict = static_cast<Verdict>(value);
    EXPECT_EQ(may_run(verdict), verdict == Verdict::compliant || verdict == Verdict::expiring);
    EXPECT_EQ(parse_verdict(to_string(verdict)), verdict);
  }
  for (const State state : {State::fresh, State::due_soon, State::overdue, State::never_scanned}) {
    EXPECT_EQ(parse_state(to_string(state)), state);
  }
  EXPECT_FALSE(parse_state("compliant"));
  EXPECT_FALSE(parse_verdict(""));
}

}  // namespace
}  // namespace scanclock
