#include "storage/migrator.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::hours;

class StoreWorkloadHistory : public StoreTest {
 protected:
  PastPage at(TimePoint moment, const PastFilters& filters = {}, const ContainerKey& after = {},
              int limit = 100) {
    return run(stores->ledger.containers_at(moment, filters, after, limit));
  }

  std::vector<std::string> ids_at(TimePoint moment, const PastFilters& filters = {}) {
    std::vector<std::string> ids;
    for (const auto& container : at(moment, filters).containers) {
      ids.push_back(container.key.id);
    }
    return ids;
  }

  Verdict verdict_at(TimePoint moment) {
    return at(moment).containers.at(0).concluded.value().verdict;
  }

  void watch(const std::string& source, TimePoint from, TimePoint to) {
    CoverageInterval interval;
    interval.source = source;
    interval.kind = SourceKind::workload;
    interval.from = from;
    interval.to = to;
    ChangeSet changes;
    changes.coverage = {interval};
    commit(changes);
  }
};

TEST_F(StoreWorkloadHistory, TellsWhatRanAtAMoment) {
  auto first = container_of("c1", minute(0));
  first.ended_at = minute(10);
  auto again = container_of("c1", minute(20));
  ChangeSet changes;
  changes.containers = {first, again, container_of("c2", minute(5))};
  commit(changes);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_at(minute(-1)), Ids{});
  EXPECT_EQ(ids_at(minute(0)), Ids{"c1"});
  EXPECT_EQ(ids_at(minute(7)), (Ids{"c1", "c2"}));
  EXPECT_EQ(ids_at(minute(10)), Ids{"c2"}) << "at its end it does not run any more";
  EXPECT_EQ(ids_at(minute(30)), (Ids{"c1", "c2"}));
  EXPECT_EQ(at(minute(30)).containers[0].first_seen_at, minute(20));
}

TEST_F(StoreWorkloadHistory, TellsWhatWasConcludedThenAndNotWhatIsKnownSince) {
  const auto container = container_of("c1", minute(0));
  ChangeSet changes;
  changes.containers = {container};
  changes.verdicts = {verdict_on(container, Verdict::never_scanned, minute(1)),
                      verdict_on(container, Verdict::compliant, minute(30)),
                      verdict_on(container, Verdict::overdue, minute(60))};
  commit(changes);
  EXPECT_FALSE(at(minute(0)).containers.at(0).concluded) << "nothing was concluded yet";
  EXPECT_EQ(verdict_at(minute(1)), Verdict::never_scanned);
  EXPECT_EQ(verdict_at(minute(29)), Verdict::never_scanned);
  EXPECT_EQ(verdict_at(minute(30)), Verdict::compliant);
  EXPECT_EQ(verdict_at(minute(59)), Verdict::compliant);
  EXPECT_EQ(verdict_at(minute(600)), Verdict::overdue);
  const auto page = at(minute(1));
  const Conclusion& concluded = *page.containers[0].concluded;
  EXPECT_EQ(concluded.image, digest_of("image"));
  EXPECT_EQ(concluded.reason, "policy fedramp-30d: never_scanned");
  EXPECT_EQ(concluded.environment, "production");
  EXPECT_EQ(concluded.owner, "payments");
}

TEST_F(StoreWorkloadHistory, KeepsConclusionsOfInstancesApart) {
  auto first = container_of("c1", minute(0));
  first.ended_at = minute(10);
  const auto again = container_of("c1", minute(20));
  ChangeSet changes;
  changes.containers = {first, again};
  changes.verdicts = {verdict_on(first, Verdict::overdue, minute(0))};
  commit(changes);
  EXPECT_EQ(verdict_at(minute(5)), Verdict::overdue);
  EXPECT_FALSE(at(minute(20)).containers.at(0).concluded);
}

