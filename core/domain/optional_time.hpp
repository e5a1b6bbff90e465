#pragma once

#include "core/domain/time.hpp"

#include <optional>

namespace scanclock {

/// std::optional<TimePoint> in half its room: the earliest of all moments stands for none.
class OptionalTime {
 public:
  constexpr OptionalTime() = default;
  // NOLINTBEGIN(google-explicit-constructor): it is an optional.
  constexpr OptionalTime(TimePoint at) : at_(at) {}
  constexpr OptionalTime(std::optional<TimePoint> at) : at_(at.value_or(none)) {}
  constexpr operator std::optional<TimePoint>() const {
    return has_value() ? std::optional(at_) : std::nullopt;
  }
  // NOLINTEND(google-explicit-constructor)

  constexpr bool has_value() const { return at_ != none; }
  constexpr explicit operator bool() const { return has_value(); }
  /// Only where there is one.
  constexpr const TimePoint& operator*() const { return at_; }
  constexpr const TimePoint* operator->() const { return &at_; }
  constexpr TimePoint value_or(TimePoint other) const { return has_value() ? at_ : other; }
  constexpr void reset() { at_ = none; }

  // One for each of its forms: std::optional's own would compare the wrong way.
  constexpr bool operator==(const OptionalTime&) const = default;
  friend constexpr bool operator==(const OptionalTime& left, const TimePoint& right) {
    return left.at_ == right;
  }
  friend constexpr bool operator==(const OptionalTime& left,
                                   const std::optional<TimePoint>& right) {
    return left == OptionalTime(right);
  }
  friend constexpr bool operator==(const std::optional<TimePoint>& left,
                                   const OptionalTime& right) {
    return OptionalTime(left) == right;
  }

 private:
  static constexpr TimePoint none = TimePoint::min();

  TimePoint at_ = none;
};

}  // namespace scanclock
