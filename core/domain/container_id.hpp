#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace scanclock {

/// The ID of a container, in 33 bytes, for 250 000 of them are in memory: `RUNTIME://` and 64
/// lower-case hexadecimal digits, as container runtimes make them, and texts of up to 32 characters
/// need no memory beside it. Any other text may be an ID, too.
///
/// Ordered by text among those of one runtime; IDs of other forms come behind them.
class ContainerId {
 public:
  ContainerId() = default;
  // NOLINTBEGIN(google-explicit-constructor): an ID is a text that takes less room.
  ContainerId(std::string_view text);
  ContainerId(const std::string& text) : ContainerId(std::string_view(text)) {}
  ContainerId(const char* text) : ContainerId(std::string_view(text)) {}
  operator std::string() const { return str(); }
  // NOLINTEND(google-explicit-constructor)
  ContainerId(const ContainerId& other);
  ContainerId(ContainerId&& other) noexcept;
  ContainerId& operator=(const ContainerId& other);
  ContainerId& operator=(ContainerId&& other) noexcept;
  ~ContainerId();

  std::string str() const;
  bool empty() const { return form_ == form_text; }
  /// Not greater than that of an ID that is ordered behind this one.
  std::uint32_t sort_key() const;

  friend bool operator==(const ContainerId& left, const ContainerId& right) {
    return (left <=> right) == 0;
  }
  friend std::strong_ordering operator<=>(const ContainerId& left, const ContainerId& right);
  friend std::ostream& operator<<(std::ostream& stream, const ContainerId& id);

 private:
  static constexpr std::size_t bytes_max = 32;
  /// Smaller ones are the number of the prefix, with the value of the hexadecimal digits in the
  /// bytes. From here on it is greater by as many characters as the text has.
  static constexpr std::uint8_t form_text = 4;
  /// The bytes begin with the address of the text.
  static constexpr std::uint8_t form_long_text = 255;

  bool is_packed() const { return form_ < form_text; }
  const std::string* long_text() const;
  std::string_view text() const;

  std::uint8_t form_ = form_text;
  std::array<char, bytes_max> bytes_{};
};

}  // namespace scanclock
