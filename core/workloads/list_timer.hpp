#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace scanclock {

/// When a source wants to look again: at the end of a period, or sooner after an event, so that a
/// burst of events costs one look. I/O thread only; one waiter at a time.
class ListTimer {
 public:
  /// The first time is never, until one of the setters is called.
  ListTimer(Clock& clock, asio::any_io_executor executor);
  ~ListTimer();

  /// Replaces the time, and ends a hold; a waiter goes on waiting until then.
  void set(Duration from_now);
  /// The same, and nothing brings this time forward: whoever is asked wants to be left alone.
  void hold(Duration from_now);
  /// Brings the time forward, if it is later.
  void want_within(Duration from_now);
  /// Returns when the time has come.
  asio::awaitable<void> wait();
  /// Not negative; hours where no time is set.
  Duration left() const;

 private:
  struct Wake;
  Clock& clock_;
  /// Monotonic.
  Duration at_ = Duration::max();
  Duration held_until_{0};
  std::unique_ptr<Wake> wake_;
};

}  // namespace scanclock
