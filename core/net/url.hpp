#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// The parts of an absolute http or https URL (RFC 3986); host lower case, IPv6 without brackets.
struct Url {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  /// Path and query as they go on the wire, `/` at least.
  std::string target;

  /// `https://host:port`, the port left out where it is the scheme's own.
  std::string origin() const;
  /// `host` or `host:port`, as in a Host header or an image reference.
  std::string authority() const;
  bool is_loopback() const;
};

/// Nothing for other schemes, credentials in the URL, fragments or malformed text.
std::optional<Url> parse_url(std::string_view text);

/// Resolves a relative reference such as a Link target against `base` (RFC 3986 section 5).
std::optional<Url> resolve_url(const Url& base, std::string_view reference);

std::string to_string(const Url& url);

/// Percent-encodes everything but unreserved characters.
std::string percent_encode(std::string_view text);
std::optional<std::string> percent_decode(std::string_view text);

/// The decoded parameters of a query string; the first of a repeated name wins.
std::map<std::string, std::string> parse_query(std::string_view query);

}  // namespace scanclock
