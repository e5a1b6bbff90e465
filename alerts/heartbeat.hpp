#pragma once

#include "alerts/delivery.hpp"
#include "alerts/receiver.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// Sends ScanclockWatchdog to one webhook receiver every `heartbeat_every`. Its absence is the
/// alarm, so a heartbeat that cannot be sent is dropped, and none is sent while `is_alive` says no.
/// I/O thread only.
class Heartbeat {
 public:
  /// Makes the body of a heartbeat that is sent now under the id.
  using MakeBody = std::function<std::string(const std::string& id)>;
  using IsAlive = std::function<bool()>;

  Heartbeat(Clock& clock, HttpClient& http, Receiver receiver, MakeBody make_body, IsAlive is_alive,
            CountOutcome count);

  /// Until cancelled. The first heartbeat comes at once.
  asio::awaitable<void> run();

 private:
  asio::awaitable<void> send();

  Clock& clock_;
  HttpClient& http_;
  Receiver receiver_;
  std::vector<std::string> keys_;
  MakeBody make_body_;
  IsAlive is_alive_;
  CountOutcome count_;
};

}  // namespace scanclock::alerts
