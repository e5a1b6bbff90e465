#include "daemon/database.hpp"

#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "storage/dsn.hpp"
#include "storage/migrator.hpp"

#include <unistd.h>

#include <array>
#include <exception>
#include <utility>

namespace scanclock {
namespace {

void report_failure(std::string_view name, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    log::error("database", "{} ended: {}", name, error.what());
  }
}

/// People find the host in the lease row, programs the UUID.
std::string lease_holder() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) {
    host.front() = '\0';
  }
  return std::string(host.data()) + "/" + random_uuid();
}

}  // namespace

Database::Database(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
                   DatabaseSettings settings)
    : executor_(executor),
      clock_(clock),
      pool_(pool),
      settings_(std::move(settings)),
      tasks_(executor, report_failure) {}

asio::awaitable<void> Database::open() {
  PgConnectOptions options;
  if (settings_.url.empty()) {
    EmbeddedPostgresOptions embedded;
    embedded.folder = settings_.embedded_data_dir;
    log::info("database", "starting the embedded PostgreSQL in {}", embedded.folder.string());
    server_ = std::make_unique<EmbeddedPostgres>(executor_, clock_, pool_, std::move(embedded));
    co_await server_->start();
    tasks_.spawn("embedded PostgreSQL", server_->supervise());
    options.conninfo = server_->conninfo();
  } else {
    options.conninfo = settings_.url;
    options.password = settings_.password.reveal();
    log::info("database", "using {}", redacted_conninfo(settings_.url));
  }
  connections_ = std::make_unique<PgPool>(executor_, clock_, pool_, std::move(options));
  Migrator migrator(*connections_, clock_);
  const int applied = co_await migrator.migrate();
  if (applied > 0) {
    log::info("database", "applied {} migrations", applied);
  }
  stores_ = std::make_unique<Stores>(*connections_, pool_, lease_holder());
}

asio::awaitable<void> Database::close() {
  try {
    if (stores_) {
      co_await stores_->lease.release();
    }
  } catch (const std::exception& error) {
    log::warning("database", "the lease was not given up, it lapses: {}", error.what());
  }
  if (connections_) {
    co_await connections_->close();
  }
}

asio::awaitable<void> Database::stop_server() {
  co_await tasks_.stop();
  if (server_) {
    co_await server_->stop();
  }
}

}  // namespace scanclock
