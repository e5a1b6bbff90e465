#include "core/runtime/with_timeout.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace scanclock {

asio::awaitable<bool> cancel_when_late(Clock& clock, asio::awaitable<void> operation,
                                       Duration limit) {
  // operator|| waits for the first success, so an operation that threw would be reported only when
  // the time is up; hence operations that keep their exception. The sleep that ends first because
  // the caller was cancelled is not late.
  using namespace asio::experimental::awaitable_operators;
  const auto outcome = co_await (std::move(operation) || clock.sleep_unless_cancelled(limit));
  co_return outcome.index() == 1 && std::get<1>(outcome);
}

}  // namespace scanclock
