#include "cli/argument_values.hpp"

#include <CLI/Error.hpp>

#include <optional>

namespace scanclock {

Duration duration_argument(const std::string& text) {
  const std::optional<Duration> duration = parse_duration(text);
  if (!duration) {
    throw CLI::ValidationError("\"" + text + "\" is not a duration, such as 7d, 12h or 2m");
  }
  return *duration;
}

TimePoint time_argument(const std::string& text) {
  const std::optional<TimePoint> time = parse_rfc3339(text);
  if (!time) {
    throw CLI::ValidationError("\"" + text + "\" is not a time, such as 2026-11-01T12:00:00Z");
  }
  return *time;
}

}  // namespace scanclock
