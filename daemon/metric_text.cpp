#include "daemon/metric_text.hpp"

#include "core/net/accept.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace scanclock {
namespace {

constexpr std::string_view total_suffix = "_total";
constexpr std::string_view label_replacement = "\xEF\xBF\xBD";

bool is_plain(std::string_view value) {
  return value.size() <= label_bytes_max && std::all_of(value.begin(), value.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte < 0x7F;
         });
}

/// Length of the UTF-8 sequence at the front; 0 when there is none (RFC 3629).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) {
    return 0;
  }
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) {
    return 0;
  }
  for (std::size_t at = 2; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

/// FNV-1a: the same in every build, for it is part of a series' name.
std::string hash_suffix(std::string_view value) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : value) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return "~" + std::string(digits.data(), end);
}

/// `_seconds` or `_bytes` without the line; empty where the name tells no unit.
std::string_view unit_of(std::string_view name) {
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.size() > unit.size() && name.ends_with(unit) &&
        name[name.size() - unit.size() - 1] == '_') {
      return unit;
    }
  }
  return {};
}

}  // namespace

MetricFormat choose_metric_format(std::optional<std::string_view> accept) {
  double openmetrics = 0;
  double text = 0;
  for (const AcceptEntry& entry : parse_accept(accept.value_or(""))) {
    const bool is_version = entry.version.empty() || entry.version == "1.0.0";
    if (entry.token == "application/openmetrics-text" && is_version) {
      openmetrics = std::max(openmetrics, entry.quality);
    } else if (entry.token == "text/plain") {
      text = std::max(text, entry.quality);
    }
  }
  return openmetrics > 0 && openmetrics >= text ? MetricFormat::openmetrics : MetricFormat::text;
}

std::string_view content_type_of(MetricFormat format) {
  return format == MetricFormat::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string_view metric_page_end(MetricFormat format) {
  return format == MetricFormat::openmetrics ? "# EOF\n" : "";
}

std::string clean_label(std::string_view value) {
  if (is_plain(value)) {
    return std::string(value);
  }
  std::string clean;
  bool is_whole = true;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    const auto first = static_cast<unsigned char>(rest.front());
    const bool is_bad = length == 0 || (first < 0x20 && first != '\n') || first == 0x7F;
    const std::string_view piece = is_bad ? label_replacement : rest.substr(0, length);
    if (clean.size() + piece.size() > label_bytes_max) {
      is_whole = false;
      break;
    }
    is_whole = is_whole && !is_bad;
    clean += piece;
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return is_whole ? clean : clean + hash_suffix(value);
}

std::string family_header(std::string_view name, std::string_view type, std::string_view help,
                          MetricFormat format) {
  const bool is_openmetrics = format == MetricFormat::openmetrics;
  std::string_view family = name;
  if (is_openmetrics && type == "counter" && family.ends_with(total_suffix)) {
    family.remove_suffix(total_suffix.size());
  }
  std::string header;
  header.append("# HELP ").append(family).append(" ").append(help).append("\n");
  header.append("# TYPE ").append(family).append(" ").append(type).append("\n");
  const std::string_view unit = is_openmetrics ? unit_of(family) : std::string_view();
  if (!unit.empty()) {
    header.append("# UNIT ").append(family).append(" ").append(unit).append("\n");
  }
  return header;
}

void append_label_value(std::string& text, std::string_view value) {
  std::string cleaned;
  if (!is_plain(value)) {
    cleaned = clean_label(value);
    value = cleaned;
  }
  if (value.find_first_of("\\\"\n") == std::string_view::npos) {
    text += value;
    return;
  }
  for (const char character : value) {
    if (character == '\n') {
      text += "\\n";
      continue;
    }
    if (character == '\\' || character == '"') {
      text += '\\';
    }
    text += character;
  }
}

void append_number(std::string& text, double value) {
  if (std::isnan(value)) {
    text += "NaN";
  } else if (std::isinf(value)) {
    text += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 512> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                       std::chars_format::fixed);
    text.append(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  }
}

void append_sample(std::string& text, std::string_view name, MetricLabels labels, double value) {
  text += name;
  char separator = '{';
  for (const auto& [label, content] : labels) {
    text += separator;
    text.append(label).append("=\"");
    append_label_value(text, content);
    text += '"';
    separator = ',';
  }
  if (labels.size() > 0) {
    text += '}';
  }
  text += ' ';
  append_number(text, value);
  text += '\n';
}

void MetricText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += family_header(name, type, help, format_);
}

}  // namespace scanclock
