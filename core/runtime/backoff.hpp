#pragma once

#include "core/domain/time.hpp"

#include <cstdint>
#include <string_view>

namespace scanclock {

/// Exponential waiting times with jitter: first, first*factor, … up to max, each ± jitter.
class Backoff {
 public:
  struct Limits {
    Limits() = default;
    Duration first = std::chrono::seconds(1);
    Duration max = std::chrono::minutes(5);
    double factor = 2.0;
    double jitter = 0.1;
  };

  /// `seed` makes the jitter reproducible.
  Backoff(Limits limits, std::uint64_t seed);

  /// The wait before the next attempt.
  Duration next();
  /// After a success.
  void reset();

 private:
  Limits limits_;
  std::uint64_t random_state_;
  double current_us_;
};

/// Where in a period of `period` the key's turn comes, from 0 up to period: deterministic, so that
/// a restart shifts nobody's turn.
Duration phase_of(std::string_view key, Duration period);

}  // namespace scanclock
