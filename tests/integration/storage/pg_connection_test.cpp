#include "storage/pg_connection.hpp"

#include "core/runtime/with_timeout.hpp"
#include "tests/support/postgres_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <optional>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t large_bytes = 64U << 20U;

asio::awaitable<void> ignore_rows(asio::awaitable<PgResult> task) { co_await std::move(task); }

class PgConnectionTest : public PostgresTest {
 protected:
  PgConnectionTest() : PostgresTest(false) {}

  std::unique_ptr<PgConnection> connect_to(std::string conninfo) {
    auto options = connect_options();
    options.conninfo = std::move(conninfo);
    options.connect_timeout = 5s;
    return run(PgConnection::connect(io.get_executor(), clock, blocking, std::move(options)));
  }

  std::optional<PgError> failure_of(asio::awaitable<PgResult> task) {
    try {
      run(std::move(task));
    } catch (const PgError& error) {
      return error;
    }
    return std::nullopt;
  }
};

TEST_F(PgConnectionTest, PassesARefusingFirstHostEvenThoughTheSocketNumberIsReused) {
  const auto folder = PostgresServer::shared().socket_folder().string();
  const auto connection = connect_to("host=127.0.0.1,127.0.0.1," + folder +
                                     " port=1,2,5432 user=scanclock dbname=" + database);
  EXPECT_EQ(sql(*connection, "SELECT 1 AS one").one().int64("one"), 1);
}

