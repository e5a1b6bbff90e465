#pragma once

#include "core/domain/time.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::testing {

/// What stands at a path such as `Results[].Vulnerabilities[].Severity` or `runs[0].tool`: written
/// apart from the readers, so that an expected record is checked against the file itself. `[]` is
/// every element of an array or member of an object; several paths are joined by ` + `. Nulls and
/// what is absent are left out.
std::vector<nlohmann::json> values_at(const nlohmann::json& document, std::string_view paths);

/// The time at the first path, as text or as seconds since the epoch, plus the seconds at every
/// further path.
std::optional<TimePoint> time_at(const nlohmann::json& document, std::string_view paths);

/// The innermost document: what a DSSE envelope or Sigstore bundle holds, opened.
nlohmann::json unwrapped(nlohmann::json document);

}  // namespace scanclock::testing
