#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/severity.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::evidence {

// More typed access in the manner of json_reading.hpp: `path` names the place for people, and what
// follows its last dot is the key; absent and null are the same; another type is `malformed`.

/// A whole number.
std::optional<std::int64_t> find_integer(ScanReport& report, const nlohmann::json& parent,
                                         std::string_view path);

/// Seconds since 1970 as a number, with or without a fraction, or an RFC 3339 text: AWS sends the
/// first and its command line prints the second. Nothing where the time says "not set".
std::optional<TimePoint> find_epoch_or_text_time(ScanReport& report, const nlohmann::json& parent,
                                                 std::string_view path);

/// The time `seconds` and `nanos` after 1970; nothing before it or after the year 9999.
std::optional<TimePoint> time_from_epoch(std::int64_t seconds, std::int64_t nanos);

/// A digest with or without its algorithm. Text that is no digest is no defect, for producers write
/// placeholders and short forms; the report then names no subject.
std::optional<Digest> find_digest(ScanReport& report, const nlohmann::json& parent,
                                  std::string_view path);

/// The severity word under `key`; `unknown` for every other word and for none.
Severity severity_under(const nlohmann::json& parent, std::string_view key);

/// The texts of the array under `key`, or the parts of the comma-separated text there.
std::vector<std::string> texts_under(const nlohmann::json& parent, std::string_view key);

/// Counts that a report gives as numbers by severity word: `{"Critical": 1, "High": 2}`. Words of
/// no known severity count as unknown; `total` and what is no count are passed over.
SeverityCounts counts_from_summary(const nlohmann::json& summary);

/// Takes the platform where both texts are given.
void take_platform(ScanReport& report, std::string_view os, std::string_view architecture,
                   std::string_view variant = {});

/// `registry/repository:tag`, of what is not empty.
std::string image_name(std::string_view registry, std::string_view repository,
                       std::string_view tag);

}  // namespace scanclock::evidence
