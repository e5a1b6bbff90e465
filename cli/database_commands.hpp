#pragma once

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <iosfwd>

namespace scanclock {

/// The commands that work on the database of a settings file: without a url on the embedded
/// PostgreSQL, which they start and stop unless it runs already. They throw CommandError:
/// `bad_configuration` with every settings error, `unreachable` when the database is.
struct DatabaseContext {
  asio::io_context& io;
  Clock& clock;
  OutputFormat format = OutputFormat::table;
  std::ostream& out;
};

/// Brings the schema to this program's version.
ExitCode run_db_migrate(DatabaseContext context, const DatabaseOptions& options);

/// Lists the migrations; `no` when one is pending or not this program's.
ExitCode run_db_status(DatabaseContext context, const DatabaseOptions& options);

/// Recomputes the hash chains of the evidence; `no` at the first place that does not agree.
ExitCode run_db_verify(DatabaseContext context, const DatabaseOptions& options);

ExitCode run_db_backup(DatabaseContext context, const DatabaseOptions& options);
ExitCode run_db_restore(DatabaseContext context, const DatabaseOptions& options);

}  // namespace scanclock
