#include "daemon/engine.hpp"

#include "core/runtime/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace scanclock {
namespace {

constexpr Duration step_min = std::chrono::milliseconds(1);
/// However much there is to conclude: what was concluded is stored after this time, and the
/// watchdog hears of it.
constexpr Duration collect_max = std::chrono::seconds(5);

}  // namespace

Engine::Engine(asio::any_io_executor executor, Clock& clock, Ledger& ledger,
               alerts::Alerting& alerting, Scope scope)
    : executor_(std::move(executor)),
      clock_(clock),
      ledger_(ledger),
      alerting_(alerting),
      inventory_(std::move(scope)),
      wakeup_(executor_, 1) {}

void Engine::restore(const Snapshot& snapshot) {
  inventory_.restore(snapshot, clock_.now());
  sources_.restore(snapshot.coverage);
  alerting_.restore(snapshot);
}

void Engine::set_scope(Scope scope) {
  inventory_.set_scope(std::move(scope), clock_.now());
  has_concluded_ = false;
  wake();
}

void Engine::wake() {
  ++noted_;
  wakeup_.try_send(boost::system::error_code());
}

asio::awaitable<void> Engine::run() {
  while (true) {
    co_await collect();
    co_await commit();
    if (on_progress_) {
      on_progress_();
    }
    // What is left of a large view or of a long round must not wait for a rest.
    const bool is_left =
        !pending_.empty() || !looks_.empty() || inventory_.is_behind() || alerting_.is_behind();
    if (!is_left || !storage_failure_.empty()) {
      co_await rest();
    }
  }
}

asio::awaitable<void> Engine::flush() {
  if (!in_flight_.empty()) {
    // It was decided long ago; what is concluded now may take its time.
    co_await commit();
  }
  co_await collect();
  do {
    co_await commit();
  } while (!pending_.empty() && storage_failure_.empty());
}

void Engine::take(WorkloadLook look, std::function<void(WorkloadLook)> done) {
  looks_.push_back({std::move(look), std::move(done)});
  wake();
}

bool Engine::take_some(TimePoint now) {
  if (looks_.empty()) {
    return false;
  }
  inventory_.go_on(looks_.front().look, look_containers_max, now);
  if (looks_.front().look.is_done()) {
    TakenLook taken = std::move(looks_.front());
    looks_.pop_front();
    // May bring the next one.
    taken.done(std::move(taken.look));
  }
  return true;
}

bool Engine::conclude_some(TimePoint now) {
  const std::uint64_t noted = noted_;
  sources_.note_silence(now);
  const Touched touched = inventory_.reevaluate(now, conclude_work_max);
  ChangeSet learned = inventory_.take_changes();
  learned.coverage = sources_.take_coverage();
  alerting_.touch(inventory_, touched, learned.decisions);
  if (!inventory_.is_behind()) {
    has_concluded_ = true;
    learned.append(alerting_.evaluate(inventory_, sources_, Touched(), {}, now));
  }
  pending_.append(std::move(learned));
  if (on_touched_ && !touched.empty()) {
    on_touched_(touched);
  }
  if (inventory_.is_behind() || alerting_.is_behind()) {
    return true;
  }
  collected_ = noted;
  last_evaluation_at_ = now;
  return false;
}

asio::awaitable<void> Engine::collect() {
  const Duration began = clock_.monotonic();
  while (true) {
    const TimePoint now = clock_.now();
    // A report is concluded from as a whole.
    const bool is_left = take_some(now) || conclude_some(now);
    if (!is_left || clock_.monotonic() - began > collect_max) {
      co_return;
    }
    co_await asio::post(executor_, asio::use_awaitable);
  }
}

asio::awaitable<void> Engine::commit() {
  // What was refused goes first and unchanged: nobody knows whether it was stored all the same.
  const bool again = !in_flight_.empty();
  const std::uint64_t collected = collected_;
  if (!again) {
    in_flight_ = pending_.take_front(commit_bulk_rows_max);
  }
  if (!in_flight_.empty()) {
    const std::string failure = co_await try_commit();
    if (!failure.empty()) {
      if (failure != storage_failure_) {
        log::error("engine", "cannot store what was learned, keeping it in memory: {}", failure);
      }
      storage_failure_ = failure;
      co_return;
    }
    if (!storage_failure_.empty()) {
      log::info("engine", "the database takes changes again");
      storage_failure_.clear();
    }
    in_flight_ = ChangeSet();
    alerting_.committed();
  }
  if (!again) {
    stored_ = collected;
  }
  if (pending_.empty()) {
    stored_ = collected;
    stored_wholly_ = collected;
  }
  release_waiters();
}

/// Why the database did not take it; empty when it did.
asio::awaitable<std::string> Engine::try_commit() {
  std::string failure;
  try {
    co_await ledger_.commit(in_flight_);
  } catch (const LeaseLostError&) {
    throw;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) {
      throw;
    }
    failure = error.what();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  co_return failure;
}

asio::awaitable<void> Engine::rest() {
  using namespace asio::experimental::awaitable_operators;
  if (!storage_failure_.empty()) {
    co_await clock_.sleep(commit_retry_wait);
    co_return;
  }
  const TimePoint now = clock_.now();
  TimePoint until = now + engine_rest_max;
  for (const std::optional<TimePoint> change :
       {inventory_.next_change_at(), sources_.next_change_at(now), alerting_.next_change_at()}) {
    if (change) {
      until = std::min(until, *change);
    }
  }
  const Duration wait = std::max(until - now, step_min);
  bool cancelled = false;
  try {
    co_await (wakeup_.async_receive(asio::use_awaitable) || clock_.sleep(wait));
  } catch (const asio::multiple_exceptions&) {
    // Both ended with an error, which only cancellation makes them do; a channel says so in words
    // of its own.
    cancelled = true;
  }
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

asio::awaitable<bool> Engine::stored(Duration limit) { return wait_stored(limit, false); }

asio::awaitable<bool> Engine::stored_wholly(Duration limit) { return wait_stored(limit, true); }

bool Engine::is_stored(std::uint64_t noted, bool wholly) const {
  return (wholly ? stored_wholly_ : stored_) >= noted;
}

asio::awaitable<bool> Engine::wait_stored(Duration limit, bool wholly) {
  using namespace asio::experimental::awaitable_operators;
  if (is_stored(noted_, wholly) && in_flight_.empty()) {
    co_return true;
  }
  auto signal = std::make_shared<Signal>(executor_, 1);
  waiters_.push_back({noted_, wholly, signal});
  bool cancelled = false;
  bool done = false;
  try {
    const auto outcome =
        co_await (signal->async_receive(asio::use_awaitable) || clock_.sleep(limit));
    done = outcome.index() == 0;
  } catch (const asio::multiple_exceptions&) {
    // As in rest().
    cancelled = true;
  }
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return done;
}

void Engine::release_waiters() {
  std::erase_if(waiters_, [this](const Waiter& waiter) {
    if (!is_stored(waiter.noted, waiter.wholly)) {
      return false;
    }
    waiter.signal->try_send(boost::system::error_code());
    return true;
  });
}

}  // namespace scanclock
