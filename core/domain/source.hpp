#pragma once

#include "core/domain/time.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace scanclock {

/// A spool is a folder that reports are dropped into.
enum class SourceKind { registry, workload, spool };

std::string_view to_string(SourceKind kind);

/// What one whole listing cycle of a registry cost, token requests left out.
struct RequestCycle {
  std::uint64_t heads = 0;
  std::uint64_t referrers = 0;
  /// Pages of tag lists and of the catalog.
  std::uint64_t lists = 0;
  /// Manifests and blobs, and calls of the registry product's own API.
  std::uint64_t others = 0;
  TimePoint started_at;
  TimePoint ended_at;

  std::uint64_t requests() const { return heads + referrers + lists + others; }
};

/// One that did not get an answer, or an answer that was none.
struct SourceFailure {
  TimePoint at;
  /// As in SourceStatus.
  std::string reason;
  std::string detail;
};

/// What is known of a source's answering. I/O rooms report, the daemon keeps.
struct SourceStatus {
  std::string name;
  SourceKind kind = SourceKind::registry;
  /// Reports since when it is failing; nothing while it answers.
  std::optional<TimePoint> failing_since;
  /// A metric label such as `timeout`, `unauthorized`, `suspicious_drop`; empty while it answers.
  std::string reason;
  /// For people, with the object and the cause.
  std::string detail;
  std::optional<TimePoint> last_success_at;
  /// The newest one since the daemon started; it stays when the source answers again.
  std::optional<SourceFailure> last_failure;
  std::optional<TimePoint> next_poll_at;
  std::uint64_t requests = 0;
  /// Nothing for what is no registry, and before the first cycle has ended.
  std::optional<RequestCycle> last_cycle;
  std::uint64_t seen = 0;
  Duration blind_after = std::chrono::minutes(10);
  /// Of a workload source: `docker`, `kubernetes`, ... as in the settings, or `push` for one that
  /// nobody polls. Empty for others, and where it is not known.
  std::string type;
  /// The only namespaces that the source sees; nothing when it sees all. What runs in others is not
  /// known from it.
  std::optional<std::set<std::string>> namespaces;
  /// What else it may not see although it answers, for people; empty when it sees everything.
  std::string limits;
  /// No entry of the settings names it, but containers that it showed are believed to run.
  bool unattended = false;
};

inline constexpr std::string_view pushed_source_type = "push";

/// The source was watched, and answered, from `from` to `to` without a gap.
struct CoverageInterval {
  std::string source;
  SourceKind kind = SourceKind::registry;
  TimePoint from;
  TimePoint to;
};

}  // namespace scanclock
