#include "core/workloads/list_timer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration wait_step_max = std::chrono::hours(24);

}  // namespace

/// A timer that never expires: cancelling it wakes whoever waits. Nothing is lost, for the waiter
/// looks at the time before and after.
struct ListTimer::Wake {
  explicit Wake(asio::any_io_executor executor)
      : timer(std::move(executor), asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> wait() {
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::steady_timer timer;
};

ListTimer::ListTimer(Clock& clock, asio::any_io_executor executor)
    : clock_(clock), wake_(std::make_unique<Wake>(std::move(executor))) {}

ListTimer::~ListTimer() = default;

void ListTimer::set(Duration from_now) {
  at_ = clock_.monotonic() + from_now;
  held_until_ = Duration::zero();
  wake_->timer.cancel();
}

void ListTimer::hold(Duration from_now) {
  set(from_now);
  held_until_ = at_;
}

void ListTimer::want_within(Duration from_now) {
  const Duration wanted = std::max(clock_.monotonic() + from_now, held_until_);
  if (wanted < at_) {
    at_ = wanted;
    wake_->timer.cancel();
  }
}

asio::awaitable<void> ListTimer::wait() {
  using namespace asio::experimental::awaitable_operators;
  while (at_ > clock_.monotonic()) {
    auto time_passes = clock_.sleep(left());
    auto woken = wake_->wait();
    co_await (std::move(time_passes) || std::move(woken));
  }
}

Duration ListTimer::left() const {
  const Duration now = clock_.monotonic();
  return at_ <= now ? Duration::zero() : std::min(at_ - now, wait_step_max);
}

}  // namespace scanclock
