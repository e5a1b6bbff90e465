#pragma once

#include "alerts/alerting.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/engine.hpp"
#include "daemon/scan_intake.hpp"
#include "daemon/telemetry.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_outbox.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace scanclock {

/// Keeps what is committed, or refuses it as a database that is away.
class MemoryLedger final : public Ledger {
 public:
  asio::awaitable<Snapshot> load() override { co_return Snapshot(); }
  asio::awaitable<void> commit(const ChangeSet& changes) override {
    if (away || (away_after && committed.size() >= *away_after)) {
      throw std::runtime_error("the database is away");
    }
    committed.push_back(changes);
    co_return;
  }
  asio::awaitable<int> policy_version(std::string, std::string, TimePoint) override { co_return 1; }
  asio::awaitable<std::optional<std::string>> evidence_bytes(Digest) override {
    co_return std::nullopt;
  }
  asio::awaitable<std::optional<FindingPage>> evidence_findings(Digest, std::string, int) override {
    co_return std::nullopt;
  }
  asio::awaitable<std::optional<Alert>> alert(std::string id) override {
    std::optional<Alert> found;
    for (const ChangeSet& changes : committed) {
      for (const Alert& alert : changes.alerts) {
        found = alert.id == id ? alert : found;
      }
    }
    co_return found;
  }
  asio::awaitable<std::vector<Alert>> alerts_about(std::string, int) override {
    co_return std::vector<Alert>();
  }
  asio::awaitable<std::vector<AlertEvent>> alert_events(std::string, int) override {
    co_return std::vector<AlertEvent>();
  }
  asio::awaitable<std::vector<CoverageInterval>> coverage(std::string, TimePoint) override {
    co_return std::vector<CoverageInterval>();
  }
  asio::awaitable<std::vector<Silence>> silences(TimePoint since, int) override {
    std::vector<Silence> found;
    for (const ChangeSet& changes : committed) {
      for (const Silence& silence : changes.silences) {
        if (silence.expires_at >= since) {
          found.insert(found.begin(), silence);
        }
      }
    }
    co_return found;
  }
  asio::awaitable<std::vector<Acknowledgement>> acknowledgements(std::string alert_id) override {
    std::vector<Acknowledgement> found;
    for (const ChangeSet& changes : committed) {
      for (const Acknowledgement& acknowledgement : changes.acknowledgements) {
        if (acknowledgement.alert_id == alert_id) {
          found.insert(found.begin(), acknowledgement);
        }
      }
    }
    co_return found;
  }
  asio::awaitable<PastPage> containers_at(TimePoint at, PastFilters, ContainerKey, int) override {
    asked_for = at;
    co_return past;
  }
  asio::awaitable<std::int64_t> purge(TimePoint, TimePoint) override { co_return 0; }

  std::vector<EvidenceRow> evidence() const {
    std::vector<EvidenceRow> rows;
    for (const ChangeSet& changes : committed) {
      rows.insert(rows.end(), changes.evidence.begin(), changes.evidence.end());
    }
    return rows;
  }

  bool away = false;
  /// As away, once so many sets were committed.
  std::optional<std::size_t> away_after;
  std::vector<ChangeSet> committed;
  /// What containers_at() answers, and the moment that it was asked for last.
  PastPage past;
  std::optional<TimePoint> asked_for;
};

/// The engine at work on a ledger in memory, in virtual time that gives files and pool threads some
/// real time.
class EngineTest : public testing::Test {
 protected:
  explicit EngineTest(Scope scope)
      : engine(io.get_executor(), clock, ledger, alerting, std::move(scope)) {
    clock.set_io_patience(io_patience);
    tasks.spawn("engine", engine.run());
  }
  ~EngineTest() override { finish(tasks.stop()); }

  template <class T>
  T finish(asio::awaitable<T> task) {
    return run(io, clock, std::move(task));
  }

  /// Time in which nothing happens but what the engine does by itself.
  void let_pass(Duration duration) {
    clock.set_io_patience(Duration::zero());
    clock.advance(io, duration);
    clock.set_io_patience(io_patience);
  }

  static constexpr Duration io_patience = std::chrono::milliseconds(20);
  asio::io_context io{1};
  SimClock clock;
  BlockingPool pool{2, 64};
  MemoryLedger ledger;
  MemoryOutbox outbox;
  FakeHttpClient http;
  Telemetry telemetry;
  alerts::Alerting alerting{io.get_executor(), clock, http, outbox, alerts::AlertingOptions()};
  Engine engine;
  ScanIntake intake{engine, clock, pool, telemetry};
  TaskGroup tasks{io.get_executor(), [](std::string_view name, std::exception_ptr) {
                    ADD_FAILURE() << name << " ended";
                  }};
};

}  // namespace scanclock
