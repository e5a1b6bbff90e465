#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/pg_error.hpp"
#include "storage/pg_parameters.hpp"
#include "storage/pg_result.hpp"
#include "storage/queries.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <string>

struct pg_conn;

namespace scanclock {

struct PgConnectOptions {
  PgConnectOptions() = default;

  /// A postgresql:// URL or keywords; what it leaves out comes from the PG* environment variables.
  std::string conninfo;
  /// Stands in for the one in `conninfo` unless empty.
  std::string password;
  std::string application_name = "scanclock";
  Duration connect_timeout = std::chrono::seconds(10);
  /// How long a caller waits for a statement; the server is told the same as a backstop.
  Duration statement_timeout = std::chrono::seconds(30);
  Duration lock_timeout = std::chrono::seconds(10);
  Duration idle_in_transaction_timeout = std::chrono::seconds(60);
};

/// One connection to PostgreSQL: libpq without its blocking. I/O thread only, and one coroutine at
/// a time.
class PgConnection {
 public:
  /// Throws PgError, also when `options.connect_timeout` passes. Everything referred to must
  /// outlive the connection.
  static asio::awaitable<std::unique_ptr<PgConnection>> connect(asio::any_io_executor executor,
                                                                Clock& clock, BlockingPool& pool,
                                                                PgConnectOptions options);

  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  /// Runs one statement by the extended protocol, unnamed. Throws PgError; after `limit` with
  /// SQLSTATE 57014, and the connection is then busy until recover(), as it is when the caller is
  /// cancelled. `statement` must outlive the call.
  asio::awaitable<PgResult> execute(const Query& statement, PgParameters parameters,
                                    Duration limit);

  /// The same with the options' statement_timeout.
  asio::awaitable<PgResult> execute(const Query& statement, PgParameters parameters = {});

  /// Runs any number of statements by the simple protocol and returns the last one's rows.
  asio::awaitable<PgResult> execute_script(std::string name, std::string script, Duration limit);

  enum class State {
    /// Ready, in no transaction.
    idle,
    /// A statement is unfinished or a transaction is open: recover() makes it idle.
    busy,
    /// Of no more use.
    broken,
  };
  State state() const;

  /// False when the server closed the connection while nobody looked. Does not wait.
  bool still_alive();

  /// Cancels what is under way, drains it and rolls an open transaction back. Returns false when
  /// the connection cannot be brought back to idle within `limit`.
  asio::awaitable<bool> recover(Duration limit);

  /// Makes state() broken: nobody knows what a COMMIT did whose answer never came.
  void distrust() { distrusted_ = true; }

  /// Whether the server took the timeouts at connect. pgbouncer refuses them; transactions then set
  /// their own.
  bool has_session_limits() const { return session_limits_; }
  const PgConnectOptions& options() const { return options_; }

  /// By the monotonic clock.
  Duration connected_at() const { return connected_at_; }

  /// As 150020 for 15.20.
  int server_version() const;
  int backend_pid() const;

 private:
  PgConnection(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
               PgConnectOptions options);

  asio::awaitable<bool> attempt(bool session_limits);
  asio::awaitable<void> establish(bool session_limits);
  asio::awaitable<void> poll_until_connected();
  asio::awaitable<void> use_utc();
  asio::awaitable<PgResult> limited(std::string name, Duration limit);
  asio::awaitable<PgResult> exchange(std::string name);
  asio::awaitable<void> flush(std::string name);
  asio::awaitable<void> await_result();
  asio::awaitable<void> drain();
  asio::awaitable<void> clean_up();
  void watch_socket();
  void release_closed_socket();
  [[noreturn]] void fail(std::string statement) const;
  void require_idle_protocol(const std::string& name) const;

  Clock& clock_;
  BlockingPool& pool_;
  PgConnectOptions options_;
  /// Shared with the piece of work on the pool that may outlive a cancelled connect.
  std::shared_ptr<pg_conn> connection_;
  asio::posix::stream_descriptor socket_;
  Duration connected_at_{};
  bool session_limits_ = false;
  bool distrusted_ = false;
};

}  // namespace scanclock
