#pragma once

#include "alerts/decide_delivery.hpp"
#include "alerts/receiver.hpp"
#include "alerts/wakeup.hpp"
#include "core/domain/ports.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

inline constexpr std::size_t deliveries_in_flight_max = 16;
inline constexpr Duration delivery_timeout = std::chrono::seconds(20);
/// Longer than an attempt can take, so that no message is claimed while it is on its way.
inline constexpr Duration delivery_lease = std::chrono::seconds(45);

/// Counts an outcome of scanclock_notifications_total.
using CountOutcome = std::function<void(std::string_view receiver, std::string_view outcome)>;

/// Delivers one webhook receiver's messages from the outbox: each at least once, in order per
/// alert, at most deliveries_in_flight_max at a time. Sleeps until something is due or notify() is
/// called. I/O thread only.
class WebhookDelivery {
 public:
  /// Throws std::invalid_argument for a secret that is none, without printing it.
  WebhookDelivery(asio::any_io_executor executor, Clock& clock, HttpClient& http, Outbox& outbox,
                  Receiver receiver, CountOutcome count);

  /// Until cancelled. Throws LeaseLostError when another daemon delivers now. While the database
  /// cannot be reached it waits and tries again.
  asio::awaitable<void> run();

  /// After a commit that may have brought messages.
  void notify() { wakeup_.notify(); }

  const std::string& name() const { return receiver_.name; }
  /// The receiver answered 410: nothing is sent until this object is made anew.
  bool stopped() const { return stopped_; }
  std::size_t in_flight() const { return in_flight_.size(); }

 private:
  asio::awaitable<void> dispatch(TaskGroup& tasks);
  /// Claims and starts what it can; shortens `idle` to when the next message is due.
  asio::awaitable<void> start_due(TaskGroup& tasks, Duration& idle);
  asio::awaitable<void> deliver(OutboxMessage message);
  asio::awaitable<DeliveryAttempt> attempt(OutboxMessage message);
  asio::awaitable<void> record(OutboxMessage message, DeliveryAttempt attempt,
                               DeliveryDecision decision);
  asio::awaitable<void> write(OutboxMessage message, DeliveryAttempt attempt,
                              DeliveryDecision decision);
  void tell(const OutboxMessage& message, const DeliveryDecision& decision);

  asio::any_io_executor executor_;
  Clock& clock_;
  HttpClient& http_;
  Outbox& outbox_;
  Receiver receiver_;
  std::vector<std::string> keys_;
  CountOutcome count_;
  Wakeup wakeup_;
  std::set<std::string> in_flight_;
  bool stopped_ = false;
  bool lease_lost_ = false;
  std::string last_error_;
};

}  // namespace scanclock::alerts
