#include "storage/ledger_parts.hpp"
#include "storage/row_reading.hpp"
#include "storage/snapshot_cursor.hpp"

namespace scanclock::ledger_parts {
namespace {

DecisionRow read_decision(const PgRow& row) {
  DecisionRow decision;
  decision.evidence.digest = read_digest(row, "digest");
  decision.evidence.attached_to = read_digest(row, "attached_to");
  decision.evidence.trust =
      read_enum(row, "trust", {Trust::signed_, Trust::platform, Trust::pushed, Trust::unsigned_});
  decision.policy = row.text("policy");
  decision.policy_version = static_cast<int>(row.int64("policy_version"));
  decision.decision.accepted = row.boolean("accepted");
  if (const auto reason = row.optional_text("reason")) {
    decision.decision.reason = parse_rejection(*reason);
    if (!decision.decision.reason) {
      throw std::logic_error("unknown reason of a stored decision: " + *reason);
    }
  }
  decision.decision.detail = row.text("detail");
  decision.decided_at = row.time("decided_at");
  return decision;
}

/// A container is one of many that have most of this alike.
StoredContainer read_container(const PgRow& row, ContainerPools& pools) {
  auto seen = read_container_observation(row);
  seen.pullable = read_digests(row, "pullable");
  std::set<Digest> history;
  for (auto& digest : read_digests(row, "digest_history")) {
    history.insert(std::move(digest));
  }
  StoredContainer container(row.text("source"), seen, history, pools);
  container.first_seen_at = row.time("first_seen_at");
  container.last_seen_at = row.time("last_seen_at");
  if (const auto conclusion = read_conclusion(row)) {
    container.recorded = {row.time("concluded_at"), mark_of(*conclusion)};
  }
  return container;
}

}  // namespace

asio::awaitable<void> load_evidence(PgTransaction& transaction, Snapshot& snapshot) {
  auto add_evidence = [&](const PgRow& row) { snapshot.evidence.push_back(read_evidence(row)); };
  co_await visit_rows(transaction, "OpenEvidence", PgParameters(), add_evidence);
  auto add_decision = [&](const PgRow& row) { snapshot.decisions.push_back(read_decision(row)); };
  co_await visit_rows(transaction, "OpenDecisions", PgParameters(), add_decision);
}

asio::awaitable<void> load_workloads(PgTransaction& transaction, Snapshot& snapshot) {
  ContainerPools pools;
  auto add_container = [&](const PgRow& row) {
    snapshot.containers.push_back(read_container(row, pools));
  };
  co_await visit_rows(transaction, "OpenContainers", PgParameters(), add_container);
  auto add_coverage = [&](const PgRow& row) {
    CoverageInterval interval;
    interval.source = row.text("source");
    interval.kind =
        read_enum(row, "kind", {SourceKind::registry, SourceKind::workload, SourceKind::spool});
    interval.from = row.time("covered_from");
    interval.to = row.time("covered_to");
    snapshot.coverage.push_back(std::move(interval));
  };
  co_await visit_rows(transaction, "OpenCoverage", PgParameters(), add_coverage);
}

}  // namespace scanclock::ledger_parts
