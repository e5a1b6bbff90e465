#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// simdjson reads its text in blocks, and so a little beyond the end.
inline constexpr std::size_t json_padding_bytes = 64;

/// A text behind which json_padding_bytes more bytes of the same allocation may be read, whatever
/// they hold. Valid as long as the string that it was made of is neither changed nor moved.
class PaddedJson {
 public:
  /// The whole of `text`, which moves to a larger allocation when it has no room behind its end.
  explicit PaddedJson(std::string& text) {
    text.reserve(text.size() + json_padding_bytes);
    text_ = text;
  }

  /// `size` bytes of `text` from `at` on; all of it must have room as above.
  static PaddedJson part_of(std::string& text, std::size_t at, std::size_t size) {
    PaddedJson part(text);
    part.text_ = part.text_.substr(at, size);
    return part;
  }

  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace scanclock
