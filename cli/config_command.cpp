#include "cli/commands.hpp"
#include "config/loader.hpp"
#include "config/summary.hpp"

#include <ostream>

namespace scanclock {

ExitCode run_config_check(const std::string& file, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(file);
  if (!settings.has_value()) {
    err << to_string(settings.error());
    return ExitCode::bad_configuration;
  }
  out << redacted_summary(*settings);
  return ExitCode::ok;
}

}  // namespace scanclock
