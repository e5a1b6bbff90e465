#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

class StoreHistory : public StoreTest {
 protected:
  void tag(const std::string& target, TimePoint at) {
    ChangeSet changes;
    changes.tags = {change_of(target, at)};
    commit(changes);
  }

  static TagChange change_of(const std::string& target, TimePoint at) {
    TagChange change;
    change.repository.registry = "prod";
    change.repository.repository = "team/app";
    change.tag = "latest";
    change.digest = target.empty() ? Digest() : digest_of(target);
    change.at = at;
    return change;
  }

  /// `target from..to` by minutes after base, oldest first.
  std::vector<std::string> tag_history(const std::vector<std::string>& targets) {
    std::vector<std::string> lines;
    for (const auto row : sql(*pool, "SELECT * FROM scanclock.tags ORDER BY valid_from")) {
      std::string name = "?";
      for (const auto& target : targets) {
        name = row.text("digest") == digest_of(target).str() ? target : name;
      }
      const auto to = row.optional_time("valid_to");
      lines.push_back(name + " " + minutes_after(row.time("valid_from")) + ".." +
                      (to ? minutes_after(*to) : ""));
    }
    return lines;
  }

  std::string minutes_after(TimePoint time) const {
    return std::to_string(std::chrono::floor<std::chrono::minutes>(time - base).count());
  }

  using Lines = std::vector<std::string>;
};

TEST_F(StoreHistory, KeepsWhatATagPointedAtAndWhen) {
  tag("one", minute(0));
  tag("two", minute(5));
  tag("", minute(7));
  tag("one", minute(9));
  EXPECT_EQ(tag_history({"one", "two"}), (Lines{"one 0..5", "two 5..7", "one 9.."}));
  const auto present = load().tags;
  ASSERT_EQ(present.size(), 1U);
  EXPECT_EQ(present[0].digest, digest_of("one"));
  EXPECT_EQ(present[0].at, minute(9));
}

TEST_F(StoreHistory, ClosesATagThatIsGoneAndLoadsItNoMore) {
  tag("one", minute(0));
  tag("", minute(3));
  EXPECT_EQ(tag_history({"one"}), Lines{"one 0..3"});
  EXPECT_TRUE(load().tags.empty());
}

TEST_F(StoreHistory, TakesManyChangesOfATagAtOnceAndAgain) {
  ChangeSet changes;
  changes.tags = {change_of("one", minute(0)),
                  change_of("two", minute(1)),
                  change_of("two", minute(2)),
                  change_of("", minute(3)),
                  change_of("", minute(3) + Duration(5)),
                  change_of("one", minute(4)),
                  change_of("three", minute(6))};
  const Lines expected{"one 0..1", "two 1..3", "one 4..6", "three 6.."};
  commit(changes);
  EXPECT_EQ(tag_history({"one", "two", "three"}), expected);
  commit(changes);
  EXPECT_EQ(tag_history({"one", "two", "three"}), expected);
}

TEST_F(StoreHistory, KeepsATagsPresentTargetWhenTheWallClockStepsBack) {
  tag("one", minute(10));
  tag("two", minute(8));
  tag("two", minute(8));
  EXPECT_EQ(tag_history({"one", "two"}), (Lines{"one 10..10", "two 10.."}));
  EXPECT_EQ(load().tags.at(0).digest, digest_of("two"));
}

TEST_F(StoreHistory, AddsADecisionForANewPolicyVersionAndForAChangeOfMind) {
  ChangeSet changes;
  EvidenceRow row;
  row.evidence = evidence_of("scan", base);
  changes.evidence = {row};
  changes.decisions = {decision_on(row.evidence, 1, true, base)};
  commit(changes);
  const auto decide_again = [&](int version, bool accepted, int minutes) {
    ChangeSet later;
    later.decisions = {decision_on(row.evidence, version, accepted, minute(minutes))};
    commit(later);
    return count("evidence_decisions");
  };
  EXPECT_EQ(decide_again(1, true, 1), 1) << "the same decision later is no news";
  EXPECT_EQ(decide_again(2, true, 2), 2) << "another policy version decides anew";
  EXPECT_EQ(decide_again(1, false, 3), 3) << "a change of mind is a row";
  EXPECT_EQ(decide_again(1, true, 4), 4) << "and so is the change back";
  EXPECT_EQ(decide_again(1, true, 4), 4);
  Snapshot expected;
  expected.decisions = {decision_on(row.evidence, 1, true, minute(4)),
                        decision_on(row.evidence, 2, true, minute(2))};
  expected.evidence = {row.evidence};
  EXPECT_EQ(describe(load()), describe(expected));
}

TEST_F(StoreHistory, BearsASequenceOfDecisionsThatIsStoredAgain) {
  ChangeSet changes;
  EvidenceRow row;
  row.evidence = evidence_of("scan", base);
  changes.evidence = {row};
  changes.decisions = {decision_on(row.evidence, 1, true, minute(0)),
                       decision_on(row.evidence, 1, false, minute(1))};
  commit(changes);
  commit(changes);
  EXPECT_EQ(count("evidence_decisions"), 2);
  EXPECT_FALSE(load().decisions.at(0).decision.accepted);
}

