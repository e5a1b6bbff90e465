#include "daemon/pages/html.hpp"

#include <cstddef>

namespace scanclock {
namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

/// A code point and its length in bytes; a length of 0 where the text begins with none.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};

CodePoint first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) {
    return {};
  }
  char32_t value = lead & (0xffu >> (bytes + 1));
  for (std::size_t index = 1; index < bytes; ++index) {
    const auto next = static_cast<unsigned char>(text[index]);
    if ((next & 0xc0) != 0x80) {
      return {};
    }
    value = (value << 6) | (next & 0x3fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < least[bytes] || value > 0x10ffff || is_surrogate ? CodePoint()
                                                                  : CodePoint{value, bytes};
}

/// Controls but tab and line feed, bidirectional controls and marks, zero-width characters, and
/// what XML does not take.
bool is_deceptive(char32_t value) {
  return (value < 0x20 && value != '\t' && value != '\n') || (value >= 0x7f && value < 0xa0) ||
         (value >= 0x200b && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e) ||
         (value >= 0x2060 && value <= 0x206f) || value == 0xfeff || value == 0x61c ||
         (value & 0xfffe) == 0xfffe;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.bytes == 0 || is_deceptive(point.value)) {
      result += replacement_character;
    } else if (point.value == '&') {
      result += "&amp;";
    } else if (point.value == '<') {
      result += "&lt;";
    } else if (point.value == '>') {
      result += "&gt;";
    } else if (point.value == '"') {
      result += "&quot;";
    } else if (point.value == '\'') {
      result += "&#39;";
    } else {
      result += text.substr(0, point.bytes);
    }
    text.remove_prefix(point.bytes == 0 ? 1 : point.bytes);
  }
  return result;
}

Html& Html::add(Markup markup) {
  text_ += markup.str();
  return *this;
}

Html& Html::add(const Html& other) {
  text_ += other.text_;
  return *this;
}

Html& Html::text(std::string_view text) {
  text_ += html_escaped(text);
  return *this;
}

Html& Html::number(std::uint64_t number) {
  text_ += std::to_string(number);
  return *this;
}

Html& Html::attribute(Markup name, std::string_view value) {
  text_ += ' ';
  text_ += name.str();
  text_ += "=\"";
  text_ += html_escaped(value);
  text_ += '"';
  return *this;
}

Html plain(std::string_view text) {
  Html html;
  html.text(text);
  return html;
}

Html plain_number(std::uint64_t number) {
  Html html;
  html.number(number);
  return html;
}

}  // namespace scanclock
