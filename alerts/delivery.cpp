#include "alerts/delivery.hpp"

#include "alerts/standard_webhooks.hpp"
#include "core/runtime/backoff.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace scanclock::alerts {
namespace {

constexpr std::string_view component = "alerts";

/// With nothing waiting, the outbox is looked at this often, in case a wake-up was missed.
constexpr Duration idle_look_every = std::chrono::minutes(1);
/// What is due cannot be claimed while an older message of its alert is on its way.
constexpr Duration blocked_look_every = std::chrono::seconds(1);

Backoff::Limits database_wait() {
  Backoff::Limits limits;
  limits.max = std::chrono::seconds(30);
  return limits;
}

/// From 0 to 1, always the same for a message, so that receivers' retries spread and tests repeat.
double spread_of(const std::string& message_id, int attempt) {
  constexpr std::size_t steps = 1009;
  const std::size_t hash = std::hash<std::string>{}(message_id + "/" + std::to_string(attempt));
  return static_cast<double>(hash % steps) / static_cast<double>(steps - 1);
}

bool is_cancelled(const boost::system::system_error& error) {
  return error.code() == asio::error::operation_aborted;
}

/// How a piece of work against the database ended.
enum class Ended { well, database_away, lease_lost, cancelled };

asio::awaitable<Ended> end_of(asio::awaitable<void> work, std::string& error) {
  try {
    co_await std::move(work);
  } catch (const LeaseLostError&) {
    co_return Ended::lease_lost;
  } catch (const boost::system::system_error& failure) {
    if (is_cancelled(failure)) {
      co_return Ended::cancelled;
    }
    error = failure.what();
    co_return Ended::database_away;
  } catch (const std::exception& failure) {
    error = failure.what();
    co_return Ended::database_away;
  }
  co_return Ended::well;
}

/// Takes a message out of the set of those on their way, however its delivery ends.
class FlightRecord {
 public:
  FlightRecord(std::set<std::string>& in_flight, std::string id)
      : in_flight_(in_flight), id_(std::move(id)) {}
  ~FlightRecord() { in_flight_.erase(id_); }
  FlightRecord(const FlightRecord&) = delete;
  FlightRecord& operator=(const FlightRecord&) = delete;

