#include "core/runtime/log.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace scanclock::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// sd-daemon(3)
std::string_view journald_prefix(Level level) {
  switch (level) {
    case Level::trace:
    case Level::debug:
      return "<7>";
    case Level::info:
      return "<6>";
    case Level::warning:
      return "<4>";
    case Level::error:
      return "<3>";
  }
  return "<3>";
}

std::string pattern_of(Format format) {
  switch (format) {
    case Format::text:
      return "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    case Format::json:
      return R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";
    case Format::journald:
      return "%v";
  }
  return "%v";
}

class Output {
 public:
  Output(Level level, Format format)
      : format_(format), logger_("scanclock", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(to_spdlog(level));
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        pattern_of(format), spdlog::pattern_time_type::utc));
  }

  void write(Level level, std::string_view component, std::string_view message) {
    const std::string line = format_line(format_, level, component, message);
    logger_.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  static std::string format_line(Format format, Level level, std::string_view component,
                                 std::string_view message);

  Format format_;
  spdlog::logger logger_;
};

// What a remote peer sent may stand in a message, so control characters are made visible, and a
// line break starts an indented line that cannot be taken for a message of its own.
std::string make_printable(std::string_view text, std::string_view after_line_break) {
  std::string output;
  output.reserve(text.size());
  for (const char character : text) {
    if (character == '\n') {
      output.push_back('\n');
      output.append(after_line_break);
    } else if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) {
      output.append(fmt::format("\\x{:02x}", static_cast<unsigned char>(character)));
    } else {
      output.push_back(character);
    }
  }
  return output;
}

std::string Output::format_line(Format format, Level level, std::string_view component,
                                std::string_view message) {
  if (format == Format::json) {
    nlohmann::ordered_json fields;
    fields["component"] = component;
    fields["message"] = message;
    const std::string object =
        fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return object.substr(1, object.size() - 2);
  }
  std::string prefix;
  if (format == Format::journald) {
    prefix = journald_prefix(level);
  }
  return prefix + std::string(component) + ": " + make_printable(message, prefix + "  ");
}

struct Current {
  std::mutex mutex;
  std::shared_ptr<Output> output = std::make_shared<Output>(Level::info, Format::text);
  std::atomic<Level> level = Level::info;
};

// Never destroyed: pool threads may log while the program exits.
Current& current() {
  static auto* instance = new Current;
  return *instance;
}

}  // namespace

void configure(Level level, Format format) {
  auto output = std::make_shared<Output>(level, format);
  const std::lock_guard lock(current().mutex);
  current().output = std::move(output);
  current().level = level;
}

void write(Level level, std::string_view component, std::string_view message) {
  if (!enabled(level)) {
    return;
  }
  std::shared_ptr<Output> output;
  {
    const std::lock_guard lock(current().mutex);
    output = current().output;
  }
  output->write(level, component, message);
}

bool enabled(Level level) { return level >= current().level.load(std::memory_order_relaxed); }

}  // namespace scanclock::log
