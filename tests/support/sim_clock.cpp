#include "tests/support/sim_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace scanclock {

struct SimClock::Sleeper {
  Sleeper(SimClock& owner, asio::any_io_executor executor, Duration due)
      : clock(owner),
        timer(std::move(executor), asio::steady_timer::time_point::max()),
        position(owner.sleepers_.emplace(due, this)) {}
  ~Sleeper() {
    if (!woken) {
      clock.sleepers_.erase(position);
    }
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  SimClock& clock;
  asio::steady_timer timer;
  Sleepers::iterator position;
  bool woken = false;
};

SimClock::SimClock(TimePoint start) : now_(start) {}

SimClock::~SimClock() = default;

TimePoint SimClock::default_start() {
  using namespace std::chrono;
  return TimePoint(sys_days(year(2026) / November / 1)) + hours(12);
}

asio::awaitable<void> SimClock::sleep(Duration duration) {
  if (duration <= Duration::zero()) {
    co_return;
  }
  const Duration due =
      duration < Duration::max() - monotonic_ ? monotonic_ + duration : Duration::max();
  Sleeper sleeper(*this, co_await asio::this_coro::executor, due);
  co_await sleeper.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!sleeper.woken) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

void SimClock::jump_to(Duration monotonic) {
  now_ += monotonic - monotonic_;
  monotonic_ = monotonic;
  while (!sleepers_.empty() && sleepers_.begin()->first <= monotonic_) {
    Sleeper* sleeper = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    sleeper->woken = true;
    sleeper->timer.cancel();
  }
}

void SimClock::run_ready(asio::io_context& io) {
  for (;;) {
    io.restart();
    if (io.poll() != 0) {
      continue;
    }
    if (io_patience_ == Duration::zero() || io.run_one_for(io_patience_) == 0) {
      return;
    }
  }
}

void SimClock::advance(asio::io_context& io, Duration duration) {
  const Duration end = monotonic_ + duration;
  run_ready(io);
  while (!sleepers_.empty() && sleepers_.begin()->first <= end) {
    jump_to(sleepers_.begin()->first);
    run_ready(io);
  }
  jump_to(end);
  run_ready(io);
}

bool SimClock::run_while(asio::io_context& io, const std::function<bool()>& condition,
                         Duration limit) {
  const Duration end = monotonic_ + limit;
  for (;;) {
    run_ready(io);
    if (!condition()) {
      return true;
    }
    if (sleepers_.empty() || sleepers_.begin()->first > end) {
      return false;
    }
    jump_to(sleepers_.begin()->first);
  }
}

}  // namespace scanclock
