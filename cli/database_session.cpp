#include "cli/database_session.hpp"

#include "cli/run_to_end.hpp"
#include "config/loader.hpp"
#include "core/runtime/log.hpp"

#include <exception>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t threads = 2;
constexpr std::size_t queue_max = 64;

}  // namespace

DatabaseSession::DatabaseSession(asio::io_context& io, Clock& clock,
                                 const std::string& settings_file)
    : io_(io), blocking_(threads, queue_max) {
  const auto settings = load_settings(settings_file);
  if (!settings.has_value()) {
    std::string text = to_string(settings.error());
    text.pop_back();
    throw CommandError(ExitCode::bad_configuration, text);
  }
  const DatabaseSettings& database = settings->database;
  conninfo_ = database.url;
  password_ = database.password.reveal();
  if (conninfo_.empty()) {
    EmbeddedPostgresOptions options;
    options.folder = database.embedded_data_dir;
    embedded_ =
        std::make_unique<EmbeddedPostgres>(io.get_executor(), clock, blocking_, std::move(options));
    try {
      run_to_end(io, embedded_->start());
    } catch (const EmbeddedPostgresError& error) {
      throw CommandError(ExitCode::unreachable, error.what());
    }
    conninfo_ = embedded_->conninfo();
  }
  PgConnectOptions connect_options;
  connect_options.conninfo = conninfo_;
  connect_options.password = password_;
  // A person waits for this one.
  PgPoolLimits limits;
  limits.wait = std::chrono::seconds(5);
  connections_ =
      std::make_unique<PgPool>(io.get_executor(), clock, blocking_, connect_options, limits);
}

DatabaseSession::~DatabaseSession() {
  try {
    run_to_end(io_, connections_->close());
    if (embedded_ && !embedded_->adopted()) {
      run_to_end(io_, embedded_->stop());
    }
  } catch (const std::exception& error) {
    log::warning("cli", "closing the database: {}", error.what());
  }
}

}  // namespace scanclock
