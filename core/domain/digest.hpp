#pragma once

#include "core/domain/interned.hpp"

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// A content digest, `sha256:<64 hex>` or `sha512:<128 hex>`, always lower case
/// (OCI image-spec descriptor.md, "Digests"). A default-constructed Digest is empty and stands for
/// "none"; it compares less than every other.
class Digest {
 public:
  Digest() = default;

  /// Accepts upper-case hex and a bare 64-hex string (CRI-O 1.28 prints image IDs so). Returns
  /// nothing for other algorithms and malformed text.
  static std::optional<Digest> parse(std::string_view text);

  /// `text` must be valid: for literals and values that were valid when they were stored. Throws
  /// std::invalid_argument otherwise.
  static Digest from_trusted(std::string_view text);

  bool empty() const { return text_->empty(); }
  const std::string& str() const { return *text_; }
  std::string_view algorithm() const;
  std::string_view hex() const;

  /// The tag that stands in for the referrers API: `sha256-<hex>`, at most 32 characters of
  /// algorithm and 64 of hex (distribution-spec, "Referrers Tag Schema").
  std::string referrers_tag() const;

  /// `sha256:0123456789ab`, for people.
  std::string short_form() const;

  auto operator<=>(const Digest&) const = default;

 private:
  /// Copies share it: a digest stands in many places at once.
  Interned<std::string> text_;
};

}  // namespace scanclock

template <>
struct std::hash<scanclock::Digest> {
  std::size_t operator()(const scanclock::Digest& digest) const noexcept {
    return std::hash<std::string>{}(digest.str());
  }
};
