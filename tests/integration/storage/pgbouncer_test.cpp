#include "storage/child_process.hpp"
#include "storage/migrator.hpp"
#include "storage/pg_transaction.hpp"
#include "tests/support/postgres_server.hpp"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sys/wait.h>

namespace scanclock {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* pgbouncer_program = "/usr/sbin/pgbouncer";

/// A pgbouncer in transaction mode with one server connection for all its clients.
class PgbouncerTest : public PostgresTest {
 protected:
  PgbouncerTest() : PostgresTest(false) {}

  void SetUp() override {
    if (::access(pgbouncer_program, X_OK) != 0) {
      GTEST_SKIP() << "the package pgbouncer is not installed";
    }
    PostgresTest::SetUp();
    if (database.empty()) {
      return;
    }
    std::string pattern = (fs::temp_directory_path() / "scanclock-bouncer-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    ChildCommand command;
    if (::geteuid() == 0) {
      command.identity = find_user("postgres");
      ASSERT_TRUE(command.identity);
      ASSERT_EQ(::chown(folder.c_str(), command.identity->uid, command.identity->gid), 0);
    }
    write_settings();
    command.program = pgbouncer_program;
    command.arguments = {"-q", folder / "pgbouncer.ini"};
    command.ends_with_parent = true;
    process = start_child(command);
    auto limits = PgPoolLimits();
    limits.size_max = 2;
    auto options = connect_options();
    options.conninfo = "host=" + folder.string() + " port=6432 user=scanclock dbname=" + database;
    pool = std::make_unique<PgPool>(io.get_executor(), clock, blocking, options, limits);
  }

  void TearDown() override {
    if (pool) {
      run(pool->close());
    }
    if (process > 0) {
      ::kill(process, SIGTERM);
      ::waitpid(process, nullptr, 0);
    }
    if (!folder.empty()) {
      fs::remove_all(folder);
    }
    PostgresTest::TearDown();
  }

  void write_settings() {
    const auto server = PostgresServer::shared().socket_folder().string();
    std::ofstream(folder / "users.txt") << "\"scanclock\" \"\"\n";
    std::ofstream(folder / "pgbouncer.ini")
        << "[databases]\n* = host=" << server
        << " port=5432\n[pgbouncer]\npool_mode = transaction\n"
        << "default_pool_size = 1\nlisten_port = 6432\nunix_socket_dir = " << folder.string()
        << "\nauth_type = trust\nauth_file = " << (folder / "users.txt").string()
        << "\nlogfile = " << (folder / "log").string() << "\n";
    for (const char* name : {"users.txt", "pgbouncer.ini"}) {
      fs::permissions(folder / name, fs::perms::owner_read | fs::perms::others_read);
    }
  }

  fs::path folder;
  pid_t process = 0;
  std::unique_ptr<PgPool> pool;
};

asio::awaitable<std::string> limits_in_transaction(PgPool& pool) {
  auto transaction = co_await PgTransaction::begin(pool);
  const Query show("Show", "SELECT current_setting('statement_timeout') AS value");
  const auto result = co_await transaction.execute(show);
  co_await transaction.commit();
  co_return result.one().text("value");
}

TEST_F(PgbouncerTest, TakesConnectionsWithoutSettingsAndTransactionsWithTheirOwn) {
  const auto lent = run(pool->acquire());
  EXPECT_FALSE(lent->has_session_limits());
  EXPECT_EQ(run(limits_in_transaction(*pool)), "30s");
  EXPECT_EQ(sql(*lent, "SHOW statement_timeout").one().text("statement_timeout"), "0");
}

TEST_F(PgbouncerTest, GivesTimesInUtc) {
  const auto direct = connect();
  sql(*direct, "ALTER DATABASE " + database + " SET TimeZone TO 'Asia/Kathmandu'");
  EXPECT_EQ(sql(*pool, "SELECT timestamptz '2026-01-01 00:00:00Z' AS at").one().text("at"),
            "2026-01-01 00:00:00+00");
}

TEST_F(PgbouncerTest, SharesOneServerConnectionBetweenTwoClients) {
  const auto first = run(pool->acquire());
  const auto second = run(pool->acquire());
  const std::string process_id = "SELECT pg_backend_pid() AS pid, $1::integer AS echo";
  for (int round = 0; round < 3; ++round) {
    PgParameters one;
    one.add(round);
    PgParameters two;
    two.add(round + 100);
    const auto left = sql(*first, process_id, std::move(one));
    const auto right = sql(*second, process_id, std::move(two));
    EXPECT_EQ(left.one().int64("pid"), right.one().int64("pid"));
    EXPECT_EQ(left.one().int64("echo"), round);
    EXPECT_EQ(right.one().int64("echo"), round + 100);
  }
}

TEST_F(PgbouncerTest, CarriesMigrations) {
  Migrator migrator(*pool, clock);
  const auto known = static_cast<int>(parse_migrations(embedded_migrations()).size());
  EXPECT_EQ(run(migrator.migrate()), known);
  EXPECT_EQ(run(migrator.migrate()), 0);
  run(migrator.require_current());
}

}  // namespace
}  // namespace scanclock