TEST_F(StoreWorkloadHistory, TellsWhatWasPrintedThen) {
  const auto now = container_of("c1", minute(0));
  ChangeSet changes;
  changes.containers = {now};
  changes.printed_images = {
      {now.key(), minute(0), minute(10), "team/app:1", "id-1", {digest_of("one")}, true},
      {now.key(), minute(0), minute(20), "team/app:2", "id-2", {}, false}};
  commit(changes);
  EXPECT_EQ(at(minute(9)).containers[0].observation.image_id, "id-1");
  EXPECT_EQ(at(minute(9)).containers[0].observation.image, "team/app:1");
  EXPECT_EQ(at(minute(9)).containers[0].observation.digests, std::vector<Digest>{digest_of("one")});
  EXPECT_TRUE(at(minute(9)).containers[0].observation.assumed);
  EXPECT_EQ(at(minute(10)).containers[0].observation.image_id, "id-2");
  EXPECT_TRUE(at(minute(10)).containers[0].observation.digests.empty());
  EXPECT_EQ(at(minute(20)).containers[0].observation.image_id, now.printed->image_id);
  EXPECT_EQ(at(minute(20)).containers[0].observation.digests, now.digests());
}

TEST_F(StoreWorkloadHistory, TellsWhetherTheSourcesOfTheImageAnsweredThen) {
  const auto container = container_of("c1", minute(0));
  ChangeSet changes;
  changes.containers = {container};
  changes.verdicts = {verdict_on(container, Verdict::compliant, minute(0))};
  changes.observations = {{digest_of("image"), minute(0), "ok", ""},
                          {digest_of("image"), minute(10), "unknown", "timeout"}};
  commit(changes);
  EXPECT_EQ(at(minute(9)).containers[0].observation_status, "ok");
  EXPECT_EQ(at(minute(10)).containers[0].observation_status, "unknown");
  EXPECT_EQ(at(minute(10)).containers[0].observation_reason, "timeout");
  EXPECT_EQ(at(minute(10)).containers[0].observation_since, minute(10));
}

TEST_F(StoreWorkloadHistory, FiltersAndPages) {
  ChangeSet changes;
  for (int number = 10; number < 30; ++number) {
    auto seen = observation_of("c" + std::to_string(number), minute(0));
    seen.namespace_name = number % 2 == 0 ? "even" : "odd";
    const auto container = container_of(seen, minute(0), {});
    changes.containers.push_back(container);
    changes.verdicts.push_back(
        verdict_on(container, number < 13 ? Verdict::overdue : Verdict::compliant, minute(0)));
  }
  commit(changes);
  std::vector<std::string> ids;
  ContainerKey after;
  for (;;) {
    const auto page = at(minute(1), {}, after, 7);
    for (const auto& container : page.containers) {
      ids.push_back(container.key.id);
      after = container.key;
    }
    if (page.containers.size() < 7) {
      break;
    }
  }
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  PastFilters even;
  even.namespace_name = "even";
  EXPECT_EQ(ids_at(minute(1), even).size(), 10U);
  PastFilters overdue;
  overdue.verdict = Verdict::overdue;
  EXPECT_EQ(ids_at(minute(1), overdue), (std::vector<std::string>{"c10", "c11", "c12"}));
  PastFilters nobody;
  nobody.owner = "nobody";
  EXPECT_TRUE(ids_at(minute(1), nobody).empty());
  PastFilters elsewhere;
  elsewhere.source = "host-b";
  EXPECT_TRUE(ids_at(minute(1), elsewhere).empty());
}

TEST_F(StoreWorkloadHistory, SaysWhoWasNotWatchedAndWhenTheRecordBegins) {
  EXPECT_FALSE(at(minute(0)).begins_at);
  watch("host-a", minute(0), minute(10));
  watch("host-a", minute(20), minute(30));
  watch("host-b", minute(5), minute(30));
  EXPECT_EQ(at(minute(7)).begins_at, minute(0));
  EXPECT_TRUE(at(minute(7)).unwatched.empty());
  const auto gap = at(minute(15)).unwatched;
  ASSERT_EQ(gap.size(), 1U);
  EXPECT_EQ(gap[0].source, "host-a");
  EXPECT_EQ(gap[0].watched_until, minute(10));
  EXPECT_EQ(gap[0].watched_again_from, minute(20));
  const auto before = at(minute(2)).unwatched;
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].source, "host-b");
  EXPECT_FALSE(before[0].watched_until);
}

