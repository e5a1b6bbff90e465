#pragma once

#include "storage/pg_connection.hpp"
#include "storage/pg_error.hpp"

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What PgConnection needs of libpq beside its socket.
namespace scanclock::pg_protocol {

using ResultPointer = std::unique_ptr<PGresult, void (*)(PGresult*)>;
using Settings = std::vector<std::pair<std::string, std::string>>;

/// The keywords of PQconnectStartParams, in an order in which later ones win: defaults that the
/// conninfo may change, the conninfo, and what this program needs. `session_limits` adds the
/// timeouts as server settings.
Settings connect_settings(const PgConnectOptions& options, bool session_limits);

/// PQconnectStartParams; blocks while it resolves names. Throws std::bad_alloc.
std::shared_ptr<PGconn> start_connect(const Settings& settings);

/// The error in a result, without the statement's name; nothing for a success.
std::optional<PgError::Details> failure_of(const PGresult& result);

/// COPY has its own protocol, which nothing here speaks.
bool is_copy(const PGresult& result);

/// For PQcancel on another thread.
std::shared_ptr<PGcancel> cancel_handle(PGconn& connection);

/// Writes a server's notice to the debug log instead of standard error.
void log_notice(void* context, const PGresult* result);

/// The SQLSTATE in a report of verbosity PQERRORS_VERBOSE (`FATAL:  28P01: …`); empty if none.
std::string sqlstate_in(std::string_view report);

/// A report of libpq without its source locations and line breaks.
std::string one_line(std::string_view report);

/// pgbouncer's refusal of the `options` startup parameter.
bool is_refused_startup_parameter(std::string_view message);

}  // namespace scanclock::pg_protocol
