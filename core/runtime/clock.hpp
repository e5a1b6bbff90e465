#pragma once

#include "core/domain/time.hpp"

#include <boost/asio/awaitable.hpp>

namespace scanclock {

namespace asio = boost::asio;

/// The only source of time. All of it is used on the I/O thread alone.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time; may step.
  virtual TimePoint now() const = 0;

  /// Time since an arbitrary start; never steps backwards.
  virtual Duration monotonic() const = 0;

  /// Returns after `duration` of monotonic time, at once when it is not positive. Throws
  /// boost::system::system_error(operation_aborted) when the coroutine is cancelled.
  virtual asio::awaitable<void> sleep(Duration duration) = 0;

  /// As sleep(), but cancellation makes it return false: for waits that usually end that way, such
  /// as those for a time limit, where an exception would cost more than all the rest.
  virtual asio::awaitable<bool> sleep_unless_cancelled(Duration duration);
};

/// The machine's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME, which also counts suspended time.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  Duration monotonic() const override;
  asio::awaitable<void> sleep(Duration duration) override;
  asio::awaitable<bool> sleep_unless_cancelled(Duration duration) override;
};

}  // namespace scanclock
