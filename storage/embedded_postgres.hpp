#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/postgres_binaries.hpp"
#include "storage/postgres_folder.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>

namespace scanclock {

struct EmbeddedPostgresOptions {
  EmbeddedPostgresOptions() = default;

  /// database.embedded.data_dir; made when missing.
  std::filesystem::path folder;
  /// Recovery after a crash counts.
  Duration start_limit = std::chrono::minutes(2);
  /// How long a server that is already there may take to answer before it is replaced.
  Duration adoption_limit = std::chrono::seconds(10);
  /// For the fast shutdown; after it the server is stopped without a checkpoint.
  Duration stop_limit = std::chrono::seconds(60);
  /// False loses data when the machine fails; for tests.
  bool durable = true;
  /// The server ends with the starting thread; for tests.
  bool ends_with_parent = false;
};

/// A PostgreSQL server of our own: no TCP port, a Unix socket in a folder of its own, one database
/// `scanclock`. It lives on when this process is killed, and the next one adopts it. I/O thread
/// only; what blocks runs on the pool.
class EmbeddedPostgres {
 public:
  EmbeddedPostgres(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
                   EmbeddedPostgresOptions options);
  ~EmbeddedPostgres();
  EmbeddedPostgres(const EmbeddedPostgres&) = delete;
  EmbeddedPostgres& operator=(const EmbeddedPostgres&) = delete;

  /// Creates the data on first start, adopts or replaces a server that is already there, and
  /// returns when the database accepts connections. Does nothing when it already does. Throws
  /// EmbeddedPostgresError.
  asio::awaitable<void> start();

  /// Restarts the server, with backoff, whenever it ends. Returns by cancellation alone; cancel it
  /// before stop().
  asio::awaitable<void> supervise();

  /// A fast shutdown (SIGINT); after the stop limit an immediate one (SIGQUIT). Not cancellable.
  asio::awaitable<void> stop();

  /// An immediate shutdown (SIGQUIT), which the next start recovers from.
  asio::awaitable<void> stop_immediately();

  /// For PgConnectOptions; holds no secret.
  std::string conninfo() const;

  /// Whether the running server was there before start().
  bool adopted() const;

  /// The postmaster; 0 when none is known to run.
  pid_t process_id() const;

 private:
  class Postmaster;

  asio::awaitable<bool> accepts_connections(Duration limit);
  asio::awaitable<void> wait_until_ready();
  asio::awaitable<void> ensure_database();
  asio::awaitable<void> find_running();
  asio::awaitable<void> end_with(int first_signal);
  asio::awaitable<bool> ends_within(Duration limit);
  std::string conninfo_of(const std::string& database) const;

  asio::any_io_executor executor_;
  Clock& clock_;
  BlockingPool& pool_;
  EmbeddedPostgresOptions options_;
  PostgresFolder folder_;
  std::shared_ptr<const PostgresFolderLock> lock_;
  std::shared_ptr<Postmaster> postmaster_;
};

}  // namespace scanclock
