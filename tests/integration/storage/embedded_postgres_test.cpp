#include "storage/embedded_postgres.hpp"

#include "core/runtime/task_group.hpp"
#include "storage/backup.hpp"
#include "tests/support/postgres_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sys/wait.h>

namespace scanclock {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class EmbeddedPostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto reason = PostgresServer::unavailable_reason();
    const char* ci = std::getenv("CI");
    if (!reason.empty() && ci != nullptr && std::string(ci) == "true") {
      FAIL() << reason;
    }
    if (!reason.empty()) {
      GTEST_SKIP() << reason;
    }
    std::string pattern = (fs::temp_directory_path() / "scanclock-own-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    fs::permissions(folder, fs::perms::owner_all | fs::perms::others_exec);
  }

  void TearDown() override {
    if (folder.empty()) {
      return;
    }
    auto last = make();
    run(last->stop_immediately());
    fs::remove_all(folder);
  }

  std::unique_ptr<EmbeddedPostgres> make() {
    EmbeddedPostgresOptions options;
    options.folder = folder / "pg";
    options.durable = false;
    options.start_limit = 60s;
    options.adoption_limit = 1s;
    return std::make_unique<EmbeddedPostgres>(io.get_executor(), clock, blocking,
                                              std::move(options));
  }

  PgResult sql(const EmbeddedPostgres& postgres, const std::string& text) {
    PgConnectOptions options;
    options.conninfo = postgres.conninfo();
    const auto connection =
        run(PgConnection::connect(io.get_executor(), clock, blocking, std::move(options)));
    return run(connection->execute_script("Test", text, 10s));
  }

  std::string refusal(EmbeddedPostgres& postgres) {
    try {
      run(postgres.start());
    } catch (const EmbeddedPostgresError& error) {
      return error.what();
    }
    return "";
  }

  /// A killed postmaster's own children take a moment to notice, and block a new one until then.
  void start_once_orphans_are_gone(EmbeddedPostgres& postgres) {
    for (std::string why = refusal(postgres); !why.empty(); why = refusal(postgres)) {
      ASSERT_NE(why.find("shared memory"), std::string::npos) << why;
    }
  }

  template <class T>
  T run(asio::awaitable<T> task) {
    return scanclock::run(io, std::move(task));
  }

  boost::asio::io_context io;
  SystemClock clock;
  BlockingPool blocking{4, 64};
  fs::path folder;
};

TEST_F(EmbeddedPostgresTest, KeepsItsDataAcrossStopAndStart) {
  auto postgres = make();
  run(postgres->start());
  EXPECT_FALSE(postgres->adopted());
  sql(*postgres, "CREATE TABLE kept (v integer); INSERT INTO kept VALUES (42)");
  run(postgres->stop());
  EXPECT_EQ(postgres->process_id(), 0);
  EXPECT_FALSE(fs::exists(folder / "pg/data/postmaster.pid")) << "the shutdown was not clean";
  run(postgres->start());
  EXPECT_EQ(sql(*postgres, "SELECT v FROM kept").one().int64("v"), 42);
  run(postgres->stop());
}

TEST_F(EmbeddedPostgresTest, ListensOnASocketInAPrivateFolderAlone) {
  auto postgres = make();
  run(postgres->start());
  EXPECT_EQ(sql(*postgres, "SHOW listen_addresses").one().text("listen_addresses"), "");
  EXPECT_EQ(sql(*postgres, "SHOW data_checksums").one().text("data_checksums"), "on");
  EXPECT_EQ(sql(*postgres, "SHOW server_encoding").one().text("server_encoding"), "UTF8");
  EXPECT_EQ(fs::status(folder / "pg/socket").permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(folder / "pg/data").permissions(), fs::perms::owner_all);
  run(postgres->stop());
}

TEST_F(EmbeddedPostgresTest, AdoptsAnOrphan) {
  pid_t orphan = 0;
  {
    auto killed = make();
    run(killed->start());
    orphan = killed->process_id();
    sql(*killed, "CREATE TABLE kept (v integer)");
  }
  auto next = make();
  run(next->start());
  EXPECT_TRUE(next->adopted());
  EXPECT_EQ(next->process_id(), orphan);
  sql(*next, "INSERT INTO kept VALUES (1)");
  run(next->stop());
  ::waitpid(orphan, nullptr, WNOHANG);
  EXPECT_EQ(next->process_id(), 0);
}

TEST_F(EmbeddedPostgresTest, TakesNoServerFromAProcessThatStillLives) {
  auto first = make();
  run(first->start());
  auto second = make();
  const auto text = refusal(*second);
  EXPECT_NE(text.find("another process uses the database"), std::string::npos) << text;
  EXPECT_EQ(sql(*first, "SELECT 1 AS one").one().int64("one"), 1);
  run(first->stop());
}

TEST_F(EmbeddedPostgresTest, ReplacesAnOrphanThatDoesNotAnswer) {
  pid_t orphan = 0;
  {
    auto killed = make();
    run(killed->start());
    orphan = killed->process_id();
  }
  fs::remove(folder / "pg/socket/.s.PGSQL.5432");
  auto next = make();
  run(next->start());
  EXPECT_FALSE(next->adopted());
  EXPECT_NE(next->process_id(), orphan);
  ::waitpid(orphan, nullptr, WNOHANG);
  EXPECT_EQ(sql(*next, "SELECT 1 AS one").one().int64("one"), 1);
  run(next->stop());
}

