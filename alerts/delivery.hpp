#pragma once

#include "alerts/clock_watch.hpp"
#include "alerts/decide_delivery.hpp"
#include "alerts/delivered_batch.hpp"
#include "alerts/receiver.hpp"
#include "alerts/sender.hpp"
#include "alerts/wakeup.hpp"
#include "core/domain/ports.hpp"
#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace scanclock::alerts {

/// Longer than a claimed message can wait here and an attempt can take, so that no message is
/// claimed while it is on its way.
inline constexpr Duration delivery_lease = std::chrono::seconds(45);
/// A claimed message that could not be sent for so long is given back.
inline constexpr Duration claimed_wait_max = std::chrono::seconds(15);
/// At the pace of late, so much is claimed ahead as is sent within this time, and so many messages
/// at most: a claim is a statement, and one a message would be slower than the receiver.
inline constexpr Duration claimed_ahead = std::chrono::seconds(2);
inline constexpr std::size_t claimed_messages_max = 1000;
/// With so many deliveries that are not written down yet, nothing more is claimed.
inline constexpr std::size_t unrecorded_messages_max = 4000;

/// Counts an outcome of scanclock_notifications_total.
using CountOutcome = std::function<void(std::string_view receiver, std::string_view outcome)>;

/// Delivers one receiver's messages from the outbox: each at least once, in order per alert, as
/// many at a time as its sender allows. Sleeps until something is due or notify() is called. I/O
/// thread only.
class OutboxDelivery {
 public:
  OutboxDelivery(asio::any_io_executor executor, Clock& clock, Outbox& outbox, std::string receiver,
                 std::unique_ptr<Sender> sender, CountOutcome count);

  /// Until cancelled. Throws LeaseLostError when another daemon delivers now. While the database
  /// cannot be reached it waits and tries again.
  asio::awaitable<void> run();

  /// After a commit that may have brought messages.
  void notify() { wakeup_.notify(); }

  const std::string& name() const { return receiver_; }
  /// The receiver answered 410: nothing is sent until this object is made anew.
  bool stopped() const { return stopped_; }
  /// Claimed messages whose outcome is not written down yet.
  std::size_t in_flight() const { return in_flight_.size(); }
  /// Of the newest attempt that was no success, without secrets; empty after a success.
  const std::string& last_error() const { return last_error_; }
  /// Since when nothing was delivered although it was tried.
  std::optional<TimePoint> failing_since() const { return failing_since_; }
  std::optional<TimePoint> last_delivered_at() const { return last_delivered_at_; }

 private:
  struct Claimed {
    Claimed() = default;
    OutboxMessage message;
    /// By the boot clock.
    Duration claimed_at{0};
    /// What the wall clock showed beyond the boot clock then.
    Duration wall_offset{0};
  };

  /// Whether the times of what waits can be those of a wall clock that was set since.
  enum class Doubt { none, far_ahead, all };

  asio::awaitable<void> dispatch(TaskGroup& tasks);
  /// Has messages rescheduled when the wall clock was set.
  asio::awaitable<void> follow_clock();
  Duration wall_offset() const;
  /// Claims and starts what it can; shortens `idle` to when the next message is due.
  void start_workers(TaskGroup& tasks, std::size_t at_once);
  asio::awaitable<void> start_due(TaskGroup& tasks, Duration& idle);
  /// How many messages may be claimed and not sent yet, at the pace of late.
  std::size_t claim_ahead() const;
  /// Sends what is claimed until nothing is left.
  asio::awaitable<void> work();
  asio::awaitable<void> deliver(Claimed claimed);
  asio::awaitable<void> record(OutboxMessage message, DeliveryAttempt attempt,
                               DeliveryDecision decision);
  asio::awaitable<void> write(OutboxMessage message, DeliveryAttempt attempt,
                              DeliveryDecision decision);
  asio::awaitable<void> record_delivered();
  asio::awaitable<void> give_back_queue();
  void tell(const OutboxMessage& message, const DeliveryAttempt& attempt,
            const DeliveryDecision& decision, const std::string& note);
  void note_pace(Duration took);

  asio::any_io_executor executor_;
  Clock& clock_;
  Outbox& outbox_;
  std::string receiver_;
  std::unique_ptr<Sender> sender_;
  CountOutcome count_;
  Wakeup wakeup_;
  DeliveredBatch delivered_;
  ClockWatch clock_watch_;
  /// At the start: the clock may have been set back while nobody delivered.
  Doubt doubt_ = Doubt::far_ahead;
  std::deque<Claimed> queue_;
  /// Once so few are left in the queue, more are claimed, so that the senders never wait for it.
  std::size_t claim_below_ = 0;
  std::unordered_set<std::string> in_flight_;
  std::size_t workers_ = 0;
  /// Of an attempt, of late.
  Duration usual_attempt_ = std::chrono::seconds(1);
  bool stopped_ = false;
  bool lease_lost_ = false;
  std::string last_error_;
  std::optional<TimePoint> failing_since_;
  std::optional<TimePoint> last_delivered_at_;
};

}  // namespace scanclock::alerts
