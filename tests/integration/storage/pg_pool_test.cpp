#include "storage/pg_pool.hpp"

#include "core/runtime/with_timeout.hpp"
#include "storage/pg_transaction.hpp"
#include "tests/support/postgres_server.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <vector>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

class PgPoolTest : public PostgresTest {
 protected:
  PgPoolTest() : PostgresTest(false) {}

  void TearDown() override {
    if (pool) {
      run(pool->close());
      EXPECT_EQ(pool->counts().in_use, 0U);
    }
    PostgresTest::TearDown();
  }

  void make(std::size_t size_max) {
    PgPoolLimits limits;
    limits.size_max = size_max;
    limits.wait = 5s;
    pool = make_pool(limits);
  }

  /// Runs the loop until the pool has nothing lent.
  void settle() {
    const auto deadline = clock.monotonic() + 10s;
    while (pool->counts().in_use > 0 && clock.monotonic() < deadline) {
      io.restart();
      io.run_one_for(50ms);
    }
    EXPECT_EQ(pool->counts().in_use, 0U);
  }

  std::unique_ptr<PgPool> pool;
};

asio::awaitable<void> note_turn(PgPool& pool, int number, std::vector<int>& order) {
  const auto lent = co_await pool.acquire();
  order.push_back(number);
}

asio::awaitable<void> insert_and_leave(PgPool& pool, bool fail) {
  auto transaction = co_await PgTransaction::begin(pool);
  const Query insert("Insert", "INSERT INTO t VALUES (1)");
  co_await transaction.execute(insert);
  if (fail) {
    throw std::runtime_error("left");
  }
  co_await transaction.commit();
}

asio::awaitable<void> commit_after_error(PgPool& pool) {
  auto transaction = co_await PgTransaction::begin(pool);
  const Query wrong("Wrong", "SELECT 1/0");
  bool failed = false;
  try {
    co_await transaction.execute(wrong);
  } catch (const PgError&) {
    failed = true;
  }
  EXPECT_TRUE(failed);
  co_await transaction.commit();
}

TEST_F(PgPoolTest, LendsTheSameConnectionAgain) {
  make(2);
  const auto first = sql(*pool, "SELECT pg_backend_pid() AS pid").one().int64("pid");
  const auto second = sql(*pool, "SELECT pg_backend_pid() AS pid").one().int64("pid");
  EXPECT_EQ(first, second);
  EXPECT_EQ(pool->counts().idle, 1U);
}