 private:
  std::set<std::string>& in_flight_;
  std::string id_;
};

[[noreturn]] void throw_cancelled() {
  throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace

WebhookDelivery::WebhookDelivery(asio::any_io_executor executor, Clock& clock, HttpClient& http,
                                 Outbox& outbox, Receiver receiver, CountOutcome count)
    : executor_(executor),
      clock_(clock),
      http_(http),
      outbox_(outbox),
      receiver_(std::move(receiver)),
      count_(std::move(count)),
      wakeup_(executor, clock) {
  for (const std::string& secret : receiver_.webhook->signing_secrets) {
    keys_.push_back(decode_signing_secret(secret));
  }
}

asio::awaitable<void> WebhookDelivery::run() {
  TaskGroup tasks(executor_, [this](std::string_view, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error(component, "delivery to receiver {} ended: {}", receiver_.name, error.what());
    }
  });
  std::exception_ptr failure;
  try {
    co_await dispatch(tasks);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await tasks.stop();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

asio::awaitable<void> WebhookDelivery::dispatch(TaskGroup& tasks) {
  Backoff backoff(database_wait(), std::hash<std::string>{}(receiver_.name));
  std::string logged;
  for (;;) {
    if (lease_lost_) {
      throw LeaseLostError("delivery to " + receiver_.name + ": the lease is another daemon's");
    }
    Duration idle = idle_look_every;
    if (!stopped_) {
      std::string error;
      auto work = start_due(tasks, idle);
      const Ended ended = co_await end_of(std::move(work), error);
      if (ended == Ended::cancelled) {
        throw_cancelled();
      }
      if (ended == Ended::lease_lost) {
        lease_lost_ = true;
        continue;
      }
      if (ended == Ended::database_away) {
        idle = backoff.next();
        if (error != logged) {
          log::error(component, "cannot read the outbox for receiver {}: {}", receiver_.name,
                     error);
        }
      } else {
        backoff.reset();
      }
      logged = error;
    }
    co_await wakeup_.wait(idle);
  }
}

asio::awaitable<void> WebhookDelivery::start_due(TaskGroup& tasks, Duration& idle) {
  const std::size_t free = deliveries_in_flight_max - in_flight_.size();
  if (free == 0) {
    co_return;
  }
  const TimePoint now = clock_.now();
  const auto messages =
      co_await outbox_.claim(receiver_.name, now, now + delivery_lease, static_cast<int>(free));
  for (const OutboxMessage& message : messages) {
    // Its lease ran out while its outcome could not be written; that is still being tried.
    if (in_flight_.insert(message.id).second) {
      tasks.spawn("deliver to " + receiver_.name, deliver(message));
    }
  }
  if (in_flight_.size() >= deliveries_in_flight_max) {
    // Every end of a delivery wakes the dispatcher.
    co_return;
  }
  const auto due = co_await outbox_.next_due(receiver_.name);
  if (due) {
    idle = std::clamp(Duration(*due - clock_.now()), blocked_look_every, idle_look_every);
  }
}

asio::awaitable<void> WebhookDelivery::deliver(OutboxMessage message) {
  const FlightRecord flight(in_flight_, message.id);
  DeliveryAttempt outcome = co_await attempt(message);
  DeliveryDecision decision = decide_delivery(outcome);
  if (decision.action == DeliveryAction::stop) {
    stopped_ = true;
  }
  tell(message, decision);
  co_await record(message, outcome, decision);
  wakeup_.notify();
}

asio::awaitable<DeliveryAttempt> WebhookDelivery::attempt(OutboxMessage message) {
  DeliveryAttempt outcome;
  outcome.number = message.attempts;
  outcome.created_at = message.due_since.value_or(message.created_at);
  outcome.spread = spread_of(message.id, outcome.number);
  HttpRequest request;
  request.method = "POST";
  request.url = receiver_.webhook->url;
  request.headers = webhook_headers(keys_, message.id, clock_.now(), message.body);
  request.body = std::move(message.body);
  request.timeout = delivery_timeout;
  request.body_bytes_max = response_bytes_max;
  const auto response = co_await http_.send(std::move(request));
  outcome.at = clock_.now();
  if (!response) {
    // The client's text names the URL, whose path may be a secret.
    outcome.failure = "the receiver cannot be reached: ";
    outcome.failure += to_string(response.error().reason);
    co_return outcome;
  }
  outcome.status = response->status;
  outcome.retry_after = response->header("Retry-After").value_or("");
  co_return outcome;
}

asio::awaitable<void> WebhookDelivery::record(OutboxMessage message, DeliveryAttempt outcome,
                                              DeliveryDecision decision) {
  Backoff backoff(database_wait(), std::hash<std::string>{}(message.id));
  std::string logged;
  // A delivery that is not written down would be repeated, so this does not give up.
  for (;;) {
    std::string error;
    auto work = write(message, outcome, decision);
    const Ended ended = co_await end_of(std::move(work), error);
    if (ended == Ended::well) {
      co_return;
    }
    if (ended == Ended::cancelled) {
      throw_cancelled();
    }
    if (ended == Ended::lease_lost) {
      lease_lost_ = true;
      co_return;
    }
    if (error != logged) {
      log::warning(component, "cannot record the outcome of message {}: {}; trying again",
                   message.id, error);
      logged = error;
    }
    co_await clock_.sleep(backoff.next());
  }
}

asio::awaitable<void> WebhookDelivery::write(OutboxMessage message, DeliveryAttempt outcome,
                                             DeliveryDecision decision) {
  switch (decision.action) {
    case DeliveryAction::delivered:
      co_await outbox_.delivered(message.id, outcome.at, outcome.status);
      break;
    case DeliveryAction::retry:
      co_await outbox_.retry_at(message.id, decision.retry_at, decision.error);
      break;
    case DeliveryAction::set_aside:
      co_await outbox_.set_aside(message.id, outcome.at, decision.error);
      break;
    case DeliveryAction::stop:
      // Due at once for whoever asks again: a reload or a restart.
      co_await outbox_.retry_at(message.id, outcome.at, decision.error);
      break;
  }
}

void WebhookDelivery::tell(const OutboxMessage& message, const DeliveryDecision& decision) {
  if (count_) {
    count_(receiver_.name, outcome_of(decision.action));
  }
  if (decision.action == DeliveryAction::set_aside) {
    log::error(component, "message {} of alert {} to receiver {} is set aside: {}", message.id,
               message.alert_id, receiver_.name, decision.error);
  } else if (decision.action == DeliveryAction::stop) {
    log::error(component,
               "receiver {} answered 410 Gone and is stopped; its messages are kept\n"
               "HINT: correct its URL and reload, or remove the receiver",
               receiver_.name);
  } else if (decision.error != last_error_) {
    if (decision.error.empty()) {
      log::info(component, "receiver {} accepts messages again", receiver_.name);
    } else {
      log::warning(component, "cannot deliver to receiver {}: {}; trying again", receiver_.name,
                   decision.error);
    }
  }
  if (decision.action == DeliveryAction::delivered || decision.action == DeliveryAction::retry) {
    last_error_ = decision.error;
  }
}

}  // namespace scanclock::alerts
