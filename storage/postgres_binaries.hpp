#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A PostgreSQL of our own cannot be run. what() ends in a HINT line where there is advice.
class EmbeddedPostgresError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A folder with postgres, initdb, pg_dump and pg_restore.
struct PostgresBinaries {
  std::filesystem::path folder;
  /// 15 for 15.20.
  int major = 0;
};

/// Reads `postgres (PostgreSQL) 15.20 (Debian …)`.
std::optional<int> parse_postgres_major(std::string_view version_output);

/// What is installed, newest first: SCANCLOCK_PG_BINDIR alone if it is set, else
/// /usr/lib/postgresql/*/bin and the folders of PATH. Runs each one's `--version`; blocks.
std::vector<PostgresBinaries> find_postgres_binaries();

/// The newest. Throws EmbeddedPostgresError when there is none.
PostgresBinaries newest_postgres_binaries();

}  // namespace scanclock
