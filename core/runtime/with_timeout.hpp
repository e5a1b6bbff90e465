#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace scanclock {

class TimeoutError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Awaits `operation`, which must not throw, for at most `limit` and then cancels it; returns when
/// it has ended. True when the time was up first.
asio::awaitable<bool> cancel_when_late(Clock& clock, asio::awaitable<void> operation,
                                       Duration limit);

namespace with_timeout_parts {

template <class T>
struct Outcome {
  Outcome() = default;
  std::exception_ptr failure;
  std::optional<std::conditional_t<std::is_void_v<T>, char, T>> value;
};

template <class T>
asio::awaitable<void> keep_outcome(asio::awaitable<T> operation, Outcome<T>& outcome) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(operation);
      outcome.value.emplace();
    } else {
      outcome.value.emplace(co_await std::move(operation));
    }
  } catch (...) {
    outcome.failure = std::current_exception();
  }
}

}  // namespace with_timeout_parts

/// Awaits `operation` for at most `limit`, then cancels it and throws TimeoutError(what). The
/// operation must honour cancellation, for its end is waited for. What it throws is thrown at
/// once; a result that arrived although the time was up is returned.
template <class T>
asio::awaitable<T> with_timeout(Clock& clock, asio::awaitable<T> operation, Duration limit,
                                std::string what) {
  with_timeout_parts::Outcome<T> outcome;
  auto kept = with_timeout_parts::keep_outcome<T>(std::move(operation), outcome);
  const bool late = co_await cancel_when_late(clock, std::move(kept), limit);
  if (!outcome.value) {
    if (late) {
      throw TimeoutError(what + ": no answer within " + format_duration(limit));
    }
    std::rethrow_exception(outcome.failure);
  }
  if constexpr (!std::is_void_v<T>) {
    co_return std::move(*outcome.value);
  }
}

}  // namespace scanclock
