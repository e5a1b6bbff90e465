#include "core/runtime/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
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

asio::awaitable<bool> Clock::sleep_unless_cancelled(Duration duration) {
  try {
    co_await sleep(duration);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) {
      throw;
    }
    co_return false;
  }
  co_return true;
}

TimePoint SystemClock::now() const { return TimePoint(read_clock(CLOCK_REALTIME)); }

Duration SystemClock::monotonic() const { return read_clock(CLOCK_BOOTTIME); }

asio::awaitable<void> SystemClock::sleep(Duration duration) {
  const bool slept = co_await sleep_unless_cancelled(duration);
  if (!slept) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

asio::awaitable<bool> SystemClock::sleep_unless_cancelled(Duration duration) {
  if (duration <= Duration::zero()) {
    co_return true;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::min(duration, sleep_max));
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !error;
}

}  // namespace scanclock
