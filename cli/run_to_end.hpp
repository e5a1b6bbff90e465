#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace scanclock {

namespace asio = boost::asio;

/// Runs `task` on `io` to its end and rethrows what it threw. A command does one thing at a time,
/// so it may wait; only the end of the task is waited for, not idle connections.
void run_to_end(asio::io_context& io, asio::awaitable<void> task);

template <class Value>
asio::awaitable<void> store_value(asio::awaitable<Value> task,
                                  std::shared_ptr<std::optional<Value>> target) {
  target->emplace(co_await std::move(task));
}

template <class Value>
Value run_to_end(asio::io_context& io, asio::awaitable<Value> task) {
  const auto target = std::make_shared<std::optional<Value>>();
  run_to_end(io, store_value<Value>(std::move(task), target));
  return std::move(**target);
}

}  // namespace scanclock
