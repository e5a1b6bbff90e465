#pragma once

#include "core/domain/changes.hpp"
#include "core/runtime/hashing.hpp"
#include "storage/pg_transaction.hpp"
#include "storage/stores.hpp"
#include "tests/support/postgres_server.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// A different digest for every name.
inline Digest digest_of(const std::string& name) { return sha256("test " + name); }

/// One of everything, with no field left at its default where another value is possible. Times are
/// `now` and before.
ChangeSet full_change_set(TimePoint now);

Finding finding_of(const std::string& id, FindingSeverity severity,
                   std::vector<std::string> aliases);
Evidence evidence_of(const std::string& name, TimePoint collected_at);
DecisionRow decision_on(const Evidence& evidence, int version, bool accepted, TimePoint at);
ContainerObservation observation_of(const std::string& id, TimePoint first_seen_at);
StoredContainer container_of(const ContainerObservation& seen, TimePoint first_seen_at,
                             const std::set<Digest>& history);
StoredContainer container_of(const std::string& id, TimePoint first_seen_at);
VerdictChange verdict_on(const StoredContainer& container, Verdict verdict, TimePoint at);
Silence silence_of(const std::string& id, TimePoint created_at);
Acknowledgement acknowledgement_of(const std::string& alert_id, TimePoint at);
OutboxMessage message_of(const std::string& id, const std::string& alert_id, TimePoint created_at);

/// Every stored field in one line a record, sorted, so that a difference shows itself.
std::vector<std::string> describe(const Snapshot& snapshot);
/// What loading should return after storing.
Snapshot expected_after(const ChangeSet& changes);

/// A database, and one daemon's stores on it that hold the lease.
class StoreTest : public PostgresTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::unique_ptr<Stores> make_stores(const std::string& holder);
  void commit(const ChangeSet& changes) { run(stores->ledger.commit(changes)); }
  Snapshot load() { return run(stores->ledger.load()); }
  std::int64_t count(const std::string& from);
  void execute(const std::string& text) { sql(*pool, text); }
  /// The number of rows of every table with records.
  std::vector<std::string> row_counts();
  /// As if the ttl had passed.
  void let_lease_lapse();

  /// A whole second, two minutes past the hour, so that times read well in failures.
  TimePoint base;
  TimePoint minute(int minutes) const { return base + std::chrono::minutes(minutes); }

  std::unique_ptr<PgPool> pool;
  std::unique_ptr<Stores> stores;
};

}  // namespace scanclock
