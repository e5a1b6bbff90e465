#include "cli/cli.hpp"

#include "cli/alerting_commands.hpp"
#include "cli/commands.hpp"
#include "cli/database_commands.hpp"
#include "cli/parser.hpp"
#include "cli/receiver_commands.hpp"
#include "cli/run_to_end.hpp"
#include "config/settings_error.hpp"
#include "core/runtime/log.hpp"

#include <CLI/CLI.hpp>

#include <cctype>
#include <exception>
#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using DatabaseCommand = ExitCode (*)(DatabaseContext, const DatabaseOptions&);

ExitCode run_remote(const std::string& command, CommandContext context,
                    const ParsedArguments& parsed, std::istream& in) {
  if (command == "status") {
    return run_status(context);
  }
  if (command == "images") {
    return parsed.image.empty() ? run_images(context, parsed.filters)
                                : run_image(context, parsed.image);
  }
  if (command == "containers") {
    return run_containers(context, parsed.filters);
  }
  if (command == "alerts") {
    return run_alerts(context, parsed.filters, parsed.exit_code);
  }
  if (command == "forecast") {
    return run_forecast(context, parsed.filters, parsed.by);
  }
  if (const auto code = run_alerting(command, context, parsed.alerting, parsed.filters)) {
    return *code;
  }
  if (command == "check") {
    return run_check(context, parsed.check);
  }
  if (command == "refresh") {
    return run_refresh(context, parsed.image, parsed.wait);
  }
  if (command == "receiver list") {
    return run_receiver_list(context);
  }
  if (command == "receiver test") {
    return run_receiver_test(context, parsed.receiver);
  }
  if (command == "source confirm") {
    return run_source_confirm(context, parsed.source);
  }
  return run_submit(context, parsed.submit, in);
}

ExitCode run_command(const std::string& command, const ParsedArguments& parsed, std::istream& in,
                     std::ostream& out, std::ostream& err) {
  static const std::map<std::string, DatabaseCommand> database_commands = {
      {"db migrate", run_db_migrate},
      {"db status", run_db_status},
      {"db verify", run_db_verify},
      {"db backup", run_db_backup},
      {"db restore", run_db_restore}};
  if (command == "config check") {
    return run_config_check(parsed.config_file, out, err);
  }
  asio::io_context io(1);
  SystemClock clock;
  const auto database_command = database_commands.find(command);
  if (database_command != database_commands.end()) {
    DatabaseContext context{io, clock, parsed.format, out};
    return database_command->second(context, parsed.database);
  }
  if (command.starts_with("report ") && !parsed.report.submit) {
    return run_report(io, clock, parsed.report, out);
  }
  Server server = connect(io, clock, parsed.connection);
  if (command.starts_with("report ")) {
    return run_report_submission(io, clock, parsed.report, server, out);
  }
  CommandContext context{server,
                         parsed.format,
                         out,
                         err,
                         [&clock] { return clock.now(); },
                         [&](Duration duration) { run_to_end(io, clock.sleep(duration)); }};
  return run_remote(command, std::move(context), parsed, in);
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error, std::ostream& out,
                       std::ostream& err) {
  // Help and version come by exception, too, with code 0.
  if (error.get_exit_code() == 0) {
    return app.exit(error, out, err);
  }
  const std::vector<std::string> unknown = app.remaining(true);
  std::string message = error.what();
  std::string hint = "see `scanclock --help`";
  if (!unknown.empty()) {
    std::vector<std::string> names;
    for (const CLI::App* const command : app.get_subcommands(nullptr)) {
      names.push_back(command->get_name());
    }
    const std::string best = app.get_subcommands().empty() ? closest_word(unknown[0], names) : "";
    message = "unknown argument \"" + unknown[0] + "\"";
    hint = best.empty() ? hint : "did you mean \"" + best + "\"?";
  }
  // The library's own texts begin in upper case; option names are not touched by this.
  if (std::isupper(static_cast<unsigned char>(message[0])) != 0) {
    message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
  }
  err << message << "\nHINT: " << hint << "\n";
  return static_cast<int>(ExitCode::usage);
}

}  // namespace

int run_cli(int argc, const char* const* argv, std::istream& in, std::ostream& out,
            std::ostream& err) {
  log::configure(log::Level::warning, log::Format::text);
  ParsedArguments parsed;
  CLI::App app("Reads and feeds scanclockd", "scanclock");
  try {
    declare_commands(app, parsed);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, out, err);
  }
  try {
    return static_cast<int>(run_command(chosen_command(app), parsed, in, out, err));
  } catch (const CommandError& error) {
    err << error.what() << "\n";
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    err << "internal error: " << error.what() << "\n";
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace scanclock
