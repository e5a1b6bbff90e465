#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace scanclock {

/// pg_dump or pg_restore failed. what() holds the end of its output.
class BackupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes the schema `scanclock` with pg_dump in its custom format, readable by its owner alone.
/// The file appears under its name only when it is complete. Blocks for as long as it takes. The
/// password goes through the environment. Throws BackupError, DsnError, EmbeddedPostgresError.
void backup_database(const std::string& conninfo, const std::string& password,
                     const std::filesystem::path& file);

/// Puts a backup in the place of what is there, in one transaction: on failure nothing has changed.
/// Blocks. Throws as above.
void restore_database(const std::string& conninfo, const std::string& password,
                      const std::filesystem::path& file);

}  // namespace scanclock
