#include "storage/evidence_chain.hpp"
#include "storage/migrator.hpp"
#include "tests/integration/storage/store_fixture.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::hours;

class StorePurge : public StoreTest {
 protected:
  std::int64_t purge(TimePoint history_before, TimePoint raw_before) {
    return run(stores->ledger.purge(history_before, raw_before));
  }

  TimePoint never() const { return base - hours(100'000); }
};

TEST_F(StorePurge, DeletesNothingThatIsWithinItsRetention) {
  commit(full_change_set(base));
  const auto rows = row_counts();
  EXPECT_EQ(purge(base - hours(1000), base - hours(1000)), 0);
  EXPECT_EQ(row_counts(), rows);
}

TEST_F(StorePurge, DeletesRawBytesButKeepsTheEvidenceAndItsChain) {
  const auto changes = full_change_set(base);
  commit(changes);
  EXPECT_EQ(purge(never(), base - hours(4)), 1);
  EXPECT_EQ(run(stores->ledger.evidence_bytes(digest_of("scan"))), std::nullopt);
  EXPECT_EQ(run(stores->ledger.evidence_bytes(digest_of("bare"))), "not a report");
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
  EXPECT_TRUE(run(verify_evidence_chain(*pool)).has_value());
}

TEST_F(StorePurge, KeepsRawBytesThatWereCollectedAgainLately) {
  auto changes = full_change_set(base);
  auto again = changes.evidence[0];
  again.evidence.attached_to = digest_of("another image");
  again.evidence.collected_at = base;
  changes.evidence.push_back(again);
  commit(changes);
  EXPECT_EQ(purge(never(), base - hours(4)), 0);
}

TEST_F(StorePurge, DeletesEndedContainersWithTheirImageIds) {
  auto ended = container_of("ended", base - hours(20));
  ended.ended_at = base - hours(10);
  auto again = container_of("again", base - hours(20));
  again.ended_at = base - hours(10);
  ChangeSet changes;
  changes.containers = {ended, again, container_of("again", base - hours(5))};
  commit(changes);
  EXPECT_EQ(purge(base - hours(9), never()), 2);
  EXPECT_EQ(count("containers"), 1);
  EXPECT_EQ(count("container_digests WHERE container_id = 'ended'"), 0);
  EXPECT_EQ(count("container_digests WHERE container_id = 'again'"), 2);
}

TEST_F(StorePurge, DeletesPastTagsAndCoverageButNeverThePresent) {
  ChangeSet changes;
  for (const int age : {30, 20}) {
    TagChange change;
    change.repository.registry = "prod";
    change.repository.repository = "team/app";
    change.tag = "latest";
    change.digest = digest_of(std::to_string(age));
    change.at = base - hours(age);
    changes.tags.push_back(change);
    CoverageInterval interval;
    interval.source = "prod";
    interval.from = base - hours(age);
    interval.to = base - hours(age - 1);
    changes.coverage.push_back(interval);
  }
  commit(changes);
  EXPECT_EQ(purge(base, never()), 2);
  EXPECT_EQ(load().tags.at(0).digest, digest_of("20"));
  EXPECT_EQ(load().coverage.at(0).from, base - hours(20));
}

TEST_F(StorePurge, DeletesOldAlertsWithTheirEventsButNeverAFiringOne) {
  auto changes = full_change_set(base);
  auto event = changes.alert_events[0];
  event.alert_id = changes.alerts[1].id;
  changes.alert_events.push_back(event);
  changes.printed_images.clear();
  changes.verdicts.clear();
  changes.observations.clear();
  changes.alert_groups.clear();
  commit(changes);
  EXPECT_EQ(purge(base, never()), 2) << "the ended alert and its event";
  ASSERT_EQ(load().alerts.size(), 1U);
  EXPECT_EQ(load().alerts[0].id, changes.alerts[0].id);
  EXPECT_EQ(count("alert_events"), 2);
}

TEST_F(StorePurge, DeletesFinishedMessagesButNeverOneThatWaits) {
  ChangeSet changes;
  changes.messages = {message_of("a1", "a", base - hours(9)),
                      message_of("b1", "b", base - hours(9)),
                      message_of("c1", "c", base - hours(9))};
  commit(changes);
  run(stores->outbox.delivered("a1", base - hours(8), 200));
  run(stores->outbox.set_aside("b1", base - hours(8), "400", 400));
  EXPECT_EQ(purge(base, never()), 4) << "two messages and two lines of the ledger";
  EXPECT_EQ(sql(*pool, "SELECT id FROM scanclock.outbox").one().text("id"), "c1");
}

TEST_F(StorePurge, WorksInBatchesUntilNothingIsLeft) {
  ChangeSet changes;
  for (int number = 0; number < 4'500; ++number) {
    auto container = container_of("c" + std::to_string(number), base - hours(20));
    container.ended_at = base - hours(10);
    changes.containers.push_back(container);
  }
  commit(changes);
  EXPECT_EQ(purge(base, never()), 4'500);
  EXPECT_EQ(count("container_digests"), 0);
}

TEST_F(StorePurge, LeavesNothingBehindWhenTheMigrationsAreUndone) {
  commit(full_change_set(base));
  Migrator migrator(*pool, clock);
  const auto known = static_cast<int>(parse_migrations(embedded_migrations()).size());
  EXPECT_EQ(run(migrator.rollback_to(0)), known);
  std::vector<std::string> left;
  for (const auto row : sql(*pool,
                            "SELECT relname AS name FROM pg_class "
                            "WHERE relnamespace = 'scanclock'::regnamespace AND relkind <> 'i' "
                            "UNION ALL SELECT proname FROM pg_proc "
                            "WHERE pronamespace = 'scanclock'::regnamespace ORDER BY name")) {
    left.push_back(row.text("name"));
  }
  EXPECT_EQ(left, std::vector<std::string>{"schema_migrations"});
  EXPECT_EQ(run(migrator.migrate()), known);
  ASSERT_TRUE(run(stores->lease.acquire()));
  const auto changes = full_change_set(base);
  commit(changes);
  EXPECT_EQ(describe(load()), describe(expected_after(changes)));
}

}  // namespace
}  // namespace scanclock