TEST_F(PgPoolTest, ServesWhoWaitsLongestFirst) {
  make(1);
  std::vector<int> order;
  auto lent = std::make_unique<PooledConnection>(run(pool->acquire()));
  for (int number = 0; number < 5; ++number) {
    asio::co_spawn(io, note_turn(*pool, number, order),
                   [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
  }
  io.restart();
  io.poll();
  EXPECT_EQ(pool->counts().waiting, 5U);
  EXPECT_TRUE(order.empty());
  lent.reset();
  settle();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(pool->counts().idle, 1U);
}

TEST_F(PgPoolTest, WaitsNoLongerThanItsDeadline) {
  make(1);
  const auto lent = run(pool->acquire());
  try {
    run(pool->acquire(50ms));
    FAIL() << "the only connection was lent twice";
  } catch (const PgError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_NE(std::string(error.what()).find("1 of 1 in use"), std::string::npos) << error.what();
  }
  EXPECT_EQ(pool->counts().waiting, 0U);
}

TEST_F(PgPoolTest, LosesNoPlaceWhenAWaiterIsCancelled) {
  make(1);
  {
    const auto lent = run(pool->acquire());
    EXPECT_THROW(run(with_timeout(clock, pool->acquire(5s), 30ms, "outer")), TimeoutError);
  }
  EXPECT_TRUE(run(pool->acquire()));
}

TEST_F(PgPoolTest, NamesTheLastFailureToConnect) {
  auto options = connect_options();
  options.conninfo = "host=127.0.0.1 port=1 user=x dbname=x";
  PgPool refused(io.get_executor(), clock, blocking, options);
  try {
    run(refused.acquire(200ms));
    FAIL() << "nothing listens there";
  } catch (const PgError& error) {
    EXPECT_TRUE(error.connection_lost());
    EXPECT_NE(std::string(error.what()).find("port 1 failed"), std::string::npos) << error.what();
  }
  EXPECT_EQ(refused.counts().in_use, 0U);
  run(refused.close());
}

TEST_F(PgPoolTest, CleansAConnectionThatComesBackBusy) {
  make(1);
  const Query slow("Slow", "SELECT pg_sleep(30)");
  const auto process = sql(*pool, "SELECT pg_backend_pid() AS pid").one().int64("pid");
  EXPECT_THROW(run(with_timeout(clock, pool->execute(slow), 50ms, "outer")), TimeoutError);
  EXPECT_EQ(sql(*pool, "SELECT pg_backend_pid() AS pid").one().int64("pid"), process);
}

TEST_F(PgPoolTest, RecoversAfterTheServerWasRestarted) {
  make(4);
  EXPECT_EQ(sql(*pool, "SELECT 1 AS one").one().int64("one"), 1);
  EXPECT_EQ(pool->counts().idle, 1U);
  PostgresServer::shared().restart();
  EXPECT_EQ(sql(*pool, "SELECT 2 AS two").one().int64("two"), 2);
  PostgresServer::shared().kill_immediate();
  EXPECT_THROW(run(pool->acquire(200ms)), PgError);
  PostgresServer::shared().start();
  EXPECT_EQ(sql(*pool, "SELECT 3 AS three").one().int64("three"), 3);
}

TEST_F(PgPoolTest, ClosesConnectionsThatNobodyUses) {
  PgPoolLimits limits;
  limits.idle = 50ms;
  pool = make_pool(limits);
  sql(*pool, "SELECT 1");
  EXPECT_EQ(pool->counts().idle, 1U);
  const auto deadline = clock.monotonic() + 5s;
  while (pool->counts().idle > 0 && clock.monotonic() < deadline) {
    io.restart();
    io.run_one_for(20ms);
  }
  EXPECT_EQ(pool->counts().idle, 0U);
}

TEST_F(PgPoolTest, LendsNothingOnceClosed) {
  make(1);
  auto lent = std::make_unique<PooledConnection>(run(pool->acquire()));
  bool refused = false;
  std::vector<int> order;
  asio::co_spawn(io, note_turn(*pool, 1, order),
                 [&refused](std::exception_ptr failure) { refused = failure != nullptr; });
  io.restart();
  io.poll();
  run(pool->close(50ms));
  EXPECT_TRUE(refused);
  EXPECT_THROW(run(pool->acquire()), PgError);
  lent.reset();
}

TEST_F(PgPoolTest, RollsBackATransactionThatWasLeft) {
  make(1);
  sql(*pool, "CREATE TABLE t (v integer)");
  EXPECT_THROW(run(insert_and_leave(*pool, true)), std::runtime_error);
  EXPECT_EQ(sql(*pool, "SELECT count(*) AS n FROM t").one().int64("n"), 0);
  run(insert_and_leave(*pool, false));
  EXPECT_EQ(sql(*pool, "SELECT count(*) AS n FROM t").one().int64("n"), 1);
}

TEST_F(PgPoolTest, ReportsACommitThatTheServerTurnedIntoARollback) {
  make(1);
  try {
    run(commit_after_error(*pool));
    FAIL() << "nothing was committed";
  } catch (const PgError& error) {
    EXPECT_EQ(error.sqlstate(), "25P02");
  }
  EXPECT_EQ(sql(*pool, "SELECT 1 AS one").one().int64("one"), 1);
}

}  // namespace
}  // namespace scanclock
