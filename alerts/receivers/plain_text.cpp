#include "alerts/receivers/plain_text.hpp"

#include <algorithm>
#include <array>

namespace scanclock::alerts {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

struct Utf8Shape {
  std::size_t bytes;
  char32_t least;
};

/// Bytes of the character that begins with `first`, and the least that may be written so; RFC 3629.
Utf8Shape shape_of(unsigned char first) {
  if (first < 0x80) {
    return {1, 0};
  }
  if (first >= 0xc2 && first < 0xe0) {
    return {2, 0x80};
  }
  if (first >= 0xe0 && first < 0xf0) {
    return {3, 0x800};
  }
  return first >= 0xf0 && first < 0xf5 ? Utf8Shape{4, 0x10000} : Utf8Shape{0, 0};
}

/// Bytes of the valid character at the start of `text`; 0 when there is none.
std::size_t character_at(std::string_view text, char32_t& value) {
  const auto first = static_cast<unsigned char>(text.front());
  const Utf8Shape shape = shape_of(first);
  if (shape.bytes == 0 || text.size() < shape.bytes) {
    return 0;
  }
  constexpr std::array<unsigned char, 5> masks{0, 0x7f, 0x1f, 0x0f, 0x07};
  value = first & masks[shape.bytes];
  for (std::size_t i = 1; i < shape.bytes; ++i) {
    if (!is_continuation(text[i])) {
      return 0;
    }
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  const bool is_surrogate = value >= 0xd800 && value < 0xe000;
  return value < shape.least || value > 0x10ffff || is_surrogate ? 0 : shape.bytes;
}

bool turns_direction(char32_t value) {
  return (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069);
}

std::string clean(std::string_view text, bool keep_lines) {
  std::string cleaned;
  cleaned.reserve(text.size());
  while (!text.empty()) {
    char32_t value = 0;
    const std::size_t bytes = character_at(text, value);
    if (bytes == 0 || turns_direction(value)) {
      cleaned += replacement;
      text.remove_prefix(std::max<std::size_t>(bytes, 1));
      continue;
    }
    const bool is_line_end = value == '\n' || value == '\r' || value == 0x2028 || value == 0x2029;
    const bool is_control = value < 0x20 || (value >= 0x7f && value < 0xa0);
    if (value == '\n' && keep_lines) {
      cleaned += '\n';
    } else if (is_line_end || value == '\t') {
      cleaned += ' ';
    } else if (is_control) {
      cleaned += replacement;
    } else {
      cleaned += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return cleaned;
}

}  // namespace

std::string clean_line(std::string_view text) { return clean(text, false); }

std::string clean_text(std::string_view text) { return clean(text, true); }

std::size_t code_points_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

std::string cut_code_points(std::string text, std::size_t max) {
  if (text.size() <= max || code_points_of(text) <= max) {
    return text;
  }
  std::size_t kept = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    if (!is_continuation(text[position]) && kept++ == max - 1) {
      break;
    }
    ++position;
  }
  text.resize(position);
  return text + std::string(cut_mark);
}

std::string cut_bytes(std::string text, std::size_t max) {
  if (text.size() <= max) {
    return text;
  }
  std::size_t end = max - cut_mark.size();
  while (end > 0 && is_continuation(text[end])) {
    --end;
  }
  text.resize(end);
  return text + std::string(cut_mark);
}

}  // namespace scanclock::alerts
