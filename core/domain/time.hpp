#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// Microseconds: PostgreSQL's resolution, so that a time survives a round trip unchanged.
using Duration = std::chrono::microseconds;

/// Coordinated Universal Time, without leap seconds (Unix time).
using TimePoint = std::chrono::sys_time<Duration>;

/// Reads an RFC 3339 date-time. Accepts any fraction (cut to microseconds), `Z` or a numeric
/// offset, a lower-case `t` or `z`, and a blank for `T`. Returns nothing for anything else,
/// a time without a zone included.
std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// Like parse_rfc3339, but takes a time without a zone for UTC (GitLab's schema says so).
std::optional<TimePoint> parse_rfc3339_assuming_utc(std::string_view text);

/// `2026-11-01T12:00:00Z`; with a fraction of up to six digits where there is one.
std::string format_rfc3339(TimePoint time);

/// False for what producers write when they mean "not set": year 1 or earlier, and the Unix epoch
/// (design.md, rule 2).
bool is_set(TimePoint time);

/// `30d`, `12h`, `1h30m`, `500ms`: the units of the settings file, largest first. Returns nothing
/// for an empty text, an unknown unit, a sign, or more than 100 years.
std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads, such as `30d` or `1h30m`.
std::string format_duration(Duration duration);

/// Rounded for people, two units at most: `3d 4h`, `12m`, `45s`. Negative durations as positive.
std::string describe_duration(Duration duration);

}  // namespace scanclock
