#pragma once

#include "config/settings.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"
#include "storage/embedded_postgres.hpp"
#include "storage/stores.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>

namespace scanclock {

/// The daemon's PostgreSQL: its own server or the one of the settings, migrated, with the stores on
/// top. I/O thread only.
class Database {
 public:
  Database(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
           DatabaseSettings settings);

  /// Throws EmbeddedPostgresError, PgError or MigrationError.
  asio::awaitable<void> open();

  /// Ends connections, gives the lease up, and leaves an embedded server running for
  /// stop_server(). Never throws.
  asio::awaitable<void> close();
  /// The embedded server's own shutdown, which may take longer than the daemon's.
  asio::awaitable<void> stop_server();

  Stores& stores() { return *stores_; }
  /// Who holds the lease, after open(). Throws PgError.
  asio::awaitable<std::optional<LeaseHolder>> present_lease() { return find_lease(*connections_); }

 private:
  asio::any_io_executor executor_;
  Clock& clock_;
  BlockingPool& pool_;
  DatabaseSettings settings_;
  TaskGroup tasks_;
  std::unique_ptr<EmbeddedPostgres> server_;
  std::unique_ptr<PgPool> connections_;
  std::unique_ptr<Stores> stores_;
};

}  // namespace scanclock
