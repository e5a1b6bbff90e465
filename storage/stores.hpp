#pragma once

#include "storage/pg_lease.hpp"
#include "storage/pg_ledger.hpp"
#include "storage/pg_outbox.hpp"

#include <string>
#include <utility>

namespace scanclock {

/// The ports of core/domain/ports.hpp on one database whose migrations are applied. The order of
/// use: lease.acquire() until it is true, lease.renew() every third of its ttl, and meanwhile
/// ledger and outbox; a LeaseLostError from any of them ends that.
struct Stores {
  /// `pool` and `blocking` must outlive the stores. `holder` names this process among all that
  /// share the database; see PgLease.
  Stores(PgPool& pool, BlockingPool& blocking, std::string holder,
         Duration lease_ttl = lease_ttl_default)
      : lease(pool, std::move(holder), lease_ttl),
        ledger(pool, lease, blocking),
        outbox(pool, lease) {}
  Stores(const Stores&) = delete;
  Stores& operator=(const Stores&) = delete;

  PgLease lease;
  PgLedger ledger;
  PgOutbox outbox;
};

}  // namespace scanclock
