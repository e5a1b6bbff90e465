#pragma once

#include "core/domain/ports.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "storage/pg_lease.hpp"
#include "storage/pg_pool.hpp"

namespace scanclock {

/// Evidence of more bytes than this is compressed and expanded on the blocking pool.
inline constexpr std::size_t inline_compression_bytes_max = 64 * 1024;

/// The record of everything, in PostgreSQL. Writes queue behind one another in the database. All
/// that throws beside LeaseLostError is PgError (the database's or the connection's), and
/// PoolBusyError when the blocking pool takes no more; after any of them the same call may be
/// made again.
class PgLedger final : public Ledger {
 public:
  /// All three must outlive the ledger. `lease` tells under which term to write; its acquire() must
  /// have succeeded before the first commit() or purge(), which otherwise throw LeaseLostError.
  /// Reading and policy_version() need no lease.
  PgLedger(PgPool& pool, const PgLease& lease, BlockingPool& blocking);

  /// Alerts that ended are counted back from the pool's clock.
  asio::awaitable<Snapshot> load() override;
  asio::awaitable<void> commit(const ChangeSet& changes) override;
  asio::awaitable<int> policy_version(std::string name, std::string canonical_text,
                                      TimePoint now) override;
  asio::awaitable<std::optional<std::string>> evidence_bytes(Digest digest) override;
  asio::awaitable<std::optional<FindingPage>> evidence_findings(Digest digest, std::string after,
                                                                int limit) override;
  asio::awaitable<std::optional<Alert>> alert(std::string id) override;
  asio::awaitable<std::vector<Alert>> alerts_about(std::string subject, int limit) override;
  asio::awaitable<std::vector<AlertEvent>> alert_events(std::string alert_id, int limit) override;
  asio::awaitable<std::vector<CoverageInterval>> coverage(std::string source,
                                                          TimePoint since) override;
  asio::awaitable<std::vector<Silence>> silences(TimePoint since, int limit) override;
  asio::awaitable<std::vector<Acknowledgement>> acknowledgements(std::string alert_id) override;
  asio::awaitable<PastPage> containers_at(TimePoint at, PastFilters filters, ContainerKey after,
                                          int limit) override;
  /// In batches of purge_rows_max, each its own transaction. Evidence rows, decisions, policy
  /// versions and removals of images from places have no retention.
  asio::awaitable<std::int64_t> purge(TimePoint history_before,
                                      TimePoint raw_evidence_before) override;

 private:
  asio::awaitable<void> move_horizon(TimePoint history_before);
  asio::awaitable<std::int64_t> purge_table(std::string statement, TimePoint before);

  PgPool& pool_;
  const PgLease& lease_;
  BlockingPool& blocking_;
};

}  // namespace scanclock
