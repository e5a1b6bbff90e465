#include "daemon/command_line.hpp"

#include "config/loader.hpp"
#include "config/summary.hpp"
#include "core/runtime/large_buffers.hpp"
#include "core/runtime/log.hpp"
#include "daemon/app.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>

namespace scanclock {
namespace {

constexpr int exit_usage = 2;

const std::map<std::string, log::Level> levels{{"debug", log::Level::debug},
                                               {"info", log::Level::info},
                                               {"warning", log::Level::warning},
                                               {"error", log::Level::error}};

/// Under systemd lines carry journald's priorities (sd-daemon(3)).
log::Format default_format() {
  return std::getenv("JOURNAL_STREAM") != nullptr ? log::Format::journald : log::Format::text;
}

int refuse(const std::vector<SettingsError>& errors) {
  for (const SettingsError& error : errors) {
    std::cerr << to_string(error) << '\n';
  }
  return exit_configuration;
}

}  // namespace

int run_daemon(int argc, char** argv) {
  CLI::App cli("Watches when container images were last scanned, and warns in time.", "scanclockd");
  cli.set_version_flag("--version", std::string("scanclockd " SCANCLOCK_VERSION));
  AppOptions options;
  bool check_only = false;
  std::string level = "info";
  std::string format;
  cli.add_option("--config", options.config_path, "The settings file.")
      ->required()
      ->type_name("FILE");
  cli.add_flag("--check-config", check_only, "Check the settings, print them, and end.");
  cli.add_option("--log-level", level, "debug, info, warning or error.")
      ->check(CLI::IsMember(levels));
  cli.add_option("--log-format", format, "text or json; the default suits journald under systemd.")
      ->check(CLI::IsMember({"text", "json"}));
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? EXIT_SUCCESS : exit_usage;
  }
  return_large_buffers_at_once();
  auto settings = load_settings(options.config_path);
  if (!settings) {
    return refuse(settings.error());
  }
  if (check_only) {
    std::cout << redacted_summary(*settings);
    return EXIT_SUCCESS;
  }
  options.log_level = levels.at(level);
  options.log_format = format == "json"   ? log::Format::json
                       : format == "text" ? log::Format::text
                                          : default_format();
  log::configure(options.log_level, *options.log_format);
  return App(std::move(options), std::move(*settings)).run();
}

}  // namespace scanclock
