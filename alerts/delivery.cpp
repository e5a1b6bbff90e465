#include "alerts/delivery.hpp"

#include "alerts/outbox_work.hpp"
#include "core/net/retry_after.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace scanclock::alerts {
namespace {

constexpr std::string_view component = "alerts";

/// With nothing waiting, the outbox is looked at this often, in case a wake-up was missed.
constexpr Duration idle_look_every = std::chrono::minutes(1);
/// What is due cannot be claimed while an older message of its alert is on its way.
constexpr Duration blocked_look_every = std::chrono::seconds(1);

/// From 0 to 1, always the same for a message, so that receivers' retries spread and tests repeat.
double spread_of(const std::string& message_id, int attempt) {
  constexpr std::size_t steps = 1009;
  const std::size_t hash = std::hash<std::string>{}(message_id + "/" + std::to_string(attempt));
  return static_cast<double>(hash % steps) / static_cast<double>(steps - 1);
}

/// Takes a message out of the set of those on their way, however its delivery ends, unless
/// another one keeps it there.
class FlightRecord {
 public:
  FlightRecord(std::unordered_set<std::string>& in_flight, std::string id)
      : in_flight_(&in_flight), id_(std::move(id)) {}
  ~FlightRecord() {
    if (in_flight_ != nullptr) {
      in_flight_->erase(id_);
    }
  }
  FlightRecord(const FlightRecord&) = delete;
  FlightRecord& operator=(const FlightRecord&) = delete;
  void hand_over() { in_flight_ = nullptr; }

