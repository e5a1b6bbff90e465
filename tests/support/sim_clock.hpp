#pragma once

#include "core/runtime/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>

namespace scanclock {

/// Virtual time: it moves only when a test says so, and jumps from one due sleeper to the next, so
/// that weeks pass in a moment and every run is the same. I/O thread only.
class SimClock final : public Clock {
 public:
  explicit SimClock(TimePoint start = default_start());
  ~SimClock() override;

  /// 2026-11-01T12:00:00Z
  static TimePoint default_start();

  TimePoint now() const override { return now_; }
  Duration monotonic() const override { return monotonic_; }
  asio::awaitable<void> sleep(Duration duration) override;

  /// Steps the wall clock alone, as an operator or NTP does; sleepers notice nothing.
  void step_wall_clock(Duration step) { now_ += step; }

  /// Real I/O, such as a connection over loopback, needs real time that polling alone does not
  /// give it: nothing must happen for this long before virtual time jumps. Zero at the start.
  void set_io_patience(Duration patience) { io_patience_ = patience; }

  /// Runs what is ready, then lets `duration` pass, waking sleepers in the order of their times.
  void advance(asio::io_context& io, Duration duration);
  void run_until(asio::io_context& io, TimePoint end) { advance(io, end - now_); }

  /// Runs and jumps for as long as `condition` holds. Returns false when `limit` of virtual time
  /// passed, or nothing was left to do, before it stopped holding.
  bool run_while(asio::io_context& io, const std::function<bool()>& condition, Duration limit);

  std::size_t sleepers() const { return sleepers_.size(); }

 private:
  struct Sleeper;
  using Sleepers = std::multimap<Duration, Sleeper*>;

  void run_ready(asio::io_context& io);
  void jump_to(Duration monotonic);

  TimePoint now_;
  Duration monotonic_{0};
  Duration io_patience_{0};
  Sleepers sleepers_;
};

}  // namespace scanclock
