#pragma once

#include "core/domain/time.hpp"
#include "core/runtime/backoff.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace scanclock {

struct PaceLimits {
  PaceLimits() = default;
  double requests_per_second = 50;
  std::size_t failures_to_open = 5;
  Duration open_first = std::chrono::seconds(5);
  Duration open_max = std::chrono::seconds(30);
};

/// Decides when the next request to one registry may start: a steady rate, Retry-After to the
/// second, and a circuit breaker that opens after consecutive failures and then lets one probe
/// through at a time. Pure: `now` is monotonic time.
class Pace {
 public:
  Pace(PaceLimits limits, std::uint64_t seed);

  /// How long the registry must be left alone from now on; zero when a request may start. While a
  /// probe is under way it is `probe_wait`.
  Duration blocked_for(Duration now) const;

  /// Takes the next turn and returns how long to wait for it.
  Duration take_turn(Duration now);
  /// The turn has come and blocked_for() is zero: the request starts.
  void start();

  /// The registry gave a usable answer, whatever its status.
  void answered();
  /// No answer, 429 or 5xx. `retry_after` holds everybody back for that long.
  void failed(Duration now, std::optional<Duration> retry_after, std::string reason);
  /// A turn was given up without an answer, for its coroutine was cancelled.
  void abandoned();

  /// Metric label of the last failure.
  const std::string& last_reason() const { return last_reason_; }

  static constexpr Duration probe_wait = std::chrono::seconds(1);

 private:
  PaceLimits limits_;
  Duration gap_;
  Duration next_turn_{0};
  Duration blocked_until_{0};
  std::size_t failures_ = 0;
  bool open_ = false;
  bool probing_ = false;
  Backoff backoff_;
  std::string last_reason_;
};

}  // namespace scanclock
