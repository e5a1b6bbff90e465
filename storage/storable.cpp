#include "storage/storable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace scanclock {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Bytes of the well-formed character that begins at `at`, 0 if there is none (Unicode 15, table
/// 3-7). NUL counts as malformed.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80U) {
    return first == 0 ? 0 : 1;
  }
  const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
  if (!is_continuation(text, at + 1)) {
    return 0;
  }
  if (first >= 0xC2U && first <= 0xDFU) {
    return 2;
  }
  const bool third = is_continuation(text, at + 2);
  if (first >= 0xE0U && first <= 0xEFU) {
    const bool overlong = first == 0xE0U && second < 0xA0U;
    const bool surrogate = first == 0xEDU && second > 0x9FU;
    return third && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    const bool overlong = first == 0xF0U && second < 0x90U;
    const bool beyond = first == 0xF4U && second > 0x8FU;
    return third && is_continuation(text, at + 3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

void make_storable(std::string& text) {
  if (!is_plain(text)) {
    text = storable_text(text);
  }
}

void make_storable(std::optional<TimePoint>& time) {
  if (time) {
    time = storable_time(*time);
  }
}

}  // namespace

std::string storable_text(std::string_view text) {
  if (is_plain(text)) {
    return std::string(text);
  }
  std::string storable;
  storable.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = character_bytes(text, at);
    storable.append(bytes == 0 ? replacement : text.substr(at, bytes));
    at += std::max<std::size_t>(bytes, 1);
  }
  return storable;
}

TimePoint storable_time(TimePoint time) {
  using std::chrono::sys_days;
  using std::chrono::year;
  constexpr TimePoint first = sys_days(year(1) / 1 / 1);
  constexpr TimePoint last = TimePoint(sys_days(year(10000) / 1 / 1)) - Duration(1);
  return std::clamp(time, first, last);
}

std::int64_t storable_size(std::uint64_t bytes) {
  constexpr std::uint64_t size_max = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(bytes, size_max));
}

Evidence storable_evidence(Evidence evidence) {
  make_storable(evidence.source);
  make_storable(evidence.repository);
  make_storable(evidence.signature_detail);
  evidence.collected_at = storable_time(evidence.collected_at);
  evidence.size_bytes =
      std::min<std::uint64_t>(evidence.size_bytes, std::numeric_limits<std::int64_t>::max());
  auto& report = evidence.report;
  make_storable(report.format);
  make_storable(report.scanner);
  make_storable(report.scanner_version);
  make_storable(report.finished_at);
  make_storable(report.finished_at_field);
  make_storable(report.database_built_at);
  for (auto& name : report.names) {
    make_storable(name);
  }
  make_storable(report.defect_detail);
  if (report.platform) {
    make_storable(report.platform->os);
    make_storable(report.platform->architecture);
    make_storable(report.platform->variant);
    make_storable(report.platform->os_version);
  }
  return evidence;
}

std::string storable_object(const std::map<std::string, std::string>& texts) {
  auto object = nlohmann::json::object();
  for (const auto& [key, value] : texts) {
    object[storable_text(key)] = storable_text(value);
  }
  return object.dump();
}

std::string storable_object(const std::map<std::string, std::int64_t>& numbers) {
  auto object = nlohmann::json::object();
  for (const auto& [key, value] : numbers) {
    object[storable_text(key)] = value;
  }
  return object.dump();
}

}  // namespace scanclock
