#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Of a header with preferences no more than this many entries are read.
inline constexpr std::size_t accept_entries_max = 32;

/// An entry of Accept or Accept-Encoding (RFC 9110 section 12.4.2).
struct AcceptEntry {
  AcceptEntry() = default;
  /// Lower case: `gzip`, `text/plain`, `*/*`.
  std::string token;
  /// Of a media type: its `version` parameter; empty where there is none.
  std::string version;
  /// From 0, not acceptable, to 1. A weight that is none counts as 0.
  double quality = 1;
};

std::vector<AcceptEntry> parse_accept(std::string_view header);

/// Whether the body should be sent compressed to a client with this Accept-Encoding: gzip is
/// acceptable and not wanted less than the plain form. False without the header.
bool wants_gzip(std::optional<std::string_view> accept_encoding);

}  // namespace scanclock
