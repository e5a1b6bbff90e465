#pragma once

#include "core/domain/time.hpp"

#include <cstddef>
#include <optional>

namespace scanclock {

/// How long a suspiciously small view must be repeated before it is believed.
inline constexpr Duration suspicious_drop_hold = std::chrono::minutes(10);

/// Doubts a view that suddenly lost more than half of its members, or all (design.md, rule 8).
/// A pure state machine; one for each source.
class ViewGuard {
 public:
  /// `before` members were believed, `retained` of them are in the new complete view. True: apply
  /// it. False: keep what was believed, the source is blind with reason suspicious_drop.
  bool believes(std::size_t before, std::size_t retained, TimePoint now);

  /// The operator says the drop is real.
  void confirm() { confirmed_ = true; }
  std::optional<TimePoint> doubted_since() const { return doubted_since_; }

 private:
  std::optional<TimePoint> doubted_since_;
  bool confirmed_ = false;
};

}  // namespace scanclock
