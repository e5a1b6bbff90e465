#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace scanclock {

namespace asio = boost::asio;

/// Lets a limited number of coroutines in, first come, first served. I/O thread only.
class FairGate {
 public:
  explicit FairGate(std::size_t places);

  /// A place inside; given back when destroyed, also after the gate is gone.
  class Pass;

  /// Throws boost::system::system_error(operation_aborted) when cancelled while waiting.
  asio::awaitable<Pass> enter();

  bool has_place() const;

 private:
  struct Waiter;
  struct State;
  friend class KeyedGates;
  explicit FairGate(std::shared_ptr<State> state) : state_(std::move(state)) {}
  static asio::awaitable<Pass> enter_state(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

class FairGate::Pass {
 public:
  explicit Pass(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Pass(Pass&& other) noexcept : state_(std::move(other.state_)) {}
  Pass& operator=(Pass&& other) noexcept;
  ~Pass();

 private:
  void leave();
  std::shared_ptr<State> state_;
};

/// One coroutine at a time for each key, so that two that need the same thing ask for it once.
class KeyedGates {
 public:
  asio::awaitable<FairGate::Pass> enter(std::string key);

 private:
  std::unordered_map<std::string, std::weak_ptr<FairGate::State>> gates_;
  std::size_t tidy_at_ = 64;
};

/// Wakes one waiting coroutine; a call while nobody waits is remembered. I/O thread only.
class WakeUp {
 public:
  void notify();
  /// Returns at once after a notify() that nobody has taken yet.
  asio::awaitable<void> wait();

 private:
  bool notified_ = false;
  asio::steady_timer* waiting_ = nullptr;
};

}  // namespace scanclock