TEST_F(EmbeddedPostgresTest, StartsAfterItsLockWasLeftWithAnotherProgramsProcessId) {
  auto postgres = make();
  run(postgres->start());
  ASSERT_EQ(::kill(postgres->process_id(), SIGKILL), 0);
  while (postgres->process_id() != 0) {
    run(clock.sleep(5ms));
  }
  const auto lock = folder / "pg/data/postmaster.pid";
  ASSERT_TRUE(fs::exists(lock));
  std::ifstream old_lock(lock);
  std::string first;
  std::getline(old_lock, first);
  const std::string rest{std::istreambuf_iterator<char>(old_lock), {}};
  old_lock.close();
  const pid_t bystander = ::fork();
  if (bystander == 0) {
    ::pause();
    ::_exit(0);
  }
  std::ofstream(lock, std::ios::trunc) << bystander << '\n' << rest;
  start_once_orphans_are_gone(*postgres);
  EXPECT_FALSE(postgres->adopted());
  EXPECT_EQ(::kill(bystander, 0), 0) << "the bystander was stopped";
  ::kill(bystander, SIGKILL);
  ::waitpid(bystander, nullptr, 0);
  run(postgres->stop());
}

TEST_F(EmbeddedPostgresTest, RestartsAServerThatDies) {
  auto postgres = make();
  run(postgres->start());
  const pid_t first = postgres->process_id();
  TaskGroup tasks(io.get_executor(), [](std::string_view name, std::exception_ptr) {
    ADD_FAILURE() << name << " failed";
  });
  tasks.spawn("supervise", postgres->supervise());
  ASSERT_EQ(::kill(first, SIGQUIT), 0);
  const auto deadline = clock.monotonic() + 30s;
  while ((postgres->process_id() == 0 || postgres->process_id() == first) &&
         clock.monotonic() < deadline) {
    io.restart();
    io.run_one_for(50ms);
  }
  // Perhaps in the middle of its start, which the next one then completes.
  run(tasks.stop());
  run(postgres->start());
  EXPECT_NE(postgres->process_id(), first);
  EXPECT_EQ(sql(*postgres, "SELECT 1 AS one").one().int64("one"), 1);
  run(postgres->stop());
}

TEST_F(EmbeddedPostgresTest, RefusesDataOfAnotherMajorVersion) {
  fs::create_directories(folder / "pg/data");
  std::ofstream(folder / "pg/data/PG_VERSION") << "9\n";
  auto postgres = make();
  const auto text = refusal(*postgres);
  EXPECT_NE(text.find("made by PostgreSQL 9"), std::string::npos) << text;
  EXPECT_NE(text.find("\nHINT: install postgresql-9"), std::string::npos) << text;
}

TEST_F(EmbeddedPostgresTest, RefusesAFolderThatHoldsSomethingElse) {
  fs::create_directories(folder / "pg/data");
  std::ofstream(folder / "pg/data/holiday.jpg") << "sand";
  auto postgres = make();
  EXPECT_NE(refusal(*postgres).find("holds no PostgreSQL data"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder / "pg/data/holiday.jpg"));
}

TEST_F(EmbeddedPostgresTest, BeginsAgainAfterAnInterruptedFirstStart) {
  fs::create_directories(folder / "pg/data.unfinished/base");
  std::ofstream(folder / "pg/data.unfinished/PG_VERSION") << "15\n";
  auto postgres = make();
  run(postgres->start());
  EXPECT_EQ(sql(*postgres, "SELECT 1 AS one").one().int64("one"), 1);
  run(postgres->stop());
}

TEST_F(EmbeddedPostgresTest, RefusesAFolderThatItsUserMayNotReach) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root runs the server as another user";
  }
  fs::permissions(folder, fs::perms::owner_all);
  auto postgres = make();
  const auto text = refusal(*postgres);
  EXPECT_NE(text.find("may not pass " + folder.string()), std::string::npos) << text;
  EXPECT_NE(text.find("\nHINT: chmod o+x"), std::string::npos) << text;
}

TEST_F(EmbeddedPostgresTest, BringsABackupBack) {
  auto postgres = make();
  run(postgres->start());
  sql(*postgres,
      "CREATE SCHEMA scanclock; CREATE TABLE scanclock.t (v integer); INSERT INTO scanclock.t "
      "VALUES (7)");
  const auto file = folder / "backup.dump";
  backup_database(postgres->conninfo(), "", file);
  EXPECT_EQ(fs::status(file).permissions() & fs::perms::others_all, fs::perms::none);
  sql(*postgres, "UPDATE scanclock.t SET v = 8");
  restore_database(postgres->conninfo(), "", file);
  EXPECT_EQ(sql(*postgres, "SELECT v FROM scanclock.t").one().int64("v"), 7);

  std::ofstream(file, std::ios::trunc) << "damaged";
  EXPECT_THROW(restore_database(postgres->conninfo(), "", file), BackupError);
  EXPECT_EQ(sql(*postgres, "SELECT v FROM scanclock.t").one().int64("v"), 7);
  EXPECT_THROW(backup_database("host=/nonexistent dbname=x", "", folder / "none.dump"),
               BackupError);
  EXPECT_FALSE(fs::exists(folder / "none.dump"));
  run(postgres->stop());
}

}  // namespace
}  // namespace scanclock
