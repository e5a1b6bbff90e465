#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/pg_connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace scanclock {

class PooledConnection;

struct PgPoolLimits {
  PgPoolLimits() = default;
  /// Connections, those being made included.
  std::size_t size_max = 8;
  /// How long acquire() waits for a connection to be free or made.
  Duration wait = std::chrono::seconds(10);
  /// A connection unused for so long is closed.
  Duration idle = std::chrono::minutes(5);
  /// A connection of this age is closed when it comes back.
  Duration lifetime = std::chrono::hours(1);
  /// How long a connection that came back busy may take to be cleaned.
  Duration recovery = std::chrono::seconds(5);
};

/// Connections that are lent, first come first served. I/O thread only.
class PgPool {
 public:
  struct Counts {
    std::size_t idle = 0;
    /// Lent, being made or being cleaned.
    std::size_t in_use = 0;
    std::size_t waiting = 0;
  };

  PgPool(asio::any_io_executor executor, Clock& clock, BlockingPool& pool, PgConnectOptions options,
         PgPoolLimits limits = {});
  /// close() must have returned, unless nothing was ever lent.
  ~PgPool();
  PgPool(const PgPool&) = delete;
  PgPool& operator=(const PgPool&) = delete;

  /// Lends a connection, a new one where there is room. A refused connection is tried again until
  /// the wait is over, for a server may be starting; wrong passwords and names are not. Throws
  /// PgError, whose text includes the last failure to connect.
  asio::awaitable<PooledConnection> acquire();
  asio::awaitable<PooledConnection> acquire(Duration wait);

  /// One statement on a lent connection, its own transaction. `statement` must outlive the call.
  asio::awaitable<PgResult> execute(const Query& statement, PgParameters parameters = {});

  /// Lends nothing more, closes what is idle, waits up to `grace` for the rest to come back, and
  /// ends the cleaning. Idempotent.
  asio::awaitable<void> close(Duration grace = std::chrono::seconds(2));

  Counts counts() const;
  Clock& clock() const;

 private:
  friend class PooledConnection;
  struct State;
  std::shared_ptr<State> state_;
};

/// A connection on loan. Coming back it is kept when idle, cleaned in the background when busy, and
/// dropped when broken.
class PooledConnection {
 public:
  PooledConnection() = default;
  PooledConnection(std::shared_ptr<PgPool::State> state, std::unique_ptr<PgConnection> connection);
  PooledConnection(PooledConnection&& other) noexcept;
  PooledConnection& operator=(PooledConnection&& other) noexcept;
  ~PooledConnection();

  PgConnection& operator*() const { return *connection_; }
  PgConnection* operator->() const { return connection_.get(); }
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  void give_back() noexcept;

  std::shared_ptr<PgPool::State> state_;
  std::unique_ptr<PgConnection> connection_;
};

}  // namespace scanclock