TEST_F(StoreHistory, RefusesToChangeWhatIsAppendOnly) {
  commit(full_change_set(base));
  run(stores->ledger.policy_version("fedramp-30d", "window 30d", base));
  for (const auto* statement :
       {"UPDATE scanclock.evidence SET finished_at = now()", "DELETE FROM scanclock.evidence",
        "UPDATE scanclock.evidence_decisions SET accepted = true",
        "DELETE FROM scanclock.evidence_decisions", "UPDATE scanclock.alert_events SET at = now()",
        "UPDATE scanclock.policy_versions SET content = ''", "DELETE FROM scanclock.policy_uses"}) {
    EXPECT_THROW(execute(statement), PgError) << statement;
  }
}

TEST_F(StoreHistory, ExtendsAnIntervalOfCoverageAndRecordsAGap) {
  const auto watch = [this](int from, int to) {
    CoverageInterval interval;
    interval.source = "prod";
    interval.from = minute(from);
    interval.to = minute(to);
    ChangeSet changes;
    changes.coverage = {interval};
    commit(changes);
  };
  watch(0, 1);
  watch(0, 2);
  watch(0, 3);
  EXPECT_EQ(count("coverage_intervals"), 1);
  watch(10, 11);
  watch(10, 12);
  const auto intervals = run(stores->ledger.coverage("prod", base));
  ASSERT_EQ(intervals.size(), 2U);
  EXPECT_EQ(intervals[0].to, minute(3));
  EXPECT_EQ(intervals[1].from, minute(10));
  EXPECT_EQ(intervals[1].to, minute(12));
  EXPECT_EQ(run(stores->ledger.coverage("prod", minute(4))).size(), 1U);
  EXPECT_TRUE(run(stores->ledger.coverage("other", base)).empty());
  ASSERT_EQ(load().coverage.size(), 1U);
  EXPECT_EQ(load().coverage[0].from, minute(10));
  watch(0, 2);
  EXPECT_EQ(run(stores->ledger.coverage("prod", base))[0].to, minute(3)) << "never shortened";
}

TEST_F(StoreHistory, WritesOneRowForASourcesUnchangedCycle) {
  auto changes = full_change_set(base);
  commit(changes);
  const auto written = [this] {
    execute("SELECT pg_stat_force_next_flush()");
    return sql(*pool,
               "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint AS rows "
               "FROM pg_stat_user_tables WHERE schemaname = 'scanclock'")
        .one()
        .int64("rows");
  };
  ChangeSet cycle;
  cycle.coverage = {changes.coverage[0]};
  cycle.coverage[0].to = minute(1);
  // Every connection of the pool has its own unsent statistics: one connection does it all.
  run(pool->close());
  PgPoolLimits limits;
  limits.size_max = 1;
  pool = make_pool(limits);
  stores = make_stores("daemon-a");
  run(stores->lease.acquire());
  const auto before = written();
  commit(cycle);
  EXPECT_EQ(written() - before, 1);
}

TEST_F(StoreHistory, KeepsContainersWithTheirIntervalsAndImageIds) {
  auto container = container_of("c1", minute(0));
  ChangeSet changes;
  changes.containers = {container};
  commit(changes);
  auto seen = container.observation();
  seen.digests = {digest_of("other config")};
  container = container_of(seen, minute(0),
                           {digest_of("index"), digest_of("config"), digest_of("other config")});
  container.last_seen_at = minute(5);
  changes.containers = {container};
  commit(changes);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
  EXPECT_EQ(count("container_digests"), 3);
  EXPECT_EQ(sql(*pool, "SELECT noted_at FROM scanclock.container_digests WHERE digest = '" +
                           digest_of("other config").str() + "'")
                .one()
                .time("noted_at"),
            minute(5));

  container.ended_at = minute(8);
  changes.containers = {container};
  commit(changes);
  EXPECT_TRUE(load().containers.empty());
  EXPECT_EQ(count("containers WHERE ended_at IS NOT NULL"), 1);

  auto again = container_of("c1", minute(20));
  changes.containers = {again};
  commit(changes);
  EXPECT_EQ(count("containers"), 2) << "the same ID again is another instance";
  const auto running = load().containers;
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0].first_seen_at, minute(20));
  EXPECT_EQ(running[0].digest_history(), container.digest_history())
      << "image IDs are kept per container ID";
}

TEST_F(StoreHistory, NumbersTheContentsOfAPolicyAndItsUses) {
  const auto version = [this](const std::string& content, int minutes) {
    return run(stores->ledger.policy_version("fedramp-30d", content, minute(minutes)));
  };
  EXPECT_EQ(version("window 30d", 0), 1);
  EXPECT_EQ(version("window 30d", 1), 1);
  EXPECT_EQ(version("window 15d", 2), 2);
  EXPECT_EQ(version("window 30d", 3), 1);
  EXPECT_EQ(version(std::string(100'000, 'w'), 4), 3);
  EXPECT_EQ(run(stores->ledger.policy_version("other", "window 15d", base)), 1);
  EXPECT_EQ(count("policy_uses WHERE policy = 'fedramp-30d'"), 4);
}

}  // namespace
}  // namespace scanclock
