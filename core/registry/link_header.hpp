#pragma once

#include "core/net/http_types.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t link_bytes_max = std::size_t{16} << 10;

/// One link of a Link header (RFC 8288).
struct Link {
  std::string target;
  /// Lower case.
  std::vector<std::string> relations;

  bool operator==(const Link&) const = default;
};

/// Reads every link of one header line; what cannot be read is left out. Commas and semicolons
/// inside `<…>` and quotes belong to the value.
std::vector<Link> parse_links(std::string_view header);

/// Target of the first link with rel="next" in any Link header, unresolved.
std::optional<std::string> next_link(const std::vector<HttpHeader>& headers);

}  // namespace scanclock
