#include "core/domain/container_id.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <ostream>
#include <utility>

namespace scanclock {
namespace {

/// Sorted, so that the order of their numbers is that of the texts.
constexpr std::array<std::string_view, 4> runtime_prefixes{"", "containerd://", "cri-o://",
                                                           "docker://"};
constexpr std::string_view id_digits = "0123456789abcdef";
constexpr unsigned no_hex_digit = 16;

constexpr std::array<std::uint8_t, 256> make_hex_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) {
    value = no_hex_digit;
  }
  for (std::size_t digit = 0; digit < id_digits.size(); ++digit) {
    values.at(static_cast<unsigned char>(id_digits[digit])) = static_cast<std::uint8_t>(digit);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> hex_values = make_hex_values();

/// False when there is anything but lower-case digits.
template <std::size_t Count>
bool pack_hex(std::string_view digits, std::array<char, Count>& bytes) {
  unsigned seen = 0;
  for (std::size_t at = 0; at < Count; ++at) {
    const unsigned high = hex_values[static_cast<unsigned char>(digits[2 * at])];
    const unsigned low = hex_values[static_cast<unsigned char>(digits[2 * at + 1])];
    seen |= high | low;
    bytes[at] = static_cast<char>(high << 4U | low);
  }
  return (seen & no_hex_digit) == 0;
}

std::optional<std::uint8_t> runtime_prefix_of(std::string_view text, std::size_t digits) {
  for (std::size_t number = 0; number < runtime_prefixes.size(); ++number) {
    if (text.size() == runtime_prefixes[number].size() + digits &&
        text.starts_with(runtime_prefixes[number])) {
      return static_cast<std::uint8_t>(number);
    }
  }
  return std::nullopt;
}

}  // namespace

ContainerId::ContainerId(std::string_view text) {
  if (const auto prefix = runtime_prefix_of(text, 2 * bytes_max)) {
    if (pack_hex(text.substr(runtime_prefixes.at(*prefix).size()), bytes_)) {
      form_ = *prefix;
      return;
    }
  }
  if (text.size() <= bytes_max) {
    form_ = static_cast<std::uint8_t>(form_text + text.size());
    std::copy(text.begin(), text.end(), bytes_.begin());
    return;
  }
  const auto* kept = new std::string(text);
  form_ = form_long_text;
  std::memcpy(bytes_.data(), &kept, sizeof(kept));
}

ContainerId::ContainerId(const ContainerId& other) : form_(other.form_), bytes_(other.bytes_) {
  if (const std::string* shared = other.long_text()) {
    const auto* own = new std::string(*shared);
    std::memcpy(bytes_.data(), &own, sizeof(own));
  }
}

ContainerId::ContainerId(ContainerId&& other) noexcept
    : form_(std::exchange(other.form_, form_text)), bytes_(other.bytes_) {}

ContainerId& ContainerId::operator=(const ContainerId& other) {
  *this = ContainerId(other);
  return *this;
}

ContainerId& ContainerId::operator=(ContainerId&& other) noexcept {
  std::swap(form_, other.form_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

ContainerId::~ContainerId() { delete long_text(); }

const std::string* ContainerId::long_text() const {
  const std::string* kept = nullptr;
  if (form_ == form_long_text) {
    std::memcpy(&kept, bytes_.data(), sizeof(kept));
  }
  return kept;
}

/// Of one that is not packed.
std::string_view ContainerId::text() const {
  if (const std::string* kept = long_text()) {
    return *kept;
  }
  return {bytes_.data(), static_cast<std::size_t>(form_ - form_text)};
}

std::string ContainerId::str() const {
  if (!is_packed()) {
    return std::string(text());
  }
  const std::string_view prefix = runtime_prefixes.at(form_);
  std::string whole;
  whole.reserve(prefix.size() + 2 * bytes_.size());
  whole = prefix;
  for (const char packed : bytes_) {
    const auto byte = static_cast<unsigned char>(packed);
    whole.push_back(id_digits[byte >> 4U]);
    whole.push_back(id_digits[byte & 0xfU]);
  }
  return whole;
}

std::uint32_t ContainerId::sort_key() const {
  constexpr unsigned form_bits = 3;
  const std::string_view bytes =
      is_packed() ? std::string_view(bytes_.data(), bytes_.size()) : text();
  std::uint32_t begin = 0;
  for (std::size_t at = 0; at < sizeof(begin); ++at) {
    begin = begin << 8U | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U);
  }
  const std::uint32_t form = std::min(form_, form_text);
  return form << (32 - form_bits) | begin >> form_bits;
}

std::strong_ordering operator<=>(const ContainerId& left, const ContainerId& right) {
  if (left.is_packed() && right.is_packed()) {
    const auto forms = left.form_ <=> right.form_;
    return forms != 0
               ? forms
               : std::memcmp(left.bytes_.data(), right.bytes_.data(), ContainerId::bytes_max) <=> 0;
  }
  if (left.is_packed() != right.is_packed()) {
    return right.is_packed() <=> left.is_packed();
  }
  return left.text() <=> right.text();
}

std::ostream& operator<<(std::ostream& stream, const ContainerId& id) { return stream << id.str(); }

}  // namespace scanclock
