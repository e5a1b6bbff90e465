#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace scanclock {

/// The pool's queue is full: try again later.
class PoolBusyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Threads for what blocks. A caller that is cancelled stops waiting at once; its work still runs
/// to the end and its result is dropped, so work must own what it touches.
class BlockingPool {
 public:
  /// At most `queue_max` pieces of work wait; one more makes run() throw PoolBusyError.
  BlockingPool(std::size_t threads, std::size_t queue_max);
  /// Does not wait for work that is under way: the threads are detached from the pool.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `work` on a pool thread and returns what it returned or throws what it threw.
  template <class Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work);

  /// Runs `work`, which must not throw, with nobody waiting for it. Any thread.
  void submit(std::function<void()> work);

  /// Refuses new work with PoolBusyError and forgets what waits; who waits for it gets
  /// boost::system::system_error(operation_aborted). Idempotent.
  void stop();

 private:
  /// Submits and waits for completion; the type-erased half of run().
  asio::awaitable<void> execute(std::shared_ptr<std::function<void()>> work);

  struct State;
  std::shared_ptr<State> state_;
};

template <class Work>
asio::awaitable<std::invoke_result_t<Work>> BlockingPool::run(Work work) {
  using Value = std::invoke_result_t<Work>;
  struct Slot {
    explicit Slot(Work&& function) : work(std::move(function)) {}
    Work work;
    std::exception_ptr failure;
    std::conditional_t<std::is_void_v<Value>, std::optional<char>, std::optional<Value>> value;
  };
  auto slot = std::make_shared<Slot>(std::move(work));
  auto erased = std::make_shared<std::function<void()>>([slot] {
    try {
      if constexpr (std::is_void_v<Value>) {
        slot->work();
      } else {
        slot->value.emplace(slot->work());
      }
    } catch (...) {
      slot->failure = std::current_exception();
    }
  });
  co_await execute(erased);
  if (slot->failure) {
    std::rethrow_exception(slot->failure);
  }
  if constexpr (!std::is_void_v<Value>) {
    co_return std::move(*slot->value);
  }
}

}  // namespace scanclock
