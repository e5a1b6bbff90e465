#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

namespace scanclock::evidence {

using Severity = FindingSeverity;

/// A word such as `HIGH` or `Critical` in any case, `moderate` and `important` (Red Hat's scale)
/// included. Nothing for other words.
std::optional<Severity> severity_from_word(std::string_view word);

/// The bands of CVSS v3 (FIRST, specification section 5) for a base score, given as a number or as
/// text; 0 is `unknown`. Nothing for a vector or anything else.
std::optional<Severity> severity_from_score(const nlohmann::json& score);

void count(SeverityCounts& counts, Severity severity);
void add(SeverityCounts& counts, const SeverityCounts& more);

}  // namespace scanclock::evidence
