#include "core/workloads/watch_call.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace scanclock {

void WatchCall::call() {
  called_ = true;
  if (timer_) {
    timer_->expires_at(asio::steady_timer::time_point::min());
  }
}

asio::awaitable<void> WatchCall::wait() {
  boost::system::error_code ignored;
  co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<std::optional<WatchCall::Piece>> WatchCall::read(HttpStream& stream,
                                                                 Duration idle_max) {
  using namespace asio::experimental::awaitable_operators;
  if (std::exchange(called_, false)) {
    co_return std::nullopt;
  }
  auto executor = co_await asio::this_coro::executor;
  if (!timer_) {
    timer_.emplace(std::move(executor));
  }
  timer_->expires_at(asio::steady_timer::time_point::max());
  auto reading = stream.read(idle_max);
  auto waiting = wait();
  auto first = co_await (std::move(reading) || std::move(waiting));
  if (first.index() == 0) {
    co_return std::get<0>(std::move(first));
  }
  called_ = false;
  co_return std::nullopt;
}

}  // namespace scanclock
