#pragma once

#include "core/domain/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace scanclock {

/// How long a suspiciously small view must be repeated before it is believed.
inline constexpr Duration suspicious_drop_hold = std::chrono::minutes(10);

/// Doubts a view that suddenly lost more than half of its members, or all (design.md, rule 8).
/// A pure state machine; one for each view of a source.
class ViewGuard {
 public:
  /// `before` members were believed, `retained` of them are in the new complete view. True: apply
  /// it. False: keep what was believed, the source is blind with reason suspicious_drop.
  bool believes(std::size_t before, std::size_t retained, TimePoint now);

  /// The operator says that the doubted drop is real. Says nothing of drops to come.
  void confirm() { confirmed_ = doubted_since_.has_value(); }
  std::optional<TimePoint> doubted_since() const { return doubted_since_; }

 private:
  std::optional<TimePoint> doubted_since_;
  bool confirmed_ = false;
};

/// Doubts single ends that come so many at once that they empty a source or more than halve it: a
/// server that was restored, or one that hides what the account may not see any more, deletes
/// object by object. Containers that begin weigh ends up, so that a rollout is none of that. Small
/// sources are believed, for there every end is told by name. A pure state machine.
class EndGuard {
 public:
  /// Below this many members single ends are believed.
  static constexpr std::size_t members_min = 10;

  /// `living` containers are believed to run before `ending` of them end and `beginning` begin.
  bool believes(std::size_t living, std::size_t beginning, std::size_t ending, TimePoint now);
  /// A complete look was believed.
  void reset() { *this = EndGuard(); }

 private:
  std::size_t members_ = 0;
  std::optional<TimePoint> counted_at_;
};

/// The guards of all sources. A source that sees only some namespaces has one for each set of them:
/// a view of others neither repeats nor refutes a drop.
class ViewGuards {
 public:
  using Namespaces = std::optional<std::set<std::string>>;

  bool believes(const std::string& source, const Namespaces& namespaces, std::size_t before,
                std::size_t retained, TimePoint now);
  /// True when a drop of the source was doubted.
  bool confirm(const std::string& source);
  EndGuard& ends(const std::string& source) { return ends_[source]; }

 private:
  std::map<std::string, std::map<Namespaces, ViewGuard>> views_;
  std::map<std::string, EndGuard> ends_;
};

}  // namespace scanclock
