#pragma once

#include "core/domain/evidence.hpp"
#include "core/domain/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace scanclock {

/// PostgreSQL's text holds neither NUL nor broken UTF-8. Both become U+FFFD: one report of a
/// malicious or broken scanner must not make every later commit fail.
std::string storable_text(std::string_view text);

/// Within the years 1 to 9999, which both RFC 3339 and PostgreSQL can write.
TimePoint storable_time(TimePoint time);

/// At most what a bigint holds: a size that a manifest claims may be anything.
std::int64_t storable_size(std::uint64_t bytes);

/// The evidence as a round trip through the database returns it.
Evidence storable_evidence(Evidence evidence);

/// A JSON object with storable texts, for jsonb columns.
std::string storable_object(const std::map<std::string, std::string>& texts);
std::string storable_object(const std::map<std::string, std::int64_t>& numbers);

}  // namespace scanclock
