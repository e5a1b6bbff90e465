#pragma once

#include "core/domain/time.hpp"

#include <chrono>
#include <thread>

namespace scanclock {

inline constexpr Duration look_again_after = std::chrono::milliseconds(50);

/// Asks until `condition` holds, for at most `limit` and at least once; whether it held.
template <class Condition>
bool eventually(Duration limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again_after);
  }
  return true;
}

/// Whether `condition` holds at every look for the whole of `time`.
template <class Condition>
bool throughout(Duration time, Condition condition) {
  return !eventually(time, [&condition] { return !condition(); });
}

}  // namespace scanclock
