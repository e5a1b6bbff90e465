#pragma once

#include "config/settings.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace scanclock {

/// Bad settings, or a database that this version must not touch (EX_CONFIG of sysexits.h).
inline constexpr int exit_configuration = 78;

/// What the daemon's own work may take after it was told to stop; the embedded PostgreSQL's
/// shutdown comes after it.
inline constexpr Duration stop_limit = std::chrono::seconds(5);

struct AppOptions {
  std::string config_path;
  log::Level log_level = log::Level::info;
  std::optional<log::Format> log_format;
};

/// The daemon: starts its parts in order, runs until told to stop, and stops them in the opposite
/// order within stop_limit.
class App {
 public:
  /// `settings` are those of options.config_path, loaded already.
  App(AppOptions options, Settings settings);
  ~App();

  /// Until SIGINT or SIGTERM; a second one ends the process at once. Returns the exit code: 0, 69
  /// when the database cannot be reached, 70 for an internal error, 78 for settings that cannot
  /// work.
  int run();

 private:
  class Running;

  AppOptions options_;
  Settings settings_;
  asio::io_context io_;
};

}  // namespace scanclock
