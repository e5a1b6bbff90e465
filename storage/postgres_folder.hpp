#pragma once

#include "storage/child_process.hpp"
#include "storage/postgres_binaries.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace scanclock {

/// Held by the one process that starts, adopts and stops a folder's server; released when it ends,
/// however it ends.
class PostgresFolderLock {
 public:
  explicit PostgresFolderLock(int descriptor) : descriptor_(descriptor) {}
  ~PostgresFolderLock();
  PostgresFolderLock(const PostgresFolderLock&) = delete;
  PostgresFolderLock& operator=(const PostgresFolderLock&) = delete;

 private:
  int descriptor_;
};

/// The folder of a private PostgreSQL: `data` is the server's, `socket` holds its Unix socket. All
/// functions block and throw EmbeddedPostgresError or std::filesystem::filesystem_error.
class PostgresFolder {
 public:
  explicit PostgresFolder(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path data() const { return root_ / "data"; }
  std::filesystem::path socket() const { return root_ / "socket"; }
  /// What the server says before its own log begins; `data/log` has the rest.
  std::filesystem::path start_log() const { return root_ / "start.log"; }

  /// Refuses a path that does not fit into a socket's address.
  void check_socket_length() const;

  /// Who runs the server: nobody else than this process, unless that is root, whom PostgreSQL
  /// refuses. Then the owner of the data, else the user `postgres`, else `nobody`.
  std::optional<UserIdentity> identity() const;

  /// Makes the folders, 0700, and refuses a parent that `identity` may not pass.
  void prepare(const std::optional<UserIdentity>& identity) const;

  /// Refuses a folder that another process holds: its server is no orphan.
  std::shared_ptr<const PostgresFolderLock> lock() const;

  /// The major version of the data; nothing when there is none.
  std::optional<int> data_major() const;

  /// The programs for this data. Refuses data of a version that is not installed.
  PostgresBinaries choose_binaries() const;

  /// Creates the data with initdb, all or nothing. `durable` waits for the disk.
  void initialize(const PostgresBinaries& binaries, const std::optional<UserIdentity>& identity,
                  bool durable) const;

  /// The server that runs on this data, if one does.
  std::optional<pid_t> running_postmaster() const;

  /// Makes a lock file harmless whose process ID now belongs to another program: PostgreSQL would
  /// take that one for a server and refuse to start.
  void disarm_stale_lock() const;

  /// The last lines of start_log().
  std::string start_log_tail() const;

 private:
  std::optional<pid_t> locking_process() const;
  bool is_postmaster(pid_t process) const;

  std::filesystem::path root_;
};

/// The first folder on the way to `path` that `identity` may not pass, by owner, group and others'
/// permissions; nothing when all are passable.
std::optional<std::filesystem::path> first_impassable(const std::filesystem::path& path,
                                                      const UserIdentity& identity);

}  // namespace scanclock
