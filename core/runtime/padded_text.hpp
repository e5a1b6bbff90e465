#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace scanclock {

/// Text with the room behind it that simdjson reads in blocks and ignores. Memory is mapped in
/// pages of at least 4 KiB, so where the room ends in the text's last page there is no need to copy
/// (simdjson, doc/performance.md, "Free Padding"); sanitizers know the end of the text better.
class PaddedText {
 public:
  /// At least simdjson's SIMDJSON_PADDING.
  static constexpr std::size_t room_bytes = 64;

  /// `spare_bytes` behind the text are allocated already. The text must not be empty, and outlives
  /// this.
  explicit PaddedText(std::string_view text, std::size_t spare_bytes = 0);

  std::string_view view() const { return view_; }

 private:
  std::string_view view_;
  std::unique_ptr<char[]> copy_;
};

}  // namespace scanclock