TEST_F(StoreWorkloadHistory, ForgetsWhatIsPastItsRetentionAndSaysSo) {
  auto ended = container_of("ended", base - hours(20));
  ended.ended_at = base - hours(10);
  const auto living = container_of("living", base - hours(20));
  ChangeSet changes;
  changes.containers = {ended, living};
  changes.printed_images = {
      {ended.key(), ended.first_seen_at, base - hours(19), "a", "", {}, false},
      {living.key(), living.first_seen_at, base - hours(19), "a", "", {}, false}};
  for (const int age : {20, 15, 3}) {
    changes.verdicts.push_back(verdict_on(living, Verdict::overdue, base - hours(age)));
    changes.observations.push_back({digest_of("image"), base - hours(age), "ok", ""});
  }
  changes.verdicts.push_back(verdict_on(ended, Verdict::overdue, base - hours(20)));
  commit(changes);
  run(stores->ledger.purge(base - hours(9), base - hours(1000)));
  EXPECT_EQ(count("container_verdicts WHERE container_id = 'ended'"), 0);
  EXPECT_EQ(count("container_verdicts"), 2) << "the one in force at the border answers behind it";
  EXPECT_EQ(count("image_observations"), 2);
  EXPECT_EQ(count("container_printed_images"), 0);
  EXPECT_EQ(verdict_at(base - hours(9)), Verdict::overdue);
  EXPECT_EQ(at(base).purged_before, base - hours(9));
  run(stores->ledger.purge(base - hours(100), base - hours(1000)));
  EXPECT_EQ(at(base).purged_before, base - hours(9)) << "a longer retention brings nothing back";
}

TEST_F(StoreWorkloadHistory, MarksAnEndThatNobodySaw) {
  auto container = container_of("c1", minute(0));
  container.ended_at = minute(5);
  container.end_confirmed = true;
  ChangeSet changes;
  changes.containers = {container};
  commit(changes);
  EXPECT_EQ(count("containers WHERE end_known_by = 'confirmed'"), 1);
}

TEST_F(StoreWorkloadHistory, WritesNothingForConclusionsThatAreStored) {
  auto changes = full_change_set(base);
  commit(changes);
  const auto versions = [this] {
    return sql(*pool,
               "SELECT sum(xmin::text::bigint)::bigint AS sum FROM (SELECT xmin FROM "
               "scanclock.container_verdicts UNION ALL SELECT xmin FROM "
               "scanclock.image_observations UNION ALL SELECT xmin FROM "
               "scanclock.container_printed_images) AS rows")
        .one()
        .int64("sum");
  };
  const auto before = versions();
  commit(changes);
  EXPECT_EQ(versions(), before);
}

TEST_F(StoreWorkloadHistory, KeepsContainersWhenItsMigrationIsUndoneAndDoneAgain) {
  commit(full_change_set(base));
  Migrator own(*pool, clock, embedded_migrations());
  run(own.rollback_to(2));
  EXPECT_EQ(count("containers"), 1);
  EXPECT_EQ(count("container_digests"), 2);
  run(own.migrate());
  const auto containers = load().containers;
  ASSERT_EQ(containers.size(), 1U);
  EXPECT_EQ(containers[0].printed->image_id, "");
  EXPECT_EQ(containers[0].recorded.mark, 0U) << "it is concluded and recorded anew";
  EXPECT_FALSE(at(base).containers.at(0).concluded);
}

}  // namespace
}  // namespace scanclock
