#include "storage/migrator.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanclock {
namespace {

std::vector<AppliedMigration> applied_from(const std::vector<Migration>& migrations) {
  std::vector<AppliedMigration> applied;
  for (const auto& migration : migrations) {
    AppliedMigration done;
    done.version = migration.version;
    done.name = migration.name;
    done.checksum = migration.checksum;
    applied.push_back(done);
  }
  return applied;
}

const std::vector<EmbeddedFile> three_unordered = {
    {"0003_c.up.sql", "3"}, {"0001_a.down.sql", "-1"}, {"0002_b.up.sql", "2"},
    {"0001_a.up.sql", "1"}, {"0003_c.down.sql", "-3"}, {"0002_b.down.sql", "-2"},
};

TEST(Migrations, ArePairedAndOrdered) {
  const auto migrations = parse_migrations(three_unordered);
  ASSERT_EQ(migrations.size(), 3U);
  for (int index = 0; index < 3; ++index) {
    const auto& migration = migrations[static_cast<std::size_t>(index)];
    EXPECT_EQ(migration.version, index + 1);
    EXPECT_EQ(migration.up, std::to_string(index + 1));
    EXPECT_EQ(migration.down, std::to_string(-index - 1));
  }
  EXPECT_EQ(migrations[0].checksum,
            "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
}

TEST(Migrations, OfThisProgramAreWellFormed) {
  EXPECT_FALSE(parse_migrations(embedded_migrations()).empty());
}

TEST(Migrations, MalformedListsAreRefused) {
  const std::vector<std::vector<EmbeddedFile>> lists = {
      {{"0001_a.up.sql", ""}},
      {{"0001_a.down.sql", ""}},
      {{"0002_a.up.sql", ""}, {"0002_a.down.sql", ""}},
      {{"0001_a.up.sql", ""}, {"0001_b.down.sql", ""}},
      {{"0001_a.up.sql", ""}, {"0001_a.up.sql", ""}, {"0001_a.down.sql", ""}},
      {{"1_a.up.sql", ""}, {"1_a.down.sql", ""}},
      {{"0001.up.sql", ""}, {"0001.down.sql", ""}},
      {{"0001_a.sql", ""}},
  };
  for (const auto& list : lists) {
    EXPECT_THROW(parse_migrations(list), std::invalid_argument) << list.front().name;
  }
}

TEST(Migrations, ConflictOnlyWithANewerOrADifferentHistory) {
  const auto known = parse_migrations(three_unordered);
  auto applied = applied_from(known);
  EXPECT_EQ(migration_conflict(known, applied), std::nullopt);
  EXPECT_EQ(migration_conflict(known, std::span(applied).first(1)), std::nullopt);
  EXPECT_EQ(migration_conflict(known, {}), std::nullopt);

  const auto newer = migration_conflict(std::span(known).first(2), applied);
  ASSERT_TRUE(newer);
  EXPECT_NE(newer->find("newer than this program"), std::string::npos);
  EXPECT_NE(newer->find("\nHINT: "), std::string::npos);

  EXPECT_TRUE(migration_conflict(known, std::span(applied).subspan(1)));
  applied[1].checksum = "other";
  const auto changed = migration_conflict(known, applied);
  ASSERT_TRUE(changed);
  EXPECT_NE(changed->find("2 (b)"), std::string::npos);
  EXPECT_NE(changed->find("\nHINT: "), std::string::npos);
}

}  // namespace
}  // namespace scanclock
