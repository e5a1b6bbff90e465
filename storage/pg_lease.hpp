#pragma once

#include "core/domain/ports.hpp"
#include "storage/pg_pool.hpp"
#include "storage/pg_transaction.hpp"

#include <cstdint>
#include <string>

namespace scanclock {

/// How long a daemon that disappeared keeps the others waiting.
inline constexpr Duration lease_ttl_default = std::chrono::seconds(15);

/// The lease as a row, by the database's clock. Every acquire is a new term, and a write under an
/// older term is refused, so that a daemon that slept through its lease cannot do harm.
class PgLease final : public Lease {
 public:
  /// `holder` names this process among all that ever share the database (a random UUID, with the
  /// host in front for people). `ttl` is counted from each acquire and renew. `pool` must outlive
  /// the lease.
  PgLease(PgPool& pool, std::string holder, Duration ttl = lease_ttl_default);

  asio::awaitable<bool> acquire() override;
  asio::awaitable<void> renew() override;
  asio::awaitable<void> release() override;

  const std::string& holder() const { return holder_; }
  /// 0 while the lease is not held, as far as is known here.
  std::int64_t term() const { return term_; }
  Duration ttl() const { return ttl_; }

  /// Makes sure that nobody takes the lease over until `transaction` ends, and that writers of this
  /// term come one after the other. Throws LeaseLostError when the lease is another's by now.
  asio::awaitable<void> fence(PgTransaction& transaction) const;

  /// Throws LeaseLostError when the lease is another's by now.
  asio::awaitable<void> require_held() const;

 private:
  PgParameters identity() const;
  [[noreturn]] void fail_lost() const;

  PgPool& pool_;
  std::string holder_;
  Duration ttl_;
  std::int64_t term_ = 0;
};

/// Who holds the lease, for `scanclock db status`.
struct LeaseHolder {
  LeaseHolder() = default;
  std::string holder;
  std::int64_t term = 0;
  TimePoint acquired_at;
  TimePoint expires_at;
  /// By the database's clock.
  bool alive = false;
};

/// Nothing when the lease was never acquired. Throws PgError.
asio::awaitable<std::optional<LeaseHolder>> find_lease(PgPool& pool);

}  // namespace scanclock
