#include "core/runtime/task_group.hpp"

#include "core/runtime/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <list>
#include <utility>

namespace scanclock {
namespace {

struct Task {
  explicit Task(std::string task_name) : name(std::move(task_name)) {}
  std::string name;
  asio::cancellation_signal signal;
};

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (const asio::multiple_exceptions& failures) {
    // Of `either || or`, which ends with an error only when both do.
    return is_cancellation(failures.first_exception());
  } catch (...) {
    return false;
  }
}

// co_spawn may start a coroutine inside the caller; a task always starts later, so that spawn()
// never runs foreign code.
asio::awaitable<void> start_later(asio::awaitable<void> task) {
  co_await asio::post(asio::use_awaitable);
  co_await std::move(task);
}

}  // namespace

struct TaskGroup::State {
  State(asio::any_io_executor task_executor, OnFailure callback)
      : executor(std::move(task_executor)),
        on_failure(std::move(callback)),
        changed(executor, asio::steady_timer::time_point::max()) {}

  asio::any_io_executor executor;
  OnFailure on_failure;
  std::list<Task> tasks;
  asio::steady_timer changed;
  bool stopping = false;

  void finish(std::list<Task>::iterator task, const std::exception_ptr& failure) {
    const std::string name = std::move(task->name);
    tasks.erase(task);
    // Only a task that this group cancelled may end as cancelled; anywhere else it is a failure.
    if (failure && !(stopping && is_cancellation(failure)) && on_failure) {
      on_failure(name, failure);
    }
    if (tasks.empty()) {
      changed.cancel();
    }
  }

  static asio::awaitable<void> wait_until_empty(std::shared_ptr<State> state) {
    while (!state->tasks.empty()) {
      const auto [error] = co_await state->changed.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto cancellation = co_await asio::this_coro::cancellation_state;
      if (error && cancellation.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
      }
    }
  }
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_failure))) {}

TaskGroup::~TaskGroup() {
  if (!state_->tasks.empty()) {
    log::error("runtime", "task group destroyed while {} tasks run, the first is {}",
               state_->tasks.size(), state_->tasks.front().name);
    std::terminate();
  }
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
  if (state_->stopping) {
    return;
  }
  state_->tasks.emplace_back(std::move(name));
  const auto position = std::prev(state_->tasks.end());
  auto on_end = [state = state_, position](std::exception_ptr failure) {
    state->finish(position, failure);
  };
  asio::co_spawn(state_->executor, start_later(std::move(task)),
                 asio::bind_cancellation_slot(position->signal.slot(), std::move(on_end)));
}

asio::awaitable<void> TaskGroup::stop() {
  const auto state = state_;
  state->stopping = true;
  // A cancelled task may end inside emit() and leave the list, so the next one is found first.
  for (auto task = state->tasks.begin(); task != state->tasks.end();) {
    const auto current = task++;
    current->signal.emit(asio::cancellation_type::terminal | asio::cancellation_type::total);
  }
  // An empty slot keeps a cancellation of the caller from cutting the wait short.
  auto uncancellable = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  co_await asio::co_spawn(state->executor, State::wait_until_empty(state),
                          std::move(uncancellable));
}

asio::awaitable<void> TaskGroup::join() {
  const auto state = state_;
  co_await State::wait_until_empty(state);
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }

}  // namespace scanclock
