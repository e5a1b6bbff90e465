#include "storage/pg_lease.hpp"

namespace scanclock {

PgLease::PgLease(PgPool& pool, std::string holder, Duration ttl)
    : pool_(pool), holder_(std::move(holder)), ttl_(ttl) {}

asio::awaitable<bool> PgLease::acquire() {
  PgParameters parameters;
  parameters.add(holder_).add(ttl_.count());
  const auto rows = co_await pool_.execute(query("AcquireLease"), std::move(parameters));
  if (rows.empty()) {
    term_ = 0;
    co_return false;
  }
  term_ = rows.one().int64("term");
  co_return true;
}

asio::awaitable<void> PgLease::renew() {
  if (term_ == 0) {
    fail_lost();
  }
  auto parameters = identity();
  parameters.add(ttl_.count());
  const auto result = co_await pool_.execute(query("RenewLease"), std::move(parameters));
  if (result.affected() == 0) {
    term_ = 0;
    fail_lost();
  }
}

asio::awaitable<void> PgLease::release() {
  if (term_ == 0) {
    co_return;
  }
  auto parameters = identity();
  // Forgotten first: whatever the answer, this daemon stops writing.
  term_ = 0;
  co_await pool_.execute(query("ReleaseLease"), std::move(parameters));
}

asio::awaitable<void> PgLease::fence(PgTransaction& transaction) const {
  if (term_ == 0) {
    fail_lost();
  }
  const auto rows = co_await transaction.execute(query("FenceByLease"), identity());
  if (rows.empty()) {
    co_await transaction.rollback();
    fail_lost();
  }
}

asio::awaitable<void> PgLease::require_held() const {
  if (term_ == 0) {
    fail_lost();
  }
  const auto rows = co_await pool_.execute(query("CheckLease"), identity());
  if (!rows.one().boolean("held")) {
    fail_lost();
  }
}

PgParameters PgLease::identity() const {
  PgParameters parameters;
  parameters.add(holder_).add(term_);
  return parameters;
}

void PgLease::fail_lost() const {
  throw LeaseLostError("the lease is not, or no more, held by " + holder_);
}

asio::awaitable<std::optional<LeaseHolder>> find_lease(PgPool& pool) {
  const auto rows = co_await pool.execute(query("FindLease"));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  const auto row = rows.one();
  LeaseHolder found;
  found.holder = row.text("holder");
  found.term = row.int64("term");
  found.acquired_at = row.time("acquired_at");
  found.expires_at = row.time("expires_at");
  found.alive = row.boolean("alive");
  co_return found;
}

}  // namespace scanclock
