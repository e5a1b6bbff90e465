#pragma once

#include "core/domain/time.hpp"

#include <optional>
#include <string_view>

namespace scanclock {

/// A longer wait is taken for this long: a server must not silence the monitor for good.
inline constexpr Duration retry_after_max = std::chrono::hours(24);

/// Reads a Retry-After value, seconds or an HTTP-date in any of its three forms (RFC 9110 sections
/// 10.2.3 and 5.6.7), as a wait from `now`. A date in the past gives zero.
std::optional<Duration> parse_retry_after(std::string_view text, TimePoint now);

}  // namespace scanclock
