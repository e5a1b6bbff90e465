#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace scanclock {

/// Owns coroutines: every spawn of the program goes through one, so that none is lost at shutdown
/// and no exception disappears. I/O thread only.
class TaskGroup {
 public:
  /// Called with a task's name when it ends with an exception other than cancellation.
  using OnFailure = std::function<void(std::string_view name, std::exception_ptr failure)>;

  TaskGroup(asio::any_io_executor executor, OnFailure on_failure);
  /// The group must be empty: await stop() or join() first. Terminates the program otherwise.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`. After stop() was called the task is dropped unstarted.
  void spawn(std::string name, asio::awaitable<void> task);

  /// Cancels every task, terminal and total, and returns when all have ended. Idempotent, and not
  /// itself cancellable.
  asio::awaitable<void> stop();

  /// Returns when no task is left, without cancelling any.
  asio::awaitable<void> join();

  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace scanclock
