#include "storage/migrator.hpp"

#include "core/runtime/log.hpp"
#include "storage/pg_transaction.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration migration_limit = std::chrono::hours(6);

std::vector<AppliedMigration> read_applied(const PgResult& result) {
  std::vector<AppliedMigration> applied;
  for (const auto& row : result) {
    AppliedMigration migration;
    migration.version = static_cast<int>(row.int64("version"));
    migration.name = row.text("name");
    migration.checksum = row.text("checksum");
    migration.applied_at = row.time("applied_at");
    applied.push_back(std::move(migration));
  }
  return applied;
}

void refuse_conflict(std::span<const Migration> known, std::span<const AppliedMigration> applied) {
  if (auto conflict = migration_conflict(known, applied)) {
    throw MigrationError(*conflict);
  }
}

}  // namespace

Migrator::Migrator(PgPool& pool, Clock& clock, std::span<const EmbeddedFile> files)
    : pool_(pool), clock_(clock), migrations_(parse_migrations(files)) {}

asio::awaitable<std::vector<AppliedMigration>> Migrator::applied() {
  auto transaction = co_await PgTransaction::begin_snapshot(pool_);
  auto found = co_await applied_in(transaction);
  co_await transaction.rollback();
  co_return found;
}

asio::awaitable<std::vector<AppliedMigration>> Migrator::applied_in(PgTransaction& transaction) {
  const auto table = co_await transaction.execute(query("FindMigrationTable"));
  if (!table.one().boolean("table_exists")) {
    co_return std::vector<AppliedMigration>();
  }
  const auto rows = co_await transaction.execute(query("ListAppliedMigrations"));
  co_return read_applied(rows);
}

asio::awaitable<std::vector<MigrationStatus>> Migrator::status() {
  const auto done = co_await applied();
  std::vector<MigrationStatus> all;
  for (const auto& migration : migrations_) {
    MigrationStatus status;
    status.version = migration.version;
    status.name = migration.name;
    all.push_back(std::move(status));
  }
  for (const auto& migration : done) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const MigrationStatus& status) {
      return status.version == migration.version;
    });
    if (same == all.end()) {
      MigrationStatus unknown;
      unknown.version = migration.version;
      unknown.name = migration.name;
      unknown.applied_at = migration.applied_at;
      unknown.recognized = false;
      all.push_back(std::move(unknown));
      continue;
    }
    same->applied_at = migration.applied_at;
    same->recognized =
        migrations_[static_cast<std::size_t>(same - all.begin())].checksum == migration.checksum;
  }
  co_return all;
}

asio::awaitable<int> Migrator::migrate() {
  int count = 0;
  while (co_await apply_next()) {
    ++count;
  }
  co_return count;
}

asio::awaitable<int> Migrator::rollback_to(int version) {
  int count = 0;
  while (co_await undo_last(version)) {
    ++count;
  }
  co_return count;
}

asio::awaitable<void> Migrator::require_current() {
  const auto done = co_await applied();
  refuse_conflict(migrations_, done);
  if (done.size() < migrations_.size()) {
    throw MigrationError("the database is at migration " + std::to_string(done.size()) +
                         ", this program needs " + std::to_string(migrations_.size()) +
                         "\nHINT: run scanclock db migrate");
  }
}

asio::awaitable<void> Migrator::lock(PgTransaction& transaction) {
  // Another daemon's migration may hold the lock for as long as it takes.
  co_await transaction.limit(Duration::zero(), Duration::zero());
  PgParameters none;
  co_await transaction.execute(query("LockMigrations"), std::move(none), migration_limit);
}

asio::awaitable<bool> Migrator::apply_next() {
  auto transaction = co_await PgTransaction::begin(pool_);
  co_await lock(transaction);
  const auto done = co_await applied_in(transaction);
  refuse_conflict(migrations_, done);
  if (done.size() == migrations_.size()) {
    co_await transaction.rollback();
    co_return false;
  }
  const auto& next = migrations_[done.size()];
  if (done.empty()) {
    co_await create_table(transaction);
  }
  auto script = transaction.execute_script("migration " + next.name, next.up, migration_limit);
  co_await std::move(script);
  PgParameters record;
  record.add(next.version).add(next.name).add(next.checksum).add(clock_.now());
  co_await transaction.execute(query("RecordMigration"), std::move(record));
  co_await transaction.commit();
  log::info("storage", "applied migration {} ({})", next.version, next.name);
  co_return true;
}

asio::awaitable<bool> Migrator::undo_last(int version) {
  auto transaction = co_await PgTransaction::begin(pool_);
  co_await lock(transaction);
  const auto done = co_await applied_in(transaction);
  refuse_conflict(migrations_, done);
  if (done.empty() || done.back().version <= version) {
    co_await transaction.rollback();
    co_return false;
  }
  const auto& last = migrations_[done.size() - 1];
  auto script = transaction.execute_script("undo " + last.name, last.down, migration_limit);
  co_await std::move(script);
  // The first migration's undoing may drop the schema and with it the list.
  const auto table = co_await transaction.execute(query("FindMigrationTable"));
  if (table.one().boolean("table_exists")) {
    PgParameters forget;
    forget.add(last.version);
    co_await transaction.execute(query("ForgetMigration"), std::move(forget));
  }
  co_await transaction.commit();
  log::info("storage", "undid migration {} ({})", last.version, last.name);
  co_return true;
}

asio::awaitable<void> Migrator::create_table(PgTransaction& transaction) {
  const auto found = co_await transaction.execute(query("FindMigrationTable"));
  const bool has_schema = found.one().boolean("schema_exists");
  const bool has_table = found.one().boolean("table_exists");
  // Creating what exists needs a right that an administrator may have kept.
  if (!has_schema) {
    co_await transaction.execute(query("CreateMigrationSchema"));
  }
  if (!has_table) {
    co_await transaction.execute(query("CreateMigrationTable"));
  }
}

}  // namespace scanclock
