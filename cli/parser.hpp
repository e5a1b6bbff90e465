#pragma once

#include "cli/options.hpp"

#include <CLI/App.hpp>

#include <string>

namespace scanclock {

/// Everything the command line can say; only the chosen command's part is filled in.
struct ParsedArguments {
  ConnectionOptions connection;
  OutputFormat format = OutputFormat::table;
  Filters filters;
  bool exit_code = false;
  bool wait = false;
  std::string image;
  /// Of the forecast: registry, owner, environment or namespace.
  std::string by;
  CheckOptions check;
  SubmitOptions submit;
  ReportOptions report;
  AlertingArguments alerting;
  std::string source;
  std::string receiver;
  DatabaseOptions database;
  std::string config_file;
};

/// Declares all commands on `app`; parsing writes to `parsed`, which must outlive it. Filters come
/// in declaration order, empty where they were not given.
void declare_commands(CLI::App& app, ParsedArguments& parsed);

/// `status`, `db migrate`, …: the command that was chosen.
std::string chosen_command(const CLI::App& app);

}  // namespace scanclock
