#pragma once

#include "core/domain/ports.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// An Outbox in memory that honours the port's contract: claims are leases, and of each alert only
/// the oldest undelivered message of a receiver can be claimed.
class MemoryOutbox final : public Outbox {
 public:
  enum class State { waiting, delivered, set_aside };

  struct Row {
    OutboxMessage message;
    State state = State::waiting;
    TimePoint claimed_at;
    std::optional<TimePoint> locked_until;
    std::optional<TimePoint> finished_at;
    std::vector<NotificationAttempt> attempts;
  };

  /// As a commit does; messages that are known already are not added again.
  void add(const std::vector<OutboxMessage>& messages);

  /// Every call throws std::runtime_error while set, as with a database that is away.
  void set_away(bool away) { away_ = away; }
  /// Writes throw LeaseLostError while set.
  void set_lease_lost(bool lost) { lease_lost_ = lost; }

  const Row& row(const std::string& id) const;
  const std::vector<Row>& rows() const { return rows_; }
  std::size_t count(State state) const;
  std::size_t claims() const { return claims_; }

  boost::asio::awaitable<std::vector<OutboxMessage>> claim(std::string receiver, TimePoint now,
                                                           TimePoint lease_until,
                                                           int limit) override;
  boost::asio::awaitable<void> delivered(std::string message_id, TimePoint at, int status) override;
  boost::asio::awaitable<void> release(std::vector<std::string> message_ids) override;
  boost::asio::awaitable<void> retry_at(std::string message_id, TimePoint when, std::string error,
                                        int status) override;
  boost::asio::awaitable<void> set_aside(std::string message_id, TimePoint at, std::string error,
                                         int status) override;
  boost::asio::awaitable<std::optional<TimePoint>> next_due(std::string receiver) override;
  boost::asio::awaitable<std::vector<OutboxStatistics>> statistics() override;
  boost::asio::awaitable<std::vector<DeliveryRecord>> deliveries(
      std::vector<std::string> alert_ids) override;
  boost::asio::awaitable<std::vector<NotificationRecord>> notifications(NotificationFilters filters,
                                                                        std::int64_t before,
                                                                        int limit) override;
  boost::asio::awaitable<std::optional<NotificationDetail>> notification(
      std::string message_id) override;
  boost::asio::awaitable<bool> retry(std::string message_id, TimePoint now) override;
  boost::asio::awaitable<std::int64_t> replay(std::string receiver, TimePoint since,
                                              TimePoint now) override;
  boost::asio::awaitable<void> clock_was_set(std::string receiver, TimePoint now,
                                             std::optional<TimePoint> later_than) override;

 private:
  Row& find(const std::string& id);
  void finish(const std::string& id, State state, TimePoint at);
  void make_due(std::size_t position, TimePoint now);
  NotificationRecord record_of(std::size_t position) const;
  /// Of each alert the oldest waiting row of the receiver, in order of writing.
  std::vector<Row*> heads(const std::string& receiver);
  void check() const;
  void check_write() const;

  std::vector<Row> rows_;
  std::map<std::string, std::size_t> positions_;
  /// Positions of the rows that wait, so that months of history cost nothing.
  std::set<std::size_t> waiting_;
  bool away_ = false;
  bool lease_lost_ = false;
  std::size_t claims_ = 0;
};

}  // namespace scanclock
