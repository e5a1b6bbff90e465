#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

namespace scanclock::alerts {

/// Spreads requests evenly, as receivers with a rate limit want it: each waits until its turn, in
/// the order of coming. No burst: several receivers may share one key. I/O thread only.
class SendPace {
 public:
  /// `per_second` of 0: no limit.
  SendPace(Clock& clock, double per_second);

  /// Throws boost::system::system_error(operation_aborted) when the coroutine is cancelled; its
  /// turn is lost then.
  asio::awaitable<void> turn();

 private:
  Clock& clock_;
  Duration interval_;
  /// When the next turn is free, in monotonic time.
  Duration free_at_{0};
};

}  // namespace scanclock::alerts
