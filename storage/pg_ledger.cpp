#include "storage/pg_ledger.hpp"

#include "core/runtime/compression.hpp"
#include "storage/ledger_parts.hpp"
#include "storage/pg_transaction.hpp"
#include "storage/row_reading.hpp"

#include <algorithm>
#include <memory>

namespace scanclock {
namespace {

constexpr int alert_events_max = 1000;
constexpr int alerts_about_max = 1000;
constexpr int past_containers_max = 5001;
constexpr int silences_max = 1001;
constexpr std::int64_t purge_rows_max = 2000;
constexpr Duration ended_alerts_kept = std::chrono::hours(24);

}  // namespace

PgLedger::PgLedger(PgPool& pool, const PgLease& lease, BlockingPool& blocking)
    : pool_(pool), lease_(lease), blocking_(blocking) {}

asio::awaitable<Snapshot> PgLedger::load() {
  Snapshot snapshot;
  auto transaction = co_await PgTransaction::begin_snapshot(pool_);
  co_await ledger_parts::load_graph(transaction, snapshot);
  co_await ledger_parts::load_evidence(transaction, snapshot);
  co_await ledger_parts::load_workloads(transaction, snapshot);
  const auto ended_since = pool_.clock().now() - ended_alerts_kept;
  co_await ledger_parts::load_alerts(transaction, snapshot, ended_since);
  co_await ledger_parts::load_silences(transaction, snapshot, pool_.clock().now());
  co_await transaction.commit();
  co_return snapshot;
}

asio::awaitable<void> PgLedger::commit(const ChangeSet& changes) {
  if (changes.empty()) {
    co_return;
  }
  auto transaction = co_await PgTransaction::begin(pool_);
  co_await lease_.fence(transaction);
  co_await ledger_parts::write_graph(transaction, changes);
  co_await ledger_parts::write_evidence(transaction, changes, blocking_);
  co_await ledger_parts::write_decisions(transaction, changes);
  co_await ledger_parts::write_workloads(transaction, changes);
  co_await ledger_parts::write_alerts(transaction, changes);
  co_await ledger_parts::write_silences(transaction, changes);
  co_await transaction.commit();
}

asio::awaitable<int> PgLedger::policy_version(std::string name, std::string canonical_text,
                                              TimePoint now) {
  auto transaction = co_await PgTransaction::begin(pool_);
  PgParameters policy;
  policy.add(name).add(now);
  co_await transaction.execute(query("LockPolicy"), std::move(policy));
  PgParameters content;
  content.add(name).add(canonical_text).add(now);
  co_await transaction.execute(query("AddPolicyVersion"), std::move(content));
  PgParameters wanted;
  wanted.add(name).add(canonical_text);
  const auto rows = co_await transaction.execute(query("FindPolicyVersion"), std::move(wanted));
  const auto version = rows.one().int64("version");
  PgParameters use;
  use.add(name).add(version).add(now);
  co_await transaction.execute(query("RecordPolicyUse"), std::move(use));
  co_await transaction.commit();
  co_return static_cast<int>(version);
}

asio::awaitable<std::optional<std::string>> PgLedger::evidence_bytes(Digest digest) {
  PgParameters parameters;
  parameters.add(digest.str());
  const auto rows = co_await pool_.execute(query("FindEvidenceBytes"), std::move(parameters));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(rows.one().int64("size_bytes"));
  if (size <= inline_compression_bytes_max) {
    co_return zstd_decompress(rows.one().bytes("zstd"), size);
  }
  // The result is shared with the work, which may outlive a cancelled caller.
  auto expand = [rows, size] { return zstd_decompress(rows.one().bytes("zstd"), size); };
  co_return co_await blocking_.run(std::move(expand));
}

asio::awaitable<std::optional<Alert>> PgLedger::alert(std::string id) {
  PgParameters parameters;
  parameters.add(id);
  const auto rows = co_await pool_.execute(query("FindAlert"), std::move(parameters));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  co_return ledger_parts::read_alert(rows.one());
}

asio::awaitable<std::vector<Alert>> PgLedger::alerts_about(std::string subject, int limit) {
  PgParameters parameters;
  parameters.add(subject).add(std::clamp(limit, 0, alerts_about_max));
  const auto rows = co_await pool_.execute(query("ListAlertsAbout"), std::move(parameters));
  std::vector<Alert> alerts;
  alerts.reserve(rows.size());
  for (const auto row : rows) {
    alerts.push_back(ledger_parts::read_alert(row));
  }
  co_return alerts;
}

asio::awaitable<std::vector<AlertEvent>> PgLedger::alert_events(std::string alert_id, int limit) {
  PgParameters parameters;
  parameters.add(alert_id).add(std::clamp(limit, 0, alert_events_max));
  const auto rows = co_await pool_.execute(query("ListAlertEvents"), std::move(parameters));
  std::vector<AlertEvent> events;
  events.reserve(rows.size());
  for (const auto row : rows) {
    AlertEvent event;
    event.alert_id = row.text("alert_id");
    event.sequence = row.int64("sequence");
    event.kind = read_enum(row, "kind",
                           {AlertEventKind::firing, AlertEventKind::updated,
                            AlertEventKind::repeated, AlertEventKind::resolved});
    event.at = row.time("at");
    event.reason = row.text("reason");
    events.push_back(std::move(event));
  }
  co_return events;
}

asio::awaitable<std::vector<CoverageInterval>> PgLedger::coverage(std::string source,
                                                                  TimePoint since) {
  PgParameters parameters;
  parameters.add(source).add(since);
  const auto rows = co_await pool_.execute(query("ListCoverage"), std::move(parameters));
  std::vector<CoverageInterval> intervals;
  intervals.reserve(rows.size());
  for (const auto row : rows) {
    CoverageInterval interval;
    interval.source = row.text("source");
    interval.kind =
        read_enum(row, "kind", {SourceKind::registry, SourceKind::workload, SourceKind::spool});
    interval.from = row.time("covered_from");
    interval.to = row.time("covered_to");
    intervals.push_back(std::move(interval));
  }
  co_return intervals;
}

asio::awaitable<std::vector<Silence>> PgLedger::silences(TimePoint since, int limit) {
  PgParameters parameters;
  parameters.add(since).add(std::clamp(limit, 0, silences_max));
  const auto rows = co_await pool_.execute(query("ListSilences"), std::move(parameters));
  std::vector<Silence> silences;
  silences.reserve(rows.size());
  for (const auto row : rows) {
    silences.push_back(read_silence(row));
  }
  co_return silences;
}

asio::awaitable<std::vector<Acknowledgement>> PgLedger::acknowledgements(std::string alert_id) {
  PgParameters parameters;
  parameters.add(alert_id);
  const auto rows = co_await pool_.execute(query("ListAcknowledgements"), std::move(parameters));
  std::vector<Acknowledgement> acknowledgements;
  acknowledgements.reserve(rows.size());
  for (const auto row : rows) {
    acknowledgements.push_back(read_acknowledgement(row));
  }
  co_return acknowledgements;
}

asio::awaitable<PastPage> PgLedger::containers_at(TimePoint at, PastFilters filters,
                                                  ContainerKey after, int limit) {
  auto transaction = co_await PgTransaction::begin_snapshot(pool_);
  auto page = co_await ledger_parts::read_containers_at(transaction, at, filters, after,
                                                        std::clamp(limit, 0, past_containers_max));
  co_await transaction.commit();
  co_return page;
}

/// Before anything is deleted, so that no reader takes what is left for the whole.
asio::awaitable<void> PgLedger::move_horizon(TimePoint history_before) {
  auto transaction = co_await PgTransaction::begin(pool_);
  co_await lease_.fence(transaction);
  PgParameters parameters;
  parameters.add(ledger_parts::retention_horizon_of_history).add(history_before);
  co_await transaction.execute(query("StoreRetentionHorizon"), std::move(parameters));
  co_await transaction.commit();
}

asio::awaitable<std::int64_t> PgLedger::purge(TimePoint history_before,
                                              TimePoint raw_evidence_before) {
  co_await move_horizon(history_before);
  std::int64_t deleted = co_await purge_table("PurgeEvidenceBytes", raw_evidence_before);
  // Events before their alerts; the rest has no order.
  static constexpr auto statements = std::to_array<const char*>(
      {"PurgeContainers", "PurgePrintedImages", "PurgeVerdicts", "PurgeObservations", "PurgeTags",
       "PurgeCoverage", "PurgeAlertEvents", "PurgeAlerts", "PurgeAlertGroups", "PurgeSilences",
       "PurgeAcknowledgements", "PurgeMessages", "PurgeDeliveries"});
  for (const auto* statement : statements) {
    deleted += co_await purge_table(statement, history_before);
  }
  co_return deleted;
}

asio::awaitable<std::int64_t> PgLedger::purge_table(std::string statement, TimePoint before) {
  std::int64_t deleted = 0;
  for (;;) {
    auto transaction = co_await PgTransaction::begin(pool_);
    co_await lease_.fence(transaction);
    PgParameters parameters;
    parameters.add(before).add(purge_rows_max);
    const auto rows = co_await transaction.execute(query(statement), std::move(parameters));
    co_await transaction.commit();
    const auto count = rows.one().int64("deleted");
    if (count == 0) {
      co_return deleted;
    }
    deleted += count;
  }
}

}  // namespace scanclock
