#pragma once

#include "tests/support/sim_clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace scanclock {

namespace run_parts {

/// Starts `task` and runs `io` until it has ended; rethrows what it threw. Throws
/// std::runtime_error after a minute of real time. With a clock, time jumps whenever nothing else
/// is left to do.
void drive(asio::io_context& io, SimClock* clock, asio::awaitable<void> task);

template <class T>
asio::awaitable<void> keep_value(asio::awaitable<T> task, std::shared_ptr<std::optional<T>> value) {
  value->emplace(co_await std::move(task));
}

template <class T>
T run_and_take(asio::io_context& io, SimClock* clock, asio::awaitable<T> task) {
  if constexpr (std::is_void_v<T>) {
    drive(io, clock, std::move(task));
  } else {
    auto value = std::make_shared<std::optional<T>>();
    drive(io, clock, keep_value<T>(std::move(task), value));
    return std::move(**value);
  }
}

}  // namespace run_parts

/// Runs `io` until `task` is done and returns its result or throws what it threw.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> task) {
  return run_parts::run_and_take<T>(io, nullptr, std::move(task));
}

/// The same in virtual time.
template <class T>
T run(asio::io_context& io, SimClock& clock, asio::awaitable<T> task) {
  return run_parts::run_and_take<T>(io, &clock, std::move(task));
}

}  // namespace scanclock
