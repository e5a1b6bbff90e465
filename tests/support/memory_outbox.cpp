#include "tests/support/memory_outbox.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace scanclock {

void MemoryOutbox::add(const std::vector<OutboxMessage>& messages) {
  for (const OutboxMessage& message : messages) {
    if (positions_.try_emplace(message.id, rows_.size()).second) {
      waiting_.insert(rows_.size());
      Row row;
      row.message = message;
      rows_.push_back(std::move(row));
    }
  }
}

MemoryOutbox::Row& MemoryOutbox::find(const std::string& id) {
  const auto position = positions_.find(id);
  if (position == positions_.end()) {
    throw std::out_of_range("no message " + id);
  }
  return rows_[position->second];
}

void MemoryOutbox::finish(const std::string& id, State state, TimePoint at) {
  Row& row = find(id);
  row.state = state;
  row.finished_at = at;
  waiting_.erase(positions_.at(id));
}

const MemoryOutbox::Row& MemoryOutbox::row(const std::string& id) const {
  return const_cast<MemoryOutbox*>(this)->find(id);
}

std::size_t MemoryOutbox::count(State state) const {
  return static_cast<std::size_t>(std::count_if(
      rows_.begin(), rows_.end(), [&](const Row& row) { return row.state == state; }));
}

void MemoryOutbox::check() const {
  if (away_) {
    throw std::runtime_error("the database is away");
  }
}

void MemoryOutbox::check_write() const {
  check();
  if (lease_lost_) {
    throw LeaseLostError("another daemon holds the lease");
  }
}

std::vector<MemoryOutbox::Row*> MemoryOutbox::heads(const std::string& receiver) {
  std::vector<Row*> heads;
  std::set<std::string> alerts;
  for (const std::size_t position : waiting_) {
    Row& row = rows_[position];
    if (row.message.receiver == receiver && alerts.insert(row.message.alert_id).second) {
      heads.push_back(&row);
    }
  }
  return heads;
}

boost::asio::awaitable<std::vector<OutboxMessage>> MemoryOutbox::claim(std::string receiver,
                                                                       TimePoint now,
                                                                       TimePoint lease_until,
                                                                       int limit) {
  check_write();
  ++claims_;
  std::vector<OutboxMessage> claimed;
  for (Row* row : heads(receiver)) {
    const bool locked = row->locked_until && *row->locked_until > now;
    if (locked || row->message.next_attempt_at > now ||
        claimed.size() == static_cast<std::size_t>(limit)) {
      continue;
    }
    row->locked_until = lease_until;
    ++row->message.attempts;
    claimed.push_back(row->message);
  }
  co_return claimed;
}

boost::asio::awaitable<void> MemoryOutbox::delivered(std::string message_id, TimePoint at, int) {
  check_write();
  finish(message_id, State::delivered, at);
  co_return;
}

boost::asio::awaitable<void> MemoryOutbox::retry_at(std::string message_id, TimePoint when,
                                                    std::string error) {
  check_write();
  Row& row = find(message_id);
  row.message.next_attempt_at = when;
  row.message.last_error = std::move(error);
  row.locked_until.reset();
  co_return;
}

boost::asio::awaitable<void> MemoryOutbox::set_aside(std::string message_id, TimePoint at,
                                                     std::string error) {
  check_write();
  finish(message_id, State::set_aside, at);
  find(message_id).message.last_error = std::move(error);
  co_return;
}

boost::asio::awaitable<std::optional<TimePoint>> MemoryOutbox::next_due(std::string receiver) {
  check();
  std::optional<TimePoint> next;
  for (const Row* row : heads(receiver)) {
    const TimePoint due =
        std::max(row->message.next_attempt_at, row->locked_until.value_or(TimePoint::min()));
    if (!next || due < *next) {
      next = due;
    }
  }
  co_return next;
}

boost::asio::awaitable<std::vector<OutboxStatistics>> MemoryOutbox::statistics() {
  check();
  std::map<std::string, OutboxStatistics> by_receiver;
  for (const Row& row : rows_) {
    OutboxStatistics& one = by_receiver[row.message.receiver];
    one.receiver = row.message.receiver;
    one.set_aside += row.state == State::set_aside ? 1 : 0;
    if (row.state == State::waiting) {
      ++one.waiting;
      one.oldest_waiting_at =
          std::min(one.oldest_waiting_at.value_or(TimePoint::max()), row.message.created_at);
    }
  }
  std::vector<OutboxStatistics> all;
  for (auto& [receiver, one] : by_receiver) {
    all.push_back(one);
  }
  co_return all;
}

boost::asio::awaitable<std::vector<DeliveryRecord>> MemoryOutbox::deliveries(
    std::vector<std::string> alert_ids) {
  check();
  std::vector<DeliveryRecord> records;
  for (const Row& row : rows_) {
    const bool wanted =
        std::find(alert_ids.begin(), alert_ids.end(), row.message.alert_id) != alert_ids.end();
    if (wanted && row.state == State::delivered) {
      records.push_back(
          {row.message.alert_id, row.message.receiver, *row.finished_at, row.message.attempts});
    }
  }
  co_return records;
}

}  // namespace scanclock