TEST_F(PgConnectionTest, SaysWhyAConnectionWasRefused) {
  const auto folder = PostgresServer::shared().socket_folder().string();
  try {
    connect_to("host=" + folder + " port=5432 user=scanclock dbname=missing password=hidden");
    FAIL() << "there is no such database";
  } catch (const PgError& error) {
    EXPECT_EQ(error.sqlstate(), "3D000");
    EXPECT_FALSE(error.retryable());
    EXPECT_EQ(std::string(error.what()).find("hidden"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos);
  }
  EXPECT_THROW(connect_to("host=/nonexistent port=5432 dbname=x"), PgError);
}

TEST_F(PgConnectionTest, CarriesEveryTypeThereAndBack) {
  const auto connection = connect();
  const auto time = *parse_rfc3339("2026-11-01T12:34:56.789012Z");
  std::string bytes("\0\1\xff'\\", 5);
  PgParameters parameters;
  parameters.add("quote ' backslash \\ snow \xe2\x98\x83")
      .add(std::int64_t{-9007199254740993})
      .add(true)
      .add(time)
      .add_bytes(bytes)
      .add(std::optional<std::string>())
      .add(0.1);
  parameters.add_array(std::vector<std::string>{"a,b", "c\"d\\e", "", "NULL", "{}"});
  const auto result =
      sql(*connection,
          "SELECT $1::text AS text, $2::bigint AS number, $3::boolean AS yes, $4::timestamptz AS "
          "at, $5::bytea AS bytes, $6::text AS nothing, $7::double precision AS real, $8::text[] "
          "AS list",
          std::move(parameters));
  const auto row = result.one();
  EXPECT_EQ(row.text("text"), "quote ' backslash \\ snow \xe2\x98\x83");
  EXPECT_EQ(row.int64("number"), -9007199254740993);
  EXPECT_TRUE(row.boolean("yes"));
  EXPECT_EQ(row.time("at"), time);
  EXPECT_EQ(row.bytes("bytes"), bytes);
  EXPECT_TRUE(row.is_null("nothing"));
  EXPECT_EQ(row.optional_text("nothing"), std::nullopt);
  EXPECT_EQ(row.optional_time("at"), time);
  EXPECT_DOUBLE_EQ(row.real("real"), 0.1);
  EXPECT_EQ(row.text_array("list"), (std::vector<std::string>{"a,b", "c\"d\\e", "", "NULL", "{}"}));
  EXPECT_THROW(row.text("nothing"), std::logic_error);
  EXPECT_THROW(row.text("unknown"), std::logic_error);
  EXPECT_THROW(row.int64("text"), std::logic_error);
}

TEST_F(PgConnectionTest, UnnestsArraysIntoRows) {
  const auto connection = connect();
  const std::vector<std::optional<std::string>> texts = {"a", std::nullopt, "c\\\""};
  const auto early = *parse_rfc3339("2020-01-01T00:00:00Z");
  PgParameters parameters;
  parameters.add_array(texts)
      .add_array(std::vector<std::int64_t>{1, 2, 3})
      .add_array(std::vector<TimePoint>{early, early + 1us, early + 2us})
      .add_bytes_array({"x", std::string("\0", 1), ""});
  const auto result = sql(*connection,
                          "SELECT * FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], "
                          "$4::bytea[]) AS t(name, number, at, bytes) ORDER BY number",
                          std::move(parameters));
  ASSERT_EQ(result.size(), 3U);
  EXPECT_EQ(result[1].optional_text("name"), std::nullopt);
  EXPECT_EQ(result[1].bytes("bytes"), std::string("\0", 1));
  EXPECT_EQ(result[2].text("name"), "c\\\"");
  EXPECT_EQ(result[2].time("at"), early + 2us);
  std::int64_t sum = 0;
  for (const auto& row : result) {
    sum += row.int64("number");
  }
  EXPECT_EQ(sum, 6);
}

TEST_F(PgConnectionTest, ReadsTimesInUtcWhateverTheDatabasePrefers) {
  const auto first = connect();
  sql(*first, "ALTER DATABASE " + database + " SET TimeZone TO 'Asia/Kathmandu'");
  sql(*first, "ALTER DATABASE " + database + " SET DateStyle TO 'German'");
  const auto second = connect();
  const auto result = sql(*second, "SELECT timestamptz '2026-01-01 00:00:00Z' AS at");
  EXPECT_EQ(result.one().text("at"), "2026-01-01 00:00:00+00");
  EXPECT_EQ(result.one().time("at"), *parse_rfc3339("2026-01-01T00:00:00Z"));
}

TEST_F(PgConnectionTest, SendsAParameterOf64MiB) {
  const auto connection = connect();
  PgParameters text;
  text.add(std::string(large_bytes, 'x'));
  EXPECT_EQ(
      sql(*connection, "SELECT length($1::text) AS length", std::move(text)).one().int64("length"),
      static_cast<std::int64_t>(large_bytes));
  PgParameters bytes;
  bytes.add_bytes(std::string(large_bytes, '\0'));
  EXPECT_EQ(sql(*connection, "SELECT length($1::bytea) AS length", std::move(bytes))
                .one()
                .int64("length"),
            static_cast<std::int64_t>(large_bytes));
}

TEST_F(PgConnectionTest, StaysUsableAfterAStatementsError) {
  const auto connection = connect();
  const Query wrong("WrongTable", "SELECT * FROM missing_table");
  const auto failure = failure_of(connection->execute(wrong));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->sqlstate(), "42P01");
  EXPECT_EQ(failure->statement(), "WrongTable");
  EXPECT_FALSE(failure->retryable());
  EXPECT_FALSE(failure->connection_lost());
  EXPECT_EQ(connection->state(), PgConnection::State::idle);
  EXPECT_EQ(sql(*connection, "SELECT 2 AS two").one().int64("two"), 2);
}

TEST_F(PgConnectionTest, NamesTheViolatedConstraintButNotItsValues) {
  const auto connection = connect();
  sql(*connection, "CREATE TABLE t (v text CONSTRAINT only_once UNIQUE)");
  sql(*connection, "INSERT INTO t VALUES ('secret')");
  const Query again("InsertAgain", "INSERT INTO t VALUES ('secret')");
  const auto failure = failure_of(connection->execute(again));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->sqlstate(), "23505");
  EXPECT_EQ(failure->constraint(), "only_once");
  EXPECT_EQ(std::string(failure->what()).find("secret"), std::string::npos);
}

