#include "tests/integration/storage/store_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

class StoreLease : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (pool) {
      other = make_stores("daemon-b");
    }
  }

  std::unique_ptr<Stores> other;
};

TEST_F(StoreLease, BelongsToOneDaemonAtATime) {
  EXPECT_FALSE(run(other->lease.acquire()));
  EXPECT_EQ(other->lease.term(), 0);
  EXPECT_TRUE(run(stores->lease.acquire())) << "its holder may have it again";
  const auto found = run(find_lease(*pool));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->holder, "daemon-a");
  EXPECT_EQ(found->term, 2);
  EXPECT_TRUE(found->alive);
}

TEST_F(StoreLease, LastsForItsTimeToLiveAfterEachRenewal) {
  const auto remaining = [this] {
    return sql(*pool,
               "SELECT extract(epoch FROM expires_at - clock_timestamp())::float8 AS seconds "
               "FROM scanclock.lease")
        .one()
        .real("seconds");
  };
  EXPECT_GT(remaining(), 10);
  EXPECT_LE(remaining(), 15);
  let_lease_lapse();
  EXPECT_LT(remaining(), 0);
  run(stores->lease.renew());
  EXPECT_GT(remaining(), 10) << "a late renewal is good while nobody else took over";
}

TEST_F(StoreLease, IsTakenOverUnderANewTermWhenItLapses) {
  let_lease_lapse();
  EXPECT_TRUE(run(other->lease.acquire()));
  EXPECT_EQ(other->lease.term(), stores->lease.term() + 1);
  EXPECT_THROW(run(stores->lease.renew()), LeaseLostError);
  EXPECT_THROW(run(stores->lease.renew()), LeaseLostError) << "and stays lost";
  EXPECT_FALSE(run(stores->lease.acquire()));
  run(other->lease.renew());
}

TEST_F(StoreLease, IsFreeAtOnceAfterARelease) {
  run(stores->lease.release());
  run(stores->lease.release());
  EXPECT_EQ(stores->lease.term(), 0);
  EXPECT_TRUE(run(other->lease.acquire()));
  run(stores->lease.release());
  run(other->lease.renew());
}

TEST_F(StoreLease, RefusesEveryWriteOfAStaleHolder) {
  const auto changes = full_change_set(base);
  commit(changes);
  const auto rows = row_counts();
  let_lease_lapse();
  ASSERT_TRUE(run(other->lease.acquire()));
  auto later = full_change_set(minute(60));
  later.messages[0].id = "message-3";
  EXPECT_THROW(commit(later), LeaseLostError);
  EXPECT_THROW(run(stores->ledger.purge(minute(600), minute(600))), LeaseLostError);
  EXPECT_THROW(run(stores->outbox.claim("oncall", minute(1), minute(2), 10)), LeaseLostError);
  EXPECT_THROW(run(stores->outbox.claim("nobody", minute(1), minute(2), 10)), LeaseLostError);
  EXPECT_EQ(row_counts(), rows);
  run(other->ledger.commit(later));
  EXPECT_EQ(run(other->outbox.claim("oncall", minute(1), minute(2), 10)).size(), 1U);
}

TEST_F(StoreLease, IsNeededBeforeTheFirstCommit) {
  const auto changes = full_change_set(base);
  EXPECT_THROW(run(other->ledger.commit(changes)), LeaseLostError);
  EXPECT_TRUE(load().images.empty());
}

TEST_F(StoreLease, RecordsADeliveryEvenOfAStaleHolder) {
  commit(full_change_set(base));
  ASSERT_EQ(run(stores->outbox.claim("oncall", base, minute(1), 10)).size(), 1U);
  let_lease_lapse();
  ASSERT_TRUE(run(other->lease.acquire()));
  run(stores->outbox.delivered("message-1", base, 204));
  EXPECT_EQ(count("outbox WHERE state = 'delivered'"), 1);
}

/// Returns when a statement waits for a lock.
asio::awaitable<void> await_blocked(PgPool& pool) {
  const Query blocked("Test",
                      "SELECT count(*) AS waiting FROM pg_stat_activity "
                      "WHERE datname = current_database() AND wait_event_type = 'Lock'");
  for (;;) {
    const auto rows = co_await pool.execute(blocked);
    if (rows.one().int64("waiting") > 0) {
      co_return;
    }
  }
}

asio::awaitable<void> finish_when_blocked(PgPool& pool, PgTransaction transaction, bool& finished) {
  co_await await_blocked(pool);
  finished = true;
  co_await transaction.commit();
}

asio::awaitable<void> take_over(PgLease& lease, const bool& commit_finished) {
  EXPECT_TRUE(co_await lease.acquire());
  EXPECT_TRUE(commit_finished);
}

TEST_F(StoreLease, IsNotTakenOverInTheMiddleOfACommitAndCanBeRenewedMeanwhile) {
  using namespace asio::experimental::awaitable_operators;
  auto transaction = run(PgTransaction::begin(*pool));
  run(stores->lease.fence(transaction));
  run(stores->lease.renew());
  let_lease_lapse();
  bool finished = false;
  auto both = take_over(other->lease, finished) &&
              finish_when_blocked(*pool, std::move(transaction), finished);
  run(std::move(both));
  EXPECT_EQ(other->lease.term(), 2);
}

asio::awaitable<void> commit_twice_at_once(PgLedger& ledger, const ChangeSet& first,
                                           const ChangeSet& second) {
  using namespace asio::experimental::awaitable_operators;
  auto both = ledger.commit(first) && ledger.commit(second);
  co_await std::move(both);
}

TEST_F(StoreLease, MakesCommitsOfOneDaemonQueue) {
  auto first = full_change_set(base);
  auto second = full_change_set(base);
  std::reverse(second.evidence.begin(), second.evidence.end());
  std::reverse(second.alerts.begin(), second.alerts.end());
  std::reverse(second.locations.begin(), second.locations.end());
  run(commit_twice_at_once(stores->ledger, first, second));
  EXPECT_EQ(describe(load()), describe(expected_after(first)));
}

}  // namespace
}  // namespace scanclock
