#include "core/evidence/report_fields.hpp"

#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::int64_t year_9999_end_seconds = 253'402'300'799;
constexpr std::int64_t nanos_per_second = 1'000'000'000;

const json* find_field(const json& parent, std::string_view path) {
  return find_any(parent, path.substr(path.rfind('.') + 1));
}

std::optional<std::int64_t> integer_in(const json& value) {
  if (!value.is_number_integer()) {
    return std::nullopt;
  }
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return value.get<std::int64_t>();
}

std::optional<TimePoint> time_from_number(const json& number) {
  if (const auto whole = integer_in(number)) {
    return time_from_epoch(*whole, 0);
  }
  if (!number.is_number_float()) {
    return std::nullopt;
  }
  const auto seconds = number.get<double>();
  if (!std::isfinite(seconds) || seconds < 0 ||
      seconds > static_cast<double>(year_9999_end_seconds)) {
    return std::nullopt;
  }
  constexpr double micros_per_second = 1e6;
  return TimePoint(Duration(std::llround(seconds * micros_per_second)));
}

}  // namespace

std::optional<std::int64_t> find_integer(ScanReport& report, const json& parent,
                                         std::string_view path) {
  const json* found = find_field(parent, path);
  if (found == nullptr) {
    return std::nullopt;
  }
  const auto number = integer_in(*found);
  if (!number) {
    note_defect(report, Rejection::malformed, std::string(path) + " is not a whole number");
  }
  return number;
}

std::optional<TimePoint> time_from_epoch(std::int64_t seconds, std::int64_t nanos) {
  if (seconds < 0 || seconds > year_9999_end_seconds || nanos < 0 || nanos >= nanos_per_second) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(seconds) +
                   std::chrono::floor<Duration>(std::chrono::nanoseconds(nanos)));
}

std::optional<TimePoint> find_epoch_or_text_time(ScanReport& report, const json& parent,
                                                 std::string_view path) {
  const json* found = find_field(parent, path);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_number()) {
    return find_time(report, parent, path);
  }
  const auto time = time_from_number(*found);
  if (!time) {
    note_defect(report, Rejection::malformed,
                std::string(path) + " is no number of seconds since 1970");
    return std::nullopt;
  }
  return is_set(*time) ? time : std::nullopt;
}

std::optional<Digest> find_digest(ScanReport& report, const json& parent, std::string_view path) {
  return Digest::parse(find_text(report, parent, path));
}

Severity severity_under(const json& parent, std::string_view key) {
  return severity_from_word(text_or_empty(parent, key)).value_or(Severity::unknown);
}

std::vector<std::string> texts_under(const json& parent, std::string_view key) {
  std::vector<std::string> texts;
  const json* found = find_any(parent, key);
  if (found == nullptr) {
    return texts;
  }
  if (found->is_array()) {
    for (const json& text : *found) {
      if (text.is_string()) {
        texts.push_back(text.get<std::string>());
      }
    }
  } else if (found->is_string()) {
    std::string_view rest = found->get_ref<const std::string&>();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
      if (end > 0) {
        texts.emplace_back(rest.substr(0, end));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return texts;
}

SeverityCounts counts_from_summary(const json& summary) {
  SeverityCounts counts;
  if (!summary.is_object()) {
    return counts;
  }
  for (const auto& [word, value] : summary.items()) {
    const auto number = integer_in(value);
    if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max() ||
        word == "total" || word == "Total") {
      continue;
    }
    const auto found = static_cast<std::uint32_t>(*number);
    switch (severity_from_word(word).value_or(Severity::unknown)) {
      case Severity::critical:
        counts.critical += found;
        break;
      case Severity::high:
        counts.high += found;
        break;
      case Severity::medium:
        counts.medium += found;
        break;
      case Severity::low:
        counts.low += found;
        break;
      case Severity::unknown:
        counts.unknown += found;
        break;
    }
  }
  return counts;
}

void take_platform(ScanReport& report, std::string_view os, std::string_view architecture,
                   std::string_view variant) {
  if (os.empty() || architecture.empty()) {
    return;
  }
  Platform platform;
  platform.os = shown_text(os);
  platform.architecture = shown_text(architecture);
  platform.variant = shown_text(variant);
  report.platform = std::move(platform);
}

std::string image_name(std::string_view registry, std::string_view repository,
                       std::string_view tag) {
  if (repository.empty()) {
    return {};
  }
  std::string name(registry);
  name += registry.empty() ? "" : "/";
  name += repository;
  name += tag.empty() ? "" : ":";
  name += tag;
  return name;
}

}  // namespace scanclock::evidence
