#include "tests/support/postgres_server.hpp"

#include "storage/migrator.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace scanclock {
namespace {

constexpr const char* template_name = "migrated_template";

std::filesystem::path make_temporary_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "scanclock-pg-XXXXXX").string();
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

std::string PostgresServer::unavailable_reason() {
  static const std::string reason = [] {
    try {
      newest_postgres_binaries();
      return std::string();
    } catch (const EmbeddedPostgresError& error) {
      return std::string(error.what());
    }
  }();
  return reason;
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : folder_(make_temporary_folder()), pool_(2, 64) {
  EmbeddedPostgresOptions options;
  options.folder = folder_ / "pg";
  options.durable = false;
  options.ends_with_parent = true;
  postgres_ =
      std::make_unique<EmbeddedPostgres>(io_.get_executor(), clock_, pool_, std::move(options));
  start();
}

PostgresServer::~PostgresServer() {
  run(io_, postgres_->stop_immediately());
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::start() { run(io_, postgres_->start()); }

void PostgresServer::restart() {
  run(io_, postgres_->stop());
  start();
}

void PostgresServer::kill_immediate() { run(io_, postgres_->stop_immediately()); }

std::string PostgresServer::conninfo(const std::string& database) const {
  return "host='" + socket_folder().string() + "' port=5432 user=scanclock dbname=" + database;
}

std::filesystem::path PostgresServer::socket_folder() const { return folder_ / "pg" / "socket"; }

void PostgresServer::run_sql(const std::string& conninfo, const std::string& sql) {
  PgConnectOptions options;
  options.conninfo = conninfo;
  const auto connection =
      run(io_, PgConnection::connect(io_.get_executor(), clock_, pool_, options));
  run(io_, connection->execute_script("test set-up", sql, std::chrono::seconds(60)));
}

void PostgresServer::make_template() {
  run_sql(postgres_->conninfo(), std::string("CREATE DATABASE ") + template_name);
  PgConnectOptions options;
  options.conninfo = conninfo(template_name);
  PgPool pool(io_.get_executor(), clock_, pool_, std::move(options));
  Migrator migrator(pool, clock_);
  run(io_, migrator.migrate());
  run(io_, pool.close());
  has_template_ = true;
}

std::string PostgresServer::create_database(bool migrated) {
  if (migrated && !has_template_) {
    make_template();
  }
  const auto name = "test_" + std::to_string(++databases_);
  run_sql(postgres_->conninfo(),
          "CREATE DATABASE " + name + " TEMPLATE " + (migrated ? template_name : "template0"));
  return name;
}

void PostgresServer::drop_database(const std::string& name) {
  run_sql(postgres_->conninfo(), "DROP DATABASE " + name + " WITH (FORCE)");
}

void PostgresTest::SetUp() {
  const auto reason = PostgresServer::unavailable_reason();
  if (!reason.empty()) {
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string_view(ci) == "true") {
      FAIL() << reason;
    }
    GTEST_SKIP() << reason;
  }
  database = PostgresServer::shared().create_database(migrated_);
}

void PostgresTest::TearDown() {
  if (!database.empty()) {
    PostgresServer::shared().drop_database(database);
  }
}

PgConnectOptions PostgresTest::connect_options() const {
  PgConnectOptions options;
  options.conninfo = PostgresServer::shared().conninfo(database);
  return options;
}

std::unique_ptr<PgConnection> PostgresTest::connect() {
  return run(PgConnection::connect(io.get_executor(), clock, blocking, connect_options()));
}

std::unique_ptr<PgPool> PostgresTest::make_pool(PgPoolLimits limits) {
  return std::make_unique<PgPool>(io.get_executor(), clock, blocking, connect_options(), limits);
}

PgResult PostgresTest::sql(PgConnection& connection, const std::string& text,
                           PgParameters parameters) {
  const Query statement("Test", text);
  return run(connection.execute(statement, std::move(parameters)));
}

PgResult PostgresTest::sql(PgPool& connections, const std::string& text, PgParameters parameters) {
  const Query statement("Test", text);
  return run(connections.execute(statement, std::move(parameters)));
}

}  // namespace scanclock
