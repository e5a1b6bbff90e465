#pragma once

#include "alerts/wakeup.hpp"
#include "core/domain/ports.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// How long the end of a daemon waits for what was delivered to be written down.
inline constexpr Duration last_record_timeout = std::chrono::seconds(1);

/// Writes down what was delivered: whatever came while one statement ran goes into the next, so
/// that nothing waits when little is delivered, and a statement carries many when much is. A
/// delivery that is not written down would be repeated, so it does not give up. I/O thread only.
class DeliveredBatch {
 public:
  using OnRecorded = std::function<void(const std::vector<DeliveredMessage>& messages)>;

  DeliveredBatch(asio::any_io_executor executor, Clock& clock, Outbox& outbox, std::string receiver,
                 OnRecorded on_recorded);

  void add(DeliveredMessage message);

  /// Until cancelled. Throws LeaseLostError when another daemon delivers now.
  asio::awaitable<void> run();

  /// Tries once more to write down what is left, after run() has ended; never throws.
  asio::awaitable<void> finish();

 private:
  asio::awaitable<void> record();

  Clock& clock_;
  Outbox& outbox_;
  std::string receiver_;
  OnRecorded on_recorded_;
  Wakeup news_;
  std::vector<DeliveredMessage> waiting_;
  std::vector<DeliveredMessage> recording_;
};

}  // namespace scanclock::alerts
