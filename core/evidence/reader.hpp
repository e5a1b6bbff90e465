#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/envelope.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace scanclock {

/// Reports over 10 MiB are real (Trivy with every package listed), so the cap stands well above.
inline constexpr std::size_t report_bytes_max = std::size_t{64} * 1024 * 1024;

/// Detects the format of one piece of evidence and reads what it says: a bare Trivy, Grype or
/// SARIF report, an in-toto statement, a DSSE envelope around one, or a Sigstore bundle around
/// that. Signatures are not checked here.
///
/// Never throws for bad input: what is wrong stands in `defect` and `defect_detail`, the gravest
/// defect first in the order of `Rejection`. A report may lack both time and subject; then the
/// defect is `no_time`, and the caller sees the missing subject by the empty `subjects` and
/// `subject_config`. Pure and safe on any thread; 64 MiB take seconds, so large inputs belong on
/// the blocking pool.
ScanReport read_report(std::string_view bytes);

/// A report, and the envelope that it was read from where it came in one.
struct ReadEvidence {
  ReadEvidence() = default;
  ScanReport report;
  std::optional<Envelope> envelope;
};

/// As read_report; check_signatures (signature.hpp) takes the envelope.
ReadEvidence read_evidence(std::string_view bytes);

/// Where each field of a ScanReport is read from, for one format.
struct FormatInfo {
  /// As in ScanReport::format; `dsse`, `sigstore-bundle` and `in-toto` are wrappers that appear
  /// there only when what they hold could not be read.
  std::string_view name;
  std::string_view detection;
  std::string_view finished_at;
  std::string_view subjects;
  std::string_view scanner;
  std::string_view database_built_at;
  std::string_view counts;
  /// What makes the report no proof of a successful vulnerability scan.
  std::string_view defects;
};

/// The one table of all formats that read_report knows.
const std::vector<FormatInfo>& formats();

}  // namespace scanclock
