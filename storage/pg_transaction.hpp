#pragma once

#include "storage/pg_pool.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace scanclock {

/// A transaction on a connection of its own. One that is destroyed without commit() is rolled back:
/// the pool cleans its connection in the background. I/O thread only.
class PgTransaction {
 public:
  /// READ COMMITTED. Throws PgError, as all below.
  static asio::awaitable<PgTransaction> begin(PgPool& pool);

  /// REPEATABLE READ, read only: every statement sees the same moment.
  static asio::awaitable<PgTransaction> begin_snapshot(PgPool& pool);

  /// `statement` must outlive the call.
  asio::awaitable<PgResult> execute(const Query& statement, PgParameters parameters = {});
  asio::awaitable<PgResult> execute(const Query& statement, PgParameters parameters,
                                    Duration limit);
  asio::awaitable<PgResult> execute_script(std::string name, std::string script, Duration limit);

  /// Sets the server's timeouts for the rest of the transaction; zero means none.
  asio::awaitable<void> limit(Duration statement, Duration lock);

  /// When it throws with connection_lost() or SQLSTATE 57014, nobody knows whether the transaction
  /// took place: what is written must bear being written twice.
  asio::awaitable<void> commit();
  asio::awaitable<void> rollback();

  PgTransaction(PgTransaction&&) = default;
  PgTransaction& operator=(PgTransaction&&) = default;

 private:
  explicit PgTransaction(PooledConnection connection) : connection_(std::move(connection)) {}

  static asio::awaitable<PgTransaction> begin_with(PgPool& pool, const Query& statement);
  PgConnection& connection() const;

  PooledConnection connection_;
};

}  // namespace scanclock
