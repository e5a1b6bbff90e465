#include "storage/migrator.hpp"

#include "tests/support/postgres_server.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>

namespace scanclock {
namespace {

constexpr std::array<EmbeddedFile, 4> two_migrations{{
    {"0001_first.up.sql",
     "CREATE TABLE scanclock.first (v integer); INSERT INTO scanclock.first VALUES (1);"},
    {"0001_first.down.sql", "DROP TABLE scanclock.first;"},
    {"0002_second.up.sql", "ALTER TABLE scanclock.first ADD COLUMN w integer;"},
    {"0002_second.down.sql", "ALTER TABLE scanclock.first DROP COLUMN w;"},
}};

constexpr std::array<EmbeddedFile, 4> broken_second{{
    two_migrations[0],
    two_migrations[1],
    {"0002_second.up.sql", "CREATE TABLE scanclock.half (v integer); SELECT 1/0;"},
    {"0002_second.down.sql", ""},
}};

constexpr std::array<EmbeddedFile, 2> changed_first{{
    {"0001_first.up.sql", "CREATE TABLE scanclock.other (v integer);"},
    {"0001_first.down.sql", ""},
}};

class MigratorTest : public PostgresTest {
 protected:
  MigratorTest() : PostgresTest(false) {}

  void SetUp() override {
    PostgresTest::SetUp();
    if (!database.empty()) {
      pool = make_pool();
    }
  }

  void TearDown() override {
    if (pool) {
      run(pool->close());
    }
    PostgresTest::TearDown();
  }

  Migrator migrator(std::span<const EmbeddedFile> files) { return Migrator(*pool, clock, files); }

  std::int64_t count(const std::string& from) {
    return sql(*pool, "SELECT count(*) AS n FROM " + from).one().int64("n");
  }

  template <class Task>
  std::string conflict(Task task) {
    try {
      run(std::move(task));
    } catch (const MigrationError& error) {
      return error.what();
    }
    return "";
  }

  std::unique_ptr<PgPool> pool;
};

TEST_F(MigratorTest, AppliesWhatIsPendingOnce) {
  auto fresh = migrator(two_migrations);
  auto before = run(fresh.status());
  ASSERT_EQ(before.size(), 2U);
  EXPECT_FALSE(before[0].applied_at);
  EXPECT_NE(conflict(fresh.require_current()).find("HINT: run scanclock db migrate"),
            std::string::npos);

  EXPECT_EQ(run(fresh.migrate()), 2);
  EXPECT_EQ(run(fresh.migrate()), 0);
  run(fresh.require_current());
  EXPECT_EQ(count("scanclock.first"), 1);
  const auto after = run(fresh.status());
  EXPECT_TRUE(after[0].applied_at && after[1].applied_at);
}

TEST_F(MigratorTest, UndoesNewestFirst) {
  auto both = migrator(two_migrations);
  run(both.migrate());
  EXPECT_EQ(run(both.rollback_to(1)), 1);
  EXPECT_EQ(run(both.rollback_to(1)), 0);
  EXPECT_EQ(count("information_schema.columns WHERE table_name = 'first'"), 1);
  EXPECT_EQ(run(both.rollback_to(0)), 1);
  EXPECT_EQ(count("scanclock.schema_migrations"), 0);
  EXPECT_EQ(run(both.migrate()), 2);
}

TEST_F(MigratorTest, LeavesNothingOfAFileThatFails) {
  auto broken = migrator(broken_second);
  EXPECT_THROW(run(broken.migrate()), PgError);
  EXPECT_EQ(count("scanclock.schema_migrations"), 1);
  EXPECT_EQ(count("information_schema.tables WHERE table_name = 'half'"), 0);
  auto repaired = migrator(two_migrations);
  EXPECT_EQ(run(repaired.migrate()), 1);
}

TEST_F(MigratorTest, RefusesADatabaseThatIsNewerThanTheProgram) {
  auto newer = migrator(two_migrations);
  run(newer.migrate());
  auto older = migrator(std::span(two_migrations).first(2));
  EXPECT_NE(conflict(older.migrate()).find("newer than this program"), std::string::npos);
  EXPECT_NE(conflict(older.rollback_to(0)).find("\nHINT: "), std::string::npos);
  EXPECT_NE(conflict(older.require_current()), "");
  const auto status = run(older.status());
  ASSERT_EQ(status.size(), 2U);
  EXPECT_FALSE(status[1].recognized);
}

TEST_F(MigratorTest, RefusesAMigrationThatChangedAfterItWasApplied) {
  auto original = migrator(std::span(two_migrations).first(2));
  run(original.migrate());
  auto changed = migrator(changed_first);
  EXPECT_NE(conflict(changed.migrate()).find("was applied from another file"), std::string::npos);
  EXPECT_FALSE(run(changed.status())[0].recognized);
}

TEST_F(MigratorTest, LetsTwoTryAtOnce) {
  auto one = migrator(two_migrations);
  auto other = migrator(two_migrations);
  int applied = 0;
  int finished = 0;
  for (Migrator* each : {&one, &other}) {
    asio::co_spawn(io, each->migrate(), [&](std::exception_ptr failure, int number) {
      EXPECT_FALSE(failure);
      applied += number;
      ++finished;
    });
  }
  while (finished < 2) {
    io.restart();
    ASSERT_GT(io.run_one_for(std::chrono::seconds(20)), 0U);
  }
  EXPECT_EQ(applied, 2);
  EXPECT_EQ(count("scanclock.first"), 1);
}

TEST_F(MigratorTest, KnowsTheWayUpAndDownOfTheProgramsOwnMigrations) {
  auto own = migrator(embedded_migrations());
  const auto known = static_cast<int>(parse_migrations(embedded_migrations()).size());
  EXPECT_EQ(run(own.migrate()), known);
  EXPECT_EQ(run(own.rollback_to(0)), known);
  EXPECT_EQ(run(own.migrate()), known);
}

}  // namespace
}  // namespace scanclock
