#pragma once

#include "core/domain/source.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// The least time between two stored extensions of a coverage interval.
inline constexpr Duration coverage_write_min = std::chrono::minutes(1);

/// Which sources answer, and the intervals in which each was watched. No clock: `now` is a
/// parameter.
class SourceBook {
 public:
  /// Adds or updates the settings of a source; what is known of it stays.
  void configure(const std::string& name, SourceKind kind, Duration blind_after, TimePoint now);
  void forget(const std::string& name) { entries_.erase(name); }
  /// Nobody looks at the source any more, or not yet: it fails with the reason `unattended` from
  /// now on, or from when it failed before, until it is configured or answers again. What it showed
  /// stays believed (design.md, rule 7). Adds it where it is not known.
  void leave_unattended(const std::string& name, Duration blind_after, TimePoint now);
  /// What sort of workload source it is; see SourceStatus.
  void describe(const std::string& name, std::string_view type);
  /// What the newest view was limited to; nothing when it was of everything.
  void limit_view(const std::string& name, std::optional<std::set<std::string>> namespaces);
  /// What the source may not see although it answers; empty when it sees everything.
  void note_limits(const std::string& name, const std::string& limits);
  /// Pushed sources that nobody pushed for longer than their blind_after fail with the reason
  /// `silent` from the last push on.
  void note_silence(TimePoint now);
  void restore(const std::vector<CoverageInterval>& newest);

  void answered(const std::string& name, std::uint64_t seen, TimePoint now);
  void failed(const std::string& name, const std::string& reason, const std::string& detail,
              TimePoint now);
  void requested(const std::string& name);
  void next_poll(const std::string& name, TimePoint at);
  void cycle_ended(const std::string& name, const RequestCycle& cycle);

  /// Failing for blind_after, or never answered for that long since it was configured.
  bool is_blind(const std::string& name, TimePoint now) const;
  /// A source of this kind has not answered since it was configured, and is not blind for it yet.
  bool awaits_first_answer(SourceKind kind, TimePoint now) const;
  /// When a failing source becomes blind, if nothing changes.
  std::optional<TimePoint> next_change_at(TimePoint now) const;
  const SourceStatus* find(const std::string& name) const;
  std::vector<SourceStatus> all() const;

  /// Intervals to store since the last call.
  std::vector<CoverageInterval> take_coverage();

 private:
  struct Entry {
    SourceStatus status;
    std::optional<CoverageInterval> interval;
    std::optional<TimePoint> written_to;
  };
  std::map<std::string, Entry> entries_;
  std::vector<CoverageInterval> pending_;
};

}  // namespace scanclock
