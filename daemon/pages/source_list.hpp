#pragma once

#include "core/domain/source_book.hpp"
#include "daemon/pages/page_frame.hpp"
#include "daemon/source_members.hpp"

#include <map>
#include <string>
#include <vector>

namespace scanclock {

/// How far back the page tells when each source was watched.
inline constexpr Duration page_coverage_shown = std::chrono::hours(24 * 35);

struct SourceListInput {
  const SourceMembers& members;
  const SourceBook& sources;
  /// By source, oldest first.
  std::map<std::string, std::vector<CoverageInterval>> coverage;
  /// The record could not be read.
  bool history_is_cut = false;
};

/// A time in which nobody watched.
struct CoverageGap {
  TimePoint from;
  TimePoint to;

  bool operator==(const CoverageGap&) const = default;
};

/// The gaps between `from` and `to`; `intervals` are ordered and may overlap. A source that answers
/// now was watched until now, although the record is a minute behind.
std::vector<CoverageGap> coverage_gaps(const std::vector<CoverageInterval>& intervals,
                                       TimePoint from, TimePoint to, bool answers_now);

/// The page at `/sources`: those that do not answer first, each with its last error, when it is
/// asked next, what it shows, and when it was watched.
std::string render_source_list(PageFrame frame, const SourceListInput& input);

}  // namespace scanclock
