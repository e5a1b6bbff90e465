#pragma once

#include "core/domain/ports.hpp"
#include "storage/pg_lease.hpp"
#include "storage/pg_pool.hpp"

namespace scanclock {

/// The outbox table and its ledger of attempts. Only claiming needs the lease: the outcome of an
/// attempt is a fact and is recorded whoever made it.
class PgOutbox final : public Outbox {
 public:
  /// Both must outlive the outbox.
  PgOutbox(PgPool& pool, const PgLease& lease);

  /// Also counts the attempt. Throws LeaseLostError when another daemon delivers by now.
  asio::awaitable<std::vector<OutboxMessage>> claim(std::string receiver, TimePoint now,
                                                    TimePoint lease_until, int limit) override;
  asio::awaitable<void> delivered(std::string message_id, TimePoint at, int status) override;
  asio::awaitable<void> delivered_all(std::vector<DeliveredMessage> messages) override;
  asio::awaitable<void> release(std::vector<std::string> message_ids) override;
  asio::awaitable<void> retry_at(std::string message_id, TimePoint when, std::string error,
                                 int status) override;
  asio::awaitable<void> set_aside(std::string message_id, TimePoint at, std::string error,
                                  int status) override;
  asio::awaitable<std::optional<TimePoint>> next_due(std::string receiver) override;
  asio::awaitable<std::vector<OutboxStatistics>> statistics() override;
  asio::awaitable<std::vector<DeliveryRecord>> deliveries(
      std::vector<std::string> alert_ids) override;
  asio::awaitable<std::vector<NotificationRecord>> notifications(NotificationFilters filters,
                                                                 std::int64_t before,
                                                                 int limit) override;
  asio::awaitable<std::optional<NotificationDetail>> notification(std::string message_id) override;
  asio::awaitable<bool> retry(std::string message_id, TimePoint now) override;
  asio::awaitable<std::int64_t> replay(std::string receiver, TimePoint since,
                                       TimePoint now) override;
  asio::awaitable<void> clock_was_set(std::string receiver, TimePoint now,
                                      std::optional<TimePoint> later_than) override;

 private:
  PgPool& pool_;
  const PgLease& lease_;
};

}  // namespace scanclock
