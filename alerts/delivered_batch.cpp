#include "alerts/delivered_batch.hpp"

#include "alerts/outbox_work.hpp"
#include "core/runtime/log.hpp"
#include "core/runtime/with_timeout.hpp"

#include <utility>

namespace scanclock::alerts {
namespace {

constexpr Duration news_look_every = std::chrono::hours(1);

}  // namespace

DeliveredBatch::DeliveredBatch(asio::any_io_executor executor, Clock& clock, Outbox& outbox,
                               std::string receiver, OnRecorded on_recorded)
    : clock_(clock),
      outbox_(outbox),
      receiver_(std::move(receiver)),
      on_recorded_(std::move(on_recorded)),
      news_(std::move(executor), clock) {}

void DeliveredBatch::add(DeliveredMessage message) {
  waiting_.push_back(std::move(message));
  news_.notify();
}

asio::awaitable<void> DeliveredBatch::run() {
  for (;;) {
    if (waiting_.empty()) {
      co_await news_.wait(news_look_every);
      continue;
    }
    recording_ = std::exchange(waiting_, {});
    co_await record();
    on_recorded_(std::exchange(recording_, {}));
  }
}

asio::awaitable<void> DeliveredBatch::record() {
  Backoff backoff(database_wait(), std::hash<std::string>{}(receiver_));
  std::string logged;
  for (;;) {
    std::string error;
    auto work = outbox_.delivered_all(recording_);
    const WorkEnd end = co_await end_of_work(std::move(work), error);
    if (end == WorkEnd::well) {
      co_return;
    }
    if (end == WorkEnd::cancelled) {
      throw_cancelled();
    }
    if (end == WorkEnd::lease_lost) {
      throw LeaseLostError("delivery to " + receiver_ + ": the lease is another daemon's");
    }
    if (error != logged) {
      log::warning("alerts", "cannot record {} deliveries to receiver {}: {}; trying again",
                   recording_.size(), receiver_, error);
      logged = error;
    }
    co_await clock_.sleep(backoff.next());
  }
}

asio::awaitable<void> DeliveredBatch::finish() {
  recording_.insert(recording_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
  if (recording_.empty()) {
    co_return;
  }
  std::string error;
  auto work = outbox_.delivered_all(recording_);
  auto limited = with_timeout(clock_, std::move(work), last_record_timeout, "recording deliveries");
  const WorkEnd end = co_await end_of_work(std::move(limited), error);
  if (end != WorkEnd::well) {
    log::warning("alerts",
                 "{} deliveries to receiver {} could not be recorded and will be repeated under "
                 "the same ids: {}",
                 recording_.size(), receiver_, error);
  }
  recording_.clear();
}

}  // namespace scanclock::alerts
