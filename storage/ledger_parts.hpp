#pragma once

#include "core/domain/changes.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "storage/pg_transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// The parts of PgLedger::commit() and load(), a table or a few each. Everything passed by
/// reference must outlive the call, which the awaiting parent sees to. All throw PgError.
namespace scanclock::ledger_parts {

/// Manifests and their edges, images, locations, tags.
asio::awaitable<void> write_graph(PgTransaction& transaction, const ChangeSet& changes);

/// Evidence that was not known before this transaction.
struct NewEvidence {
  NewEvidence(const EvidenceRow& new_row, std::int64_t new_id) : row(&new_row), id(new_id) {}
  const EvidenceRow* row;
  std::int64_t id;
};

/// What each piece of evidence found.
asio::awaitable<void> write_findings(PgTransaction& transaction,
                                     const std::vector<NewEvidence>& fresh);

/// Evidence, its chain, its bytes and its findings.
asio::awaitable<void> write_evidence(PgTransaction& transaction, const ChangeSet& changes,
                                     BlockingPool& blocking);
asio::awaitable<void> write_decisions(PgTransaction& transaction, const ChangeSet& changes);

/// Containers with their image-ID history, what was concluded about them, and coverage.
asio::awaitable<void> write_workloads(PgTransaction& transaction, const ChangeSet& changes);

/// What containers printed before, verdicts, and observations of running images.
asio::awaitable<void> write_workload_history(PgTransaction& transaction, const ChangeSet& changes);

/// Alerts, their events, groups and messages.
asio::awaitable<void> write_alerts(PgTransaction& transaction, const ChangeSet& changes);

/// Silences and acknowledgements.
asio::awaitable<void> write_silences(PgTransaction& transaction, const ChangeSet& changes);

asio::awaitable<void> load_graph(PgTransaction& transaction, Snapshot& snapshot);
asio::awaitable<void> load_evidence(PgTransaction& transaction, Snapshot& snapshot);
asio::awaitable<void> load_workloads(PgTransaction& transaction, Snapshot& snapshot);
/// The newest recorded conclusion and observation, from the columns that the snapshot's queries and
/// ListContainersAt share; nothing where none is recorded.
std::optional<Conclusion> read_conclusion(const PgRow& row);
std::optional<ObservationChange> read_observation(const PgRow& row);
/// What a runtime printed of a container.
ContainerObservation read_container_observation(const PgRow& row);

/// The name of the horizon that PgLedger::purge() moves.
inline constexpr std::string_view retention_horizon_of_history = "history";

/// A page of what ran at `at`; `transaction` sees one moment of the database.
asio::awaitable<PastPage> read_containers_at(PgTransaction& transaction, TimePoint at,
                                             const PastFilters& filters, const ContainerKey& after,
                                             int limit);

Alert read_alert(const PgRow& row);
asio::awaitable<void> load_alerts(PgTransaction& transaction, Snapshot& snapshot,
                                  TimePoint ended_since);
/// Groups, the silences that have not ended, and who has taken which firing alert.
asio::awaitable<void> load_silences(PgTransaction& transaction, Snapshot& snapshot, TimePoint now);

}  // namespace scanclock::ledger_parts