 private:
  std::unordered_set<std::string>* in_flight_;
  std::string id_;
};

/// Counts a worker out, however it ends; it was counted in when it was started.
class WorkerEnd {
 public:
  explicit WorkerEnd(std::size_t& count) : count_(count) {}
  ~WorkerEnd() { --count_; }
  WorkerEnd(const WorkerEnd&) = delete;
  WorkerEnd& operator=(const WorkerEnd&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

OutboxDelivery::OutboxDelivery(asio::any_io_executor executor, Clock& clock, Outbox& outbox,
                               std::string receiver, std::unique_ptr<Sender> sender,
                               CountOutcome count)
    : executor_(executor),
      clock_(clock),
      outbox_(outbox),
      receiver_(std::move(receiver)),
      sender_(std::move(sender)),
      count_(std::move(count)),
      wakeup_(executor, clock),
      delivered_(executor, clock, outbox, receiver_,
                 [this](const std::vector<DeliveredMessage>& messages) {
                   for (const DeliveredMessage& message : messages) {
                     in_flight_.erase(message.id);
                   }
                   // The next messages of their alerts can be claimed now.
                   wakeup_.notify();
                 }) {}

asio::awaitable<void> OutboxDelivery::run() {
  TaskGroup tasks(executor_, [this](std::string_view, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error(component, "delivery to receiver {} ended: {}", receiver_, error.what());
    }
  });
  tasks.spawn("record deliveries to " + receiver_, record_delivered());
  std::exception_ptr failure;
  try {
    co_await dispatch(tasks);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await tasks.stop();
  co_await delivered_.finish();
  co_await give_back_queue();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

asio::awaitable<void> OutboxDelivery::record_delivered() {
  try {
    co_await delivered_.run();
  } catch (const LeaseLostError&) {
    lease_lost_ = true;
    wakeup_.notify();
  }
}

asio::awaitable<void> OutboxDelivery::dispatch(TaskGroup& tasks) {
  Backoff backoff(database_wait(), std::hash<std::string>{}(receiver_));
  std::string logged;
  for (;;) {
    if (lease_lost_) {
      throw LeaseLostError("delivery to " + receiver_ + ": the lease is another daemon's");
    }
    Duration idle = idle_look_every;
    if (!stopped_) {
      std::string error;
      auto work = start_due(tasks, idle);
      const WorkEnd end = co_await end_of_work(std::move(work), error);
      if (end == WorkEnd::cancelled) {
        throw_cancelled();
      }
      if (end == WorkEnd::lease_lost) {
        lease_lost_ = true;
        continue;
      }
      if (end == WorkEnd::database_away) {
        idle = backoff.next();
        if (error != logged) {
          log::error(component, "cannot read the outbox for receiver {}: {}", receiver_, error);
        }
      } else {
        backoff.reset();
      }
      logged = error;
    }
    co_await wakeup_.wait(idle);
  }
}

std::size_t OutboxDelivery::claim_ahead() const {
  const std::size_t at_once = sender_->in_flight_max();
  const auto rounds = static_cast<std::size_t>(claimed_ahead.count() /
                                               std::max<std::int64_t>(usual_attempt_.count(), 1));
  return std::clamp(at_once * std::min(rounds, claimed_messages_max), at_once,
                    std::max(at_once, claimed_messages_max));
}

Duration OutboxDelivery::wall_offset() const {
  return clock_.now().time_since_epoch() - clock_.monotonic();
}

asio::awaitable<void> OutboxDelivery::follow_clock() {
  const TimePoint now = clock_.now();
  if (clock_watch_.note(now, clock_.monotonic())) {
    doubt_ = Doubt::all;
  }
  if (doubt_ == Doubt::none) {
    co_return;
  }
  std::optional<TimePoint> later_than;
  if (doubt_ == Doubt::far_ahead) {
    // No receiver can ask for so long a pause.
    later_than = now + retry_after_max + delivery_lease;
  }
  co_await outbox_.clock_was_set(receiver_, now, later_than);
  doubt_ = Doubt::none;
}

void OutboxDelivery::start_workers(TaskGroup& tasks, std::size_t at_once) {
  const std::size_t wanted = std::min(at_once - std::min(workers_, at_once), queue_.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    ++workers_;
    tasks.spawn("deliver to " + receiver_, work());
  }
}

asio::awaitable<void> OutboxDelivery::start_due(TaskGroup& tasks, Duration& idle) {
  const std::size_t at_once = sender_->in_flight_max();
  const std::size_t ahead = claim_ahead();
  const std::size_t unsent = queue_.size() + workers_;
  claim_below_ = ahead / 2;
  // Workers that ended while the queue was filled again take it up here.
  start_workers(tasks, at_once);
  if (unsent >= ahead || queue_.size() > claim_below_ ||
      in_flight_.size() >= unrecorded_messages_max) {
    // A worker, or what it wrote down, wakes the dispatcher.
    co_return;
  }
  const std::size_t room = ahead - unsent;
  co_await follow_clock();
  const TimePoint now = clock_.now();
  const Duration offset = wall_offset();
  auto messages =
      co_await outbox_.claim(receiver_, now, now + delivery_lease, static_cast<int>(room));
  const Duration claimed_at = clock_.monotonic();
  for (OutboxMessage& message : messages) {
    // Its lease ran out while its outcome could not be written; that is still being tried.
    if (in_flight_.insert(message.id).second) {
      Claimed claimed;
      claimed.message = std::move(message);
      claimed.claimed_at = claimed_at;
      claimed.wall_offset = offset;
      queue_.push_back(std::move(claimed));
    }
  }
  start_workers(tasks, at_once);
  if (messages.size() == room) {
    // There is more than this: a worker wakes the dispatcher when the queue runs low.
    if (queue_.size() <= claim_below_) {
      wakeup_.notify();
    }
    co_return;
  }
  if (wakeup_.has_news()) {
    // It claims again at once, and asks then.
    co_return;
  }
  const auto due = co_await outbox_.next_due(receiver_);
  if (due) {
    idle = std::clamp(Duration(*due - clock_.now()), blocked_look_every, idle_look_every);
  }
}

asio::awaitable<void> OutboxDelivery::work() {
  const WorkerEnd worker(workers_);
  while (!queue_.empty() && !stopped_ && !lease_lost_) {
    if (clock_.monotonic() - queue_.front().claimed_at > claimed_wait_max) {
      // The receiver became slow: what waited behind it is claimed again.
      co_await give_back_queue();
      break;
    }
    Claimed claimed = std::move(queue_.front());
    queue_.pop_front();
    if (queue_.size() == claim_below_) {
      wakeup_.notify();
    }
    co_await deliver(std::move(claimed));
  }
  if (stopped_) {
    co_await give_back_queue();
  }
  wakeup_.notify();
}

asio::awaitable<void> OutboxDelivery::give_back_queue() {
  std::vector<std::string> ids;
  for (Claimed& claimed : std::exchange(queue_, {})) {
    in_flight_.erase(claimed.message.id);
    ids.push_back(std::move(claimed.message.id));
  }
  if (ids.empty()) {
    co_return;
  }
  std::string error;
  auto released = outbox_.release(std::move(ids));
  // When it cannot be done, their leases end by themselves.
  const WorkEnd end = co_await end_of_work(std::move(released), error);
  if (end == WorkEnd::cancelled) {
    throw_cancelled();
  }
}

asio::awaitable<void> OutboxDelivery::deliver(Claimed claimed) {
  OutboxMessage message = std::move(claimed.message);
  FlightRecord flight(in_flight_, message.id);
  DeliveryAttempt attempt;
  attempt.protocol = sender_->protocol();
  attempt.number = message.attempts;
  attempt.created_at = message.due_since.value_or(message.created_at);
  attempt.spread = spread_of(message.id, attempt.number);
  OutboxMessage told;
  told.id = message.id;
  told.alert_id = message.alert_id;
  const Duration began = clock_.monotonic();
  SendOutcome sent = co_await sender_->send(std::move(message));
  note_pace(clock_.monotonic() - began);
  attempt.at = clock_.now();
  const Duration set_by = wall_offset() - claimed.wall_offset;
  if (std::chrono::abs(set_by) > clock_step_tolerated) {
    // Meanwhile it has not become older than by what has passed.
    attempt.created_at += set_by;
  }
  attempt.status = sent.status;
  attempt.failure = std::move(sent.failure);
  attempt.answer = std::move(sent.answer);
  attempt.retry_after = std::move(sent.retry_after);
  DeliveryDecision decision = decide_delivery(attempt);
  stopped_ = stopped_ || decision.action == DeliveryAction::stop;
  tell(told, attempt, decision, sent.note);
  if (decision.action == DeliveryAction::delivered) {
    flight.hand_over();
    DeliveredMessage delivered;
    delivered.id = std::move(told.id);
    delivered.at = attempt.at;
    delivered.status = attempt.status;
    delivered_.add(std::move(delivered));
    co_return;
  }
  co_await record(told, attempt, decision);
  wakeup_.notify();
}

void OutboxDelivery::note_pace(Duration took) {
  // A jump is believed at once when things get slow, and by and by when they get fast.
  usual_attempt_ = std::max(took, (usual_attempt_ * 7 + took) / 8);
}

}  // namespace scanclock::alerts
