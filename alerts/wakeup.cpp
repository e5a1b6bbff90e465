#include "alerts/wakeup.hpp"

#include "core/runtime/with_timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace scanclock::alerts {

Wakeup::Wakeup(asio::any_io_executor executor, Clock& clock)
    : clock_(clock), timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

void Wakeup::notify() {
  news_ = true;
  timer_.cancel();
}

asio::awaitable<void> Wakeup::wait_for_news() {
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Wakeup::wait(Duration limit) {
  if (!news_ && limit > Duration::zero()) {
    auto news = wait_for_news();
    co_await cancel_when_late(clock_, std::move(news), limit);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  news_ = false;
}

}  // namespace scanclock::alerts
