#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock::evidence {

/// Statements and reports name a few digests; more is no report of one image.
inline constexpr std::size_t subjects_max = 1024;
inline constexpr std::size_t names_max = 64;
inline constexpr std::size_t shown_text_bytes_max = 256;

/// Parses JSON and keeps what any reader looks at (keep_tree.hpp). Notes `too_large` and returns
/// nothing for more than report_bytes_max, and as build_json_tree does for what is refused.
std::optional<nlohmann::json> parse_json(ScanReport& report, std::string_view text,
                                         std::size_t spare_bytes = 0);

/// Keeps the gravest defect: the one that comes first in Rejection.
void note_defect(ScanReport& report, Rejection reason, std::string detail);

/// Makes text from a report fit to be stored and shown: at most shown_text_bytes_max bytes, cut
/// between characters, control characters (PostgreSQL refuses NUL) replaced by `?`.
std::string shown_text(std::string_view text);

// Typed access. `path` is the whole path for the reader of a defect, such as `descriptor.db.built`;
// what follows its last dot is the key looked up in `parent`. Absent and null are the same and no
// defect; a value of another type is `malformed`.
const nlohmann::json* find_object(ScanReport& report, const nlohmann::json& parent,
                                  std::string_view path);
const nlohmann::json* find_array(ScanReport& report, const nlohmann::json& parent,
                                 std::string_view path);
/// What the last two found, for a loop: an empty array for null.
const nlohmann::json& elements_of(const nlohmann::json* found);
/// Visits the objects in `array`, which find_array found at `path`; null holds none, and any other
/// element is `malformed`.
void for_each_object(ScanReport& report, const nlohmann::json* array, std::string_view path,
                     const std::function<void(const nlohmann::json&)>& visit);
std::string find_text(ScanReport& report, const nlohmann::json& parent, std::string_view path);

/// `parent[key]` without any judgement; nullptr where `parent` is no object, or key is absent or
/// null.
const nlohmann::json* find_any(const nlohmann::json& parent, std::string_view key);

/// The text under `key`, empty where it is absent or something else.
std::string text_or_empty(const nlohmann::json& parent, std::string_view key);

enum class Zone { required, utc_when_absent };

/// An RFC 3339 time; nothing where it is absent, empty or says "not set" (see is_set); `malformed`
/// where it is something else, for an unreadable time might have been the earliest.
std::optional<TimePoint> find_time(ScanReport& report, const nlohmann::json& parent,
                                   std::string_view path, Zone zone = Zone::required);

/// Keeps the earliest of the times given for the scan's end (design.md, rule 2).
void note_finish(ScanReport& report, std::optional<TimePoint> time, std::string_view path);
void note_database(ScanReport& report, std::optional<TimePoint> time);

/// Adds a digest once; more than subjects_max are `malformed`.
void add_subject(ScanReport& report, const Digest& digest);
/// Adds the digest of `repository@sha256:…`; ignores text without one (Trivy writes `""`).
void add_subject_reference(ScanReport& report, const nlohmann::json& reference);
void add_subject_references(ScanReport& report, const nlohmann::json* references);
void add_name(ScanReport& report, std::string_view name);

/// Notes `no_time` and `no_subject`, once all else is read.
void conclude(ScanReport& report);

}  // namespace scanclock::evidence
