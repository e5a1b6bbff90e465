#include "alerts/delivery.hpp"
#include "alerts/outbox_work.hpp"
#include "core/runtime/log.hpp"

#include <functional>

/// What becomes of an attempt: in the outbox, in the metrics and in the log.
namespace scanclock::alerts {

asio::awaitable<void> OutboxDelivery::record(OutboxMessage message, DeliveryAttempt attempt,
                                             DeliveryDecision decision) {
  Backoff backoff(database_wait(), std::hash<std::string>{}(message.id));
  std::string logged;
  // What became of an attempt is part of the record, so this does not give up.
  for (;;) {
    std::string error;
    auto work = write(message, attempt, decision);
    const WorkEnd end = co_await end_of_work(std::move(work), error);
    if (end == WorkEnd::well) {
      co_return;
    }
    if (end == WorkEnd::cancelled) {
      throw_cancelled();
    }
    if (end == WorkEnd::lease_lost) {
      lease_lost_ = true;
      co_return;
    }
    if (error != logged) {
      log::warning("alerts", "cannot record the outcome of message {}: {}; trying again",
                   message.id, error);
      logged = error;
    }
    co_await clock_.sleep(backoff.next());
  }
}

asio::awaitable<void> OutboxDelivery::write(OutboxMessage message, DeliveryAttempt attempt,
                                            DeliveryDecision decision) {
  switch (decision.action) {
    case DeliveryAction::delivered:
      co_await outbox_.delivered(message.id, attempt.at, attempt.status);
      break;
    case DeliveryAction::retry:
      co_await outbox_.retry_at(message.id, decision.retry_at, decision.error, attempt.status);
      break;
    case DeliveryAction::set_aside:
      co_await outbox_.set_aside(message.id, attempt.at, decision.error, attempt.status);
      break;
    case DeliveryAction::stop:
      // Due at once for whoever asks again: a reload or a restart.
      co_await outbox_.retry_at(message.id, attempt.at, decision.error, attempt.status);
      break;
  }
}

void OutboxDelivery::tell(const OutboxMessage& message, const DeliveryAttempt& attempt,
                          const DeliveryDecision& decision, const std::string& note) {
  if (count_) {
    count_(receiver_, outcome_of(decision.action));
  }
  const bool is_new = decision.error != last_error_;
  if (decision.action == DeliveryAction::delivered) {
    last_delivered_at_ = attempt.at;
    failing_since_.reset();
    if (is_new) {
      log::info("alerts", "receiver {} accepts messages again", receiver_);
    }
    if (!note.empty()) {
      log::warning("alerts", "message {} to receiver {}: {}", message.id, receiver_, note);
    }
  } else {
    failing_since_ = failing_since_.value_or(attempt.at);
  }
  if (decision.action == DeliveryAction::set_aside) {
    log::error("alerts", "message {} of alert {} to receiver {} is set aside: {}", message.id,
               message.alert_id, receiver_, decision.error);
  } else if (decision.action == DeliveryAction::stop) {
    log::error("alerts",
               "receiver {} answered 410 Gone and is stopped; its messages are kept\n"
               "HINT: correct its URL and reload, or remove the receiver",
               receiver_);
  } else if (decision.action == DeliveryAction::retry && is_new) {
    log::warning("alerts", "cannot deliver to receiver {}: {}; trying again", receiver_,
                 decision.error);
  }
  last_error_ = decision.error;
}

}  // namespace scanclock::alerts
