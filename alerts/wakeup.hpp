#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace scanclock::alerts {

/// Lets one coroutine sleep until a time or until somebody has news. News that comes while nobody
/// waits is kept. I/O thread only.
class Wakeup {
 public:
  Wakeup(asio::any_io_executor executor, Clock& clock);

  void notify();

  /// The next wait() would return at once.
  bool has_news() const { return news_; }

  /// Returns after `limit`, or at once when notify() is called or was called since the last wait.
  asio::awaitable<void> wait(Duration limit);

 private:
  asio::awaitable<void> wait_for_news();

  Clock& clock_;
  asio::steady_timer timer_;
  bool news_ = false;
};

}  // namespace scanclock::alerts
