#include "bench/bench_database.hpp"

#include "storage/migrator.hpp"
#include "tests/support/run_coroutine.hpp"

#include <stdlib.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration renew_every = std::chrono::seconds(4);

std::filesystem::path make_database_folder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "scanclock-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary folder can be made for PostgreSQL");
  }
  // The server may run as another user, who must get through to its own folder below.
  std::filesystem::permissions(pattern, std::filesystem::perms::owner_all |
                                            std::filesystem::perms::group_exec |
                                            std::filesystem::perms::others_exec);
  return pattern;
}

}  // namespace

BenchDatabase::BenchDatabase(asio::io_context& io, Clock& clock, BlockingPool& pool,
                             std::size_t connections_max)
    : io_(io), folder_(make_database_folder()) {
  EmbeddedPostgresOptions options;
  options.folder = folder_ / "pg";
  options.ends_with_parent = true;
  server_ = std::make_unique<EmbeddedPostgres>(io.get_executor(), clock, pool, std::move(options));
  run(io, server_->start());
  PgConnectOptions connect;
  connect.conninfo = server_->conninfo();
  PgPoolLimits limits;
  limits.size_max = connections_max;
  connections_ = std::make_unique<PgPool>(io.get_executor(), clock, pool, connect, limits);
  Migrator migrator(*connections_, clock);
  run(io, migrator.migrate());
  stores_ = std::make_unique<Stores>(*connections_, pool, "bench");
  run(io, stores_->lease.acquire());
}

BenchDatabase::~BenchDatabase() {
  run(io_, connections_->close());
  run(io_, server_->stop_immediately());
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

asio::awaitable<void> keep_lease(Clock& clock, Lease& lease) {
  for (;;) {
    co_await clock.sleep(renew_every);
    co_await lease.renew();
  }
}

void print_failure(std::string_view task, std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%.*s ended: %s\n", static_cast<int>(task.size()), task.data(),
                 error.what());
  }
}

}  // namespace scanclock
