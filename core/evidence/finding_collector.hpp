#pragma once

#include "core/domain/evidence.hpp"
#include "core/evidence/severity.hpp"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace scanclock::evidence {

/// The CVE catalogue grows by some 40 000 entries a year, and the worst real images carry a few
/// thousand: a report that names more than this describes no image.
inline constexpr std::size_t findings_max = 100'000;
/// More names than these of one vulnerability are not kept.
inline constexpr std::size_t finding_aliases_max = 32;

/// Builds ScanReport::counts and ScanReport::findings from the entries of a report, of which there
/// is one for each package that a vulnerability is found in.
///
/// The counts are of entries. The findings are of vulnerabilities: each CVE once, with the gravest
/// of its severities and every other id that any entry gives for it. An entry that names several
/// CVEs, as a vendor's advisory does, becomes a finding of each; one that names none keeps the
/// scanner's own id.
class FindingCollector {
 public:
  /// `id` and `aliases` in any order; empty ones are ignored, and an entry without any is only
  /// counted.
  void add(std::string_view id, std::span<const std::string> aliases, Severity severity);
  void add(std::string_view id, Severity severity);

  /// Takes over the entries of another, such as of one run of several.
  void add(FindingCollector more);

  /// Entries so far.
  std::size_t size() const { return entries_; }

  /// Moves what was collected into `report`, adding to its counts and replacing its findings; notes
  /// `too_large` for more than findings_max. Call it once, when all entries are in.
  void finish(ScanReport& report);

 private:
  struct Vulnerability {
    Severity severity = Severity::unknown;
    std::set<std::string> aliases;
  };

  void merge(std::string id, std::span<const std::string> others, Severity severity);

  std::unordered_map<std::string, Vulnerability> by_id_;
  SeverityCounts counts_;
  std::size_t entries_ = 0;
  bool too_many_ = false;
};

}  // namespace scanclock::evidence
