#pragma once

#include "core/runtime/clock.hpp"
#include "storage/embedded_files.hpp"
#include "storage/pg_pool.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace scanclock {

class PgTransaction;

/// `NNNN_name.up.sql` with its `NNNN_name.down.sql`.
struct Migration {
  int version = 0;
  std::string name;
  std::string up;
  std::string down;
  /// sha256 of the up file, hex.
  std::string checksum;
};

/// Pairs and orders the files. Throws std::invalid_argument for other file names, a missing half, a
/// version that occurs twice, and versions that are not 1, 2, 3, …
std::vector<Migration> parse_migrations(std::span<const EmbeddedFile> files);

struct AppliedMigration {
  int version = 0;
  std::string name;
  std::string checksum;
  TimePoint applied_at;
};

/// Why this program must leave that database alone: it is newer than the program, or a migration
/// has changed since it was applied; with a HINT line. Nothing when all is well.
std::optional<std::string> migration_conflict(std::span<const Migration> known,
                                              std::span<const AppliedMigration> applied);

/// The database's schema does not fit this program. what() ends in a HINT line.
class MigrationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MigrationStatus {
  MigrationStatus() = default;
  int version = 0;
  std::string name;
  /// Nothing: pending.
  std::optional<TimePoint> applied_at;
  /// The program knows it, and with this checksum.
  bool recognized = true;
};

/// Brings the schema `scanclock` to the version of this program. Each file is one transaction under
/// an advisory transaction lock, so that several may try at once, also through pgbouncer. I/O
/// thread only. All throw PgError; those that change something throw MigrationError, too.
class Migrator {
 public:
  /// `files` must outlive the migrator, which reads them at once. Throws as parse_migrations.
  Migrator(PgPool& pool, Clock& clock, std::span<const EmbeddedFile> files = embedded_migrations());

  /// Every migration that the program or the database knows, by version. Changes nothing.
  asio::awaitable<std::vector<MigrationStatus>> status();

  /// Applies what is pending and returns how many that were.
  asio::awaitable<int> migrate();

  /// Undoes every migration above `version`, newest first, and returns how many.
  asio::awaitable<int> rollback_to(int version);

  /// Throws MigrationError unless the database is exactly at this program's version.
  asio::awaitable<void> require_current();

 private:
  asio::awaitable<std::vector<AppliedMigration>> applied();
  asio::awaitable<std::vector<AppliedMigration>> applied_in(PgTransaction& transaction);
  asio::awaitable<bool> apply_next();
  asio::awaitable<bool> undo_last(int version);
  asio::awaitable<void> lock(PgTransaction& transaction);
  asio::awaitable<void> create_table(PgTransaction& transaction);

  PgPool& pool_;
  Clock& clock_;
  std::vector<Migration> migrations_;
};

}  // namespace scanclock
