#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace scanclock::evidence {

/// What the statement around a report says of the scan itself.
enum class StatementSays {
  /// That a scan took place, and when: a report of a format that is not read here is no defect.
  scan_and_time,
  /// Nothing but the subject.
  subject_only,
};

/// Adds what a scanner's own report at `path` of a statement says to what the statement says: the
/// earliest of both times, the digests inside as `inner_subjects`, findings and defects. `value` is
/// the report or its text. False where it is neither, and the report is as it was.
bool read_embedded_report(ScanReport& report, const nlohmann::json& value, std::string_view path,
                          StatementSays says);

}  // namespace scanclock::evidence
