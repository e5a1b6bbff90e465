#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// RFC 5321 section 4.5.3.1: of a path.
inline constexpr std::size_t mail_address_bytes_max = 254;

/// `Scanclock <alerts@shop.example>`, or the address alone.
struct MailAddress {
  /// Decoded, may be empty and may hold any letter, but no control character.
  std::string name;
  /// `local@domain`, ASCII, without blanks, quotes, angle brackets and control characters.
  std::string address;
  std::string domain() const { return address.substr(address.rfind('@') + 1); }
};

/// Reads what the settings may hold: the forms of RFC 5322 section 3.4 that mail programs write,
/// without comments, groups, quoted local parts and address literals. Nothing for all else, so that
/// no address can add a header or a command of its own.
std::optional<MailAddress> parse_mail_address(std::string_view text);

}  // namespace scanclock
