#pragma once

#include "core/runtime/log.hpp"
#include "core/runtime/task_group.hpp"
#include "storage/pg_pool.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// Something that a coroutine waits for and another one makes happen; it stays happened.
class PgPoolEvent {
 public:
  explicit PgPoolEvent(const asio::any_io_executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}

  void set() {
    happened_ = true;
    timer_.cancel();
  }

  asio::awaitable<void> wait() {
    while (!happened_) {
      boost::system::error_code ignored;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      const auto cancelled = co_await asio::this_coro::cancellation_state;
      if (!happened_ && cancelled.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
      }
    }
  }

 private:
  asio::steady_timer timer_;
  bool happened_ = false;
};

/// Runs at the end of a scope, however it ends.
template <class Action>
class OnExit {
 public:
  explicit OnExit(Action action) : action_(std::move(action)) {}
  ~OnExit() {
    if (armed_) {
      action_();
    }
  }
  OnExit(const OnExit&) = delete;
  OnExit& operator=(const OnExit&) = delete;
  void disarm() { armed_ = false; }

 private:
  Action action_;
  bool armed_ = true;
};

/// What the pool and the connections on loan share.
struct PgPool::State : std::enable_shared_from_this<PgPool::State> {
  struct Turn {
    explicit Turn(const asio::any_io_executor& turn_executor) : event(turn_executor) {}
    PgPoolEvent event;
    bool granted = false;
  };

  struct Idle {
    std::unique_ptr<PgConnection> connection;
    Duration since;
  };

  State(asio::any_io_executor an_executor, Clock& a_clock, BlockingPool& blocking_pool,
        PgConnectOptions connect_options, PgPoolLimits pool_limits)
      : executor(an_executor),
        clock(a_clock),
        pool(blocking_pool),
        options(std::move(connect_options)),
        limits(pool_limits),
        tasks(executor, [](std::string_view name, std::exception_ptr failure) {
          try {
            std::rethrow_exception(failure);
          } catch (const std::exception& error) {
            log::error("storage", "{} ended: {}", name, error.what());
          }
        }) {}

  /// A place in the pool; given to whoever waits longest, or to the next one who comes.
  void release_place() noexcept {
    --in_use;
    if (!waiting.empty() && in_use < limits.size_max && !closed) {
      ++in_use;
      waiting.front()->granted = true;
      waiting.front()->event.set();
      waiting.pop_front();
    }
    if (in_use == 0 && all_back) {
      all_back->set();
    }
  }

  asio::awaitable<void> take_place(Duration wait);
  asio::awaitable<std::unique_ptr<PgConnection>> take_connection(Duration deadline);
  asio::awaitable<std::unique_ptr<PgConnection>> make_connection(Duration deadline);
  void take_back(std::unique_ptr<PgConnection> connection);
  void keep(std::unique_ptr<PgConnection> connection);
  asio::awaitable<void> clean(std::unique_ptr<PgConnection> connection);
  asio::awaitable<void> trim();
  [[noreturn]] void fail_waiting(Duration wait) const;

  asio::any_io_executor executor;
  Clock& clock;
  BlockingPool& pool;
  PgConnectOptions options;
  PgPoolLimits limits;
  std::vector<Idle> idle;
  std::deque<std::shared_ptr<Turn>> waiting;
  std::size_t in_use = 0;
  std::string last_connect_error;
  bool closed = false;
  bool trimming = false;
  /// There while close() waits.
  std::shared_ptr<PgPoolEvent> all_back;
  TaskGroup tasks;
};

}  // namespace scanclock
