#include "cli/run_to_end.hpp"

#include "core/runtime/task_group.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <exception>
#include <string_view>

namespace scanclock {

void run_to_end(asio::io_context& io, asio::awaitable<void> task) {
  std::exception_ptr failure;
  TaskGroup group(io.get_executor(), [&failure](std::string_view, std::exception_ptr thrown) {
    failure = std::move(thrown);
  });
  group.spawn("command", std::move(task));
  io.restart();
  // Work on other threads, such as name resolution, does not count as work of `io`.
  const auto guard = asio::make_work_guard(io);
  while (group.size() > 0) {
    io.run_one();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace scanclock
