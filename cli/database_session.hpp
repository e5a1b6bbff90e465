#pragma once

#include "cli/exit_code.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/embedded_postgres.hpp"
#include "storage/pg_pool.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace scanclock {

/// The database of a settings file, open for one command. The embedded server is started for it
/// and stopped after it, unless it ran before: then it is the daemon's.
class DatabaseSession {
 public:
  /// Throws CommandError.
  DatabaseSession(asio::io_context& io, Clock& clock, const std::string& settings_file);
  ~DatabaseSession();
  DatabaseSession(const DatabaseSession&) = delete;
  DatabaseSession& operator=(const DatabaseSession&) = delete;

  PgPool& pool() { return *connections_; }
  const std::string& conninfo() const { return conninfo_; }
  const std::string& password() const { return password_; }

 private:
  asio::io_context& io_;
  BlockingPool blocking_;
  std::unique_ptr<EmbeddedPostgres> embedded_;
  std::unique_ptr<PgPool> connections_;
  std::string conninfo_;
  std::string password_;
};

}  // namespace scanclock
