#pragma once

#include "core/net/http_types.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t challenge_bytes_max = std::size_t{16} << 10;

/// One challenge of a WWW-Authenticate header (RFC 9110 section 11). `scheme` and the parameter
/// names are lower case, values are unquoted and otherwise unchanged: a scope is opaque.
struct Challenge {
  std::string scheme;
  std::map<std::string, std::string> parameters;

  bool operator==(const Challenge&) const = default;
};

/// Reads every challenge of one header line. Never fails: what cannot be read is left out. Values
/// without quotes are taken up to the next comma or blank, for registries leave them off.
std::vector<Challenge> parse_challenges(std::string_view header);

/// What a 401 asks for: Bearer with a realm before Basic, other schemes are ignored. Looks at all
/// WWW-Authenticate headers. `service` and `scope` may be empty.
struct AuthDemand {
  enum class Scheme { basic, bearer };
  Scheme scheme = Scheme::basic;
  std::string realm;
  std::string service;
  std::string scope;

  bool operator==(const AuthDemand&) const = default;
};

std::optional<AuthDemand> demand_of(const std::vector<HttpHeader>& headers);

}  // namespace scanclock
