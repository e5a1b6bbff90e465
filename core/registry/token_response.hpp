#pragma once

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t token_bytes_max = std::size_t{64} << 10;
/// Default and floor of `expires_in` (distribution, docs/content/spec/auth/token.md).
inline constexpr Duration token_lifetime_min = std::chrono::seconds(60);
inline constexpr Duration token_lifetime_max = std::chrono::hours(24);

struct TokenResponse {
  TokenResponse() = default;
  std::string token;
  /// From the moment of receipt; `issued_at` is ignored, for clocks differ.
  Duration lifetime = token_lifetime_min;
};

/// Reads a token server's answer: `token` or `access_token`. The failure never shows the body.
Result<TokenResponse, std::string> parse_token_response(std::string_view body);

}  // namespace scanclock
