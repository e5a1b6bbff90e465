#include "core/runtime/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <time.h>

#include <algorithm>

namespace scanclock {
namespace {

// A longer sleep would overflow the timer's nanoseconds; nobody waits for its end.
constexpr Duration sleep_max = std::chrono::hours(24 * 365 * 10);

Duration read_clock(clockid_t id) {
  timespec value{};
  ::clock_gettime(id, &value);
  return std::chrono::seconds(value.tv_sec) +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(value.tv_nsec));
}

}  // namespace

TimePoint SystemClock::now() const { return TimePoint(read_clock(CLOCK_REALTIME)); }

Duration SystemClock::monotonic() const { return read_clock(CLOCK_BOOTTIME); }

asio::awaitable<void> SystemClock::sleep(Duration duration) {
  if (duration <= Duration::zero()) {
    co_return;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::min(duration, sleep_max));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace scanclock
