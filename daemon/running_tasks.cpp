#include "daemon/running.hpp"

#include <algorithm>
#include <map>

namespace scanclock {
namespace {

constexpr Duration lease_wait = std::chrono::seconds(2);
constexpr Duration purge_every = std::chrono::hours(24);
constexpr Duration purge_retry_wait = std::chrono::minutes(10);
constexpr Duration lag_probe = std::chrono::milliseconds(250);
constexpr Duration lag_window = std::chrono::minutes(1);
constexpr Duration status_every = std::chrono::seconds(10);

}  // namespace

asio::awaitable<void> App::Running::wait_for_lease() {
  bool told = false;
  while (!co_await database_.stores().lease.acquire()) {
    if (!told) {
      told = true;
      not_ready_ = "another daemon holds the lease; this one stands by";
      log::info("daemon", "{}", not_ready_);
      systemd_notifier_.ready("standing by: another daemon holds the lease");
    }
    systemd_notifier_.alive();
    active_ = co_await database_.present_lease();
    co_await clock_.sleep(lease_wait);
  }
  active_.reset();
}

/// The fence in every commit is what protects the data; renewing keeps others from taking over.
asio::awaitable<void> App::Running::keep_lease() {
  PgLease& lease = database_.stores().lease;
  while (true) {
    co_await clock_.sleep(lease.ttl() / 3);
    std::string failure;
    try {
      co_await lease.renew();
    } catch (const LeaseLostError&) {
      throw;
    } catch (const PgError& error) {
      failure = error.what();
    }
    if (!failure.empty()) {
      log::warning("daemon", "the lease was not renewed: {}", failure);
    }
  }
}

asio::awaitable<void> App::Running::purge_daily() {
  while (true) {
    Duration wait = purge_every;
    const TimePoint now = clock_.now();
    const RetentionSettings& retention = settings_.database.retention;
    std::string failure;
    try {
      const auto rows = co_await database_.stores().ledger.purge(now - retention.history,
                                                                 now - retention.raw_evidence);
      log::info("daemon", "deleted {} rows past their retention", rows);
    } catch (const PgError& error) {
      failure = error.what();
    }
    if (!failure.empty()) {
      log::warning("daemon", "deleting what is past its retention failed: {}", failure);
      wait = purge_retry_wait;
    }
    co_await clock_.sleep(wait);
  }
}

asio::awaitable<void> App::Running::measure_lag() {
  Duration worst = Duration::zero();
  Duration window_started_at = clock_.monotonic();
  while (true) {
    const Duration before = clock_.monotonic();
    co_await clock_.sleep(lag_probe);
    const Duration after = clock_.monotonic();
    if (after - window_started_at > lag_window) {
      worst = Duration::zero();
      window_started_at = after;
    }
    worst = std::max(worst, after - before - lag_probe);
    telemetry_.event_loop_lag(worst);
  }
}

/// The watchdog hears of steps that the engine made, not of a timer of its own.
void App::Running::step_done() {
  systemd_notifier_.alive();
  telemetry_.database(engine_->storage_failure().empty());
  const Duration now = clock_.monotonic();
  spare_memory_.step(now);
  if (now - status_told_at_ >= status_every) {
    status_told_at_ = now;
    systemd_notifier_.status(status_line());
  }
}

std::string App::Running::status_line() const {
  if (!engine_) {
    return not_ready_;
  }
  std::map<State, std::size_t> running;
  for (const auto& [digest, image] : engine_->inventory().images()) {
    if (image.running) {
      ++running[image.state];
    }
  }
  std::string line = std::to_string(engine_->inventory().images().size()) +
                     " images, running: " + std::to_string(running[State::overdue]) + " overdue, " +
                     std::to_string(running[State::never_scanned]) + " never scanned, " +
                     std::to_string(running[State::due_soon]) + " due soon";
  if (!engine_->storage_failure().empty()) {
    line += "; the database does not take changes";
  }
  return line;
}

std::string App::Running::external_url() const {
  return settings_.server.external_url.empty() ? "http://" + server_->address()
                                               : settings_.server.external_url;
}

}  // namespace scanclock
