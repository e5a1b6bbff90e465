#pragma once

#include "cli/options.hpp"
#include "cli/server.hpp"
#include "core/domain/time.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <iosfwd>
#include <string>

namespace scanclock {

/// What every command works with.
struct CommandContext {
  Server& server;
  OutputFormat format = OutputFormat::table;
  std::ostream& out;
  std::ostream& err;
  std::function<TimePoint()> now;
  /// Waits; tests let time pass at once.
  std::function<void(Duration)> sleep;
};

/// Prints an answer of a list as JSON, or what `render` makes of the list in it.
void print_list(CommandContext& context, const nlohmann::json& answer, const char* list,
                std::string (*render)(const nlohmann::json&, TimePoint));

/// Time between two questions of a command that waits.
inline constexpr Duration ask_again_after = std::chrono::seconds(2);
inline constexpr Duration refresh_wait_max = std::chrono::minutes(2);

ExitCode run_status(CommandContext context);
ExitCode run_images(CommandContext context, const Filters& filters);
/// One image with all its evidence; `no` when it is not known.
ExitCode run_image(CommandContext context, const std::string& image);
/// With the filter `at`: those of a past moment; `no` when the record does not reach so far. Says
/// on `err` which sources were not watched then.
ExitCode run_containers(CommandContext context, const Filters& filters);
/// Confirms a drop that is doubted, or that an abandoned source is gone for good; `no` when there
/// is nothing to confirm.
ExitCode run_source_confirm(CommandContext context, const std::string& source);
/// With `exit_code`: `no` when anything but the watchdog fires.
ExitCode run_alerts(CommandContext context, const Filters& filters, bool exit_code);

/// How many images pass their deadline on each coming day; with `by` (registry, owner, environment
/// or namespace) a line for each of these instead.
ExitCode run_forecast(CommandContext context, const Filters& filters, const std::string& by);

/// `no` when the image may not run. While waiting, a server that cannot be reached is asked again.
ExitCode run_check(CommandContext context, const CheckOptions& options);

/// Has the registry and the evidence sources asked now; `no` when one did not answer. `wait`: asks
/// again until all have, for at most refresh_wait_max.
ExitCode run_refresh(CommandContext context, const std::string& image, bool wait);

/// A busy server is asked again after its Retry-After, or this long, for at most submit_wait_max a
/// report.
inline constexpr Duration submit_again_after = std::chrono::seconds(5);
inline constexpr Duration submit_pause_max = std::chrono::minutes(1);
inline constexpr Duration submit_wait_max = std::chrono::minutes(3);

/// The digest that an image is named by, or what the server takes it for; empty when it is not
/// known.
std::string digest_for(Server& server, const std::string& image);

/// `no` when any report was refused. Reports are sent one after the other; an error that is no
/// verdict ends the command.
ExitCode run_submit(CommandContext context, const SubmitOptions& options, std::istream& input);

/// Asks the container engine of this host what runs and prints it as a workload document
/// (contract.md, "Workload file"), complete and observed now, or puts it into a file. Throws
/// CommandError: `unreachable` when the engine does not answer, `usage` for what cannot be asked or
/// written.
ExitCode run_report(asio::io_context& io, Clock& clock, const ReportOptions& options,
                    std::ostream& out);

/// The same, posted to the server; `no` when it refuses the document.
ExitCode run_report_submission(asio::io_context& io, Clock& clock, const ReportOptions& options,
                               Server& server, std::ostream& out);

/// Needs no server: checks a settings file and prints what it comes to.
ExitCode run_config_check(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace scanclock
