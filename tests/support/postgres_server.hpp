#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/embedded_postgres.hpp"
#include "storage/pg_connection.hpp"
#include "storage/pg_pool.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace scanclock {

/// One private PostgreSQL for a test process, on a Unix socket in a temporary folder; it and the
/// folder go when the process ends. Does not wait for the disk.
class PostgresServer {
 public:
  /// Why there is none, such as that PostgreSQL is not installed; empty when shared() works.
  static std::string unavailable_reason();

  /// Started on first use.
  static PostgresServer& shared();

  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// A new database; `migrated` ones are copies of one that has every embedded migration.
  std::string create_database(bool migrated);
  /// Ends its connections.
  void drop_database(const std::string& name);
  std::string conninfo(const std::string& database) const;
  std::filesystem::path socket_folder() const;

  void start();
  void restart();
  /// Like a crash: no checkpoint, every connection cut.
  void kill_immediate();

 private:
  PostgresServer();
  void run_sql(const std::string& conninfo, const std::string& sql);
  void make_template();

  std::filesystem::path folder_;
  boost::asio::io_context io_;
  SystemClock clock_;
  BlockingPool pool_;
  std::unique_ptr<EmbeddedPostgres> postgres_;
  bool has_template_ = false;
  int databases_ = 0;
};

/// A test with a database of its own, migrated unless a derived class says otherwise. Skips itself
/// with the reason where there is no PostgreSQL, and fails where the variable CI is `true`.
class PostgresTest : public ::testing::Test {
 protected:
  explicit PostgresTest(bool migrated = true) : migrated_(migrated) {}
  void SetUp() override;
  void TearDown() override;

  PgConnectOptions connect_options() const;
  std::unique_ptr<PgConnection> connect();
  std::unique_ptr<PgPool> make_pool(PgPoolLimits limits = {});

  template <class T>
  T run(asio::awaitable<T> task) {
    return scanclock::run(io, std::move(task));
  }

  /// Runs one statement.
  PgResult sql(PgConnection& connection, const std::string& text, PgParameters parameters = {});
  PgResult sql(const PooledConnection& lent, const std::string& text,
               PgParameters parameters = {}) {
    return sql(*lent, text, std::move(parameters));
  }
  PgResult sql(PgPool& connections, const std::string& text, PgParameters parameters = {});

  boost::asio::io_context io;
  SystemClock clock;
  BlockingPool blocking{4, 64};
  std::string database;

 private:
  bool migrated_;
};

}  // namespace scanclock