TEST_F(PgConnectionTest, CanBeUsedAgainAfterATimeout) {
  const auto connection = connect();
  const int process = connection->backend_pid();
  const Query slow("Slow", "SELECT pg_sleep(30)");
  const auto failure = failure_of(connection->execute(slow, PgParameters(), 50ms));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->sqlstate(), "57014");
  EXPECT_TRUE(failure->retryable());
  EXPECT_EQ(connection->state(), PgConnection::State::busy);
  EXPECT_TRUE(run(connection->recover(5s)));
  EXPECT_EQ(sql(*connection, "SELECT pg_backend_pid() AS pid").one().int64("pid"), process);
}

TEST_F(PgConnectionTest, CanBeUsedAgainAfterItsCallerWasCancelled) {
  const auto connection = connect();
  const Query slow("Slow", "SELECT pg_sleep(30)");
  EXPECT_THROW(run(with_timeout(clock, connection->execute(slow), 50ms, "outer")), TimeoutError);
  EXPECT_TRUE(run(connection->recover(5s)));
  EXPECT_EQ(sql(*connection, "SELECT 3 AS three").one().int64("three"), 3);
}

TEST_F(PgConnectionTest, RollsAnOpenTransactionBackWhenItRecovers) {
  const auto connection = connect();
  sql(*connection, "CREATE TABLE t (v integer)");
  sql(*connection, "BEGIN");
  sql(*connection, "INSERT INTO t VALUES (1)");
  EXPECT_EQ(connection->state(), PgConnection::State::busy);
  EXPECT_TRUE(run(connection->recover(5s)));
  EXPECT_EQ(sql(*connection, "SELECT count(*) AS n FROM t").one().int64("n"), 0);
}

TEST_F(PgConnectionTest, TellsTheServerItsTimeouts) {
  auto options = connect_options();
  options.statement_timeout = 7s;
  options.lock_timeout = 3s;
  const auto connection =
      run(PgConnection::connect(io.get_executor(), clock, blocking, std::move(options)));
  EXPECT_EQ(sql(*connection, "SHOW statement_timeout").one().text("statement_timeout"), "7s");
  EXPECT_EQ(sql(*connection, "SHOW lock_timeout").one().text("lock_timeout"), "3s");
  EXPECT_TRUE(connection->has_session_limits());
}

TEST_F(PgConnectionTest, LosesTheConnectionWhenTheServerCrashesUnderAStatement) {
  const auto connection = connect();
  const Query slow("Slow", "SELECT pg_sleep(30)");
  std::optional<PgError> failure;
  asio::co_spawn(io, ignore_rows(connection->execute(slow)), [&failure](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const PgError& error) {
      failure = error;
    }
  });
  io.restart();
  io.poll();
  PostgresServer::shared().kill_immediate();
  io.restart();
  io.run();
  PostgresServer::shared().start();
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->connection_lost());
  EXPECT_TRUE(failure->retryable());
  EXPECT_EQ(connection->state(), PgConnection::State::broken);
  EXPECT_FALSE(run(connection->recover(1s)));
}

TEST_F(PgConnectionTest, LosesTheConnectionWhenItIsIdleAndTheServerCrashes) {
  const auto connection = connect();
  PostgresServer::shared().kill_immediate();
  PostgresServer::shared().start();
  const Query one("One", "SELECT 1");
  const auto failure = failure_of(connection->execute(one));
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->connection_lost());
  EXPECT_FALSE(connection->still_alive());
}

TEST_F(PgConnectionTest, GivesUpConnectingToAHostThatNeverAnswers) {
  asio::ip::tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
  auto options = connect_options();
  options.conninfo =
      "host=127.0.0.1 user=x dbname=x port=" + std::to_string(silent.local_endpoint().port());
  options.connect_timeout = 200ms;
  try {
    run(PgConnection::connect(io.get_executor(), clock, blocking, std::move(options)));
    FAIL() << "nobody answers there";
  } catch (const PgError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_NE(std::string(error.what()).find("no connection within"), std::string::npos);
  }
}

}  // namespace
}  // namespace scanclock
