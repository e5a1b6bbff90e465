#include "core/registry/pace.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// A timer that wakes a little late must not cost throughput: up to this much of unused time may
/// be made up for.
constexpr Duration slack_max = std::chrono::milliseconds(50);

Backoff::Limits backoff_limits(const PaceLimits& limits) {
  Backoff::Limits result;
  result.first = limits.open_first;
  result.max = limits.open_max;
  return result;
}

}  // namespace

Pace::Pace(PaceLimits limits, std::uint64_t seed)
    : limits_(limits),
      gap_(static_cast<Duration::rep>(1e6 / std::max(limits.requests_per_second, 0.001))),
      backoff_(backoff_limits(limits), seed) {}

Duration Pace::blocked_for(Duration now) const {
  if (now < blocked_until_) {
    return blocked_until_ - now;
  }
  return open_ && probing_ ? probe_wait : Duration::zero();
}

Duration Pace::take_turn(Duration now) {
  const Duration turn = std::max(next_turn_, now - std::min(slack_max, now));
  next_turn_ = turn + gap_;
  return std::max(turn - now, Duration::zero());
}

void Pace::start() { probing_ = open_; }

void Pace::answered() {
  failures_ = 0;
  open_ = false;
  probing_ = false;
  backoff_.reset();
}

void Pace::failed(Duration now, std::optional<Duration> retry_after, std::string reason) {
  last_reason_ = std::move(reason);
  ++failures_;
  const bool opens = (open_ && probing_) || (!open_ && failures_ >= limits_.failures_to_open);
  probing_ = false;
  if (opens) {
    open_ = true;
    blocked_until_ = std::max(blocked_until_, now + backoff_.next());
  }
  if (retry_after) {
    blocked_until_ = std::max(blocked_until_, now + *retry_after);
  }
}

void Pace::abandoned() { probing_ = false; }

}  // namespace scanclock
