#pragma once

#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>
#include <utility>

namespace scanclock::log {

enum class Level { trace, debug, info, warning, error };
enum class Format { text, json, journald };

/// Sends everything to standard error. `journald` writes `<N>` priorities (sd-daemon(3)). May be
/// called again, on reload. Any thread may log.
void configure(Level level, Format format);

/// Texts are lower case, name the object, and carry no secret.
void write(Level level, std::string_view component, std::string_view message);
bool enabled(Level level);

template <class... Arguments>
void debug(std::string_view component, fmt::format_string<Arguments...> text,
           Arguments&&... arguments) {
  if (enabled(Level::debug)) {
    write(Level::debug, component, fmt::format(text, std::forward<Arguments>(arguments)...));
  }
}

template <class... Arguments>
void info(std::string_view component, fmt::format_string<Arguments...> text,
          Arguments&&... arguments) {
  write(Level::info, component, fmt::format(text, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void warning(std::string_view component, fmt::format_string<Arguments...> text,
             Arguments&&... arguments) {
  write(Level::warning, component, fmt::format(text, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void error(std::string_view component, fmt::format_string<Arguments...> text,
           Arguments&&... arguments) {
  write(Level::error, component, fmt::format(text, std::forward<Arguments>(arguments)...));
}

}  // namespace scanclock::log
