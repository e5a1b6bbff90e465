#include "core/runtime/padded_text.hpp"

#include <cstdint>
#include <cstring>

namespace scanclock {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

bool ends_within_its_page(std::string_view text) {
  constexpr std::size_t page_bytes = 4096;
  const auto last = reinterpret_cast<std::uintptr_t>(text.data() + text.size() - 1);
  return last % page_bytes + PaddedText::room_bytes < page_bytes;
}

}  // namespace

PaddedText::PaddedText(std::string_view text, std::size_t spare_bytes) : view_(text) {
  if (spare_bytes >= room_bytes || (!is_sanitized && ends_within_its_page(text))) {
    return;
  }
  copy_.reset(new char[text.size() + room_bytes]);
  std::memcpy(copy_.get(), text.data(), text.size());
  std::memset(copy_.get() + text.size(), ' ', room_bytes);
  view_ = {copy_.get(), text.size()};
}

}  // namespace scanclock
