#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "storage/embedded_postgres.hpp"
#include "storage/pg_pool.hpp"
#include "storage/stores.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <memory>
#include <string_view>

namespace scanclock {

/// The daemon's own stores on an embedded PostgreSQL of its own, which waits for the disk as in
/// production. The lease is held; keep_lease() holds it for longer than its time.
class BenchDatabase {
 public:
  BenchDatabase(asio::io_context& io, Clock& clock, BlockingPool& pool,
                std::size_t connections_max);
  ~BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;

  PgPool& connections() { return *connections_; }
  Stores& stores() { return *stores_; }

 private:
  asio::io_context& io_;
  std::filesystem::path folder_;
  std::unique_ptr<EmbeddedPostgres> server_;
  std::unique_ptr<PgPool> connections_;
  std::unique_ptr<Stores> stores_;
};

/// Until cancelled.
asio::awaitable<void> keep_lease(Clock& clock, Lease& lease);

/// Tells on standard error which task of a benchmark ended, and why.
void print_failure(std::string_view task, std::exception_ptr failure);

}  // namespace scanclock
