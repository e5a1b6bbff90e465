#include "tests/support/memory_outbox.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace scanclock {

namespace {

bool tells_of(const OutboxMessage& message, const std::string& alert_id) {
  const std::vector<std::string>& ids = message.alert_ids;
  return message.alert_id == alert_id || std::find(ids.begin(), ids.end(), alert_id) != ids.end();
}

void add_attempt(MemoryOutbox::Row& row, TimePoint at, std::string outcome, int status) {
  NotificationAttempt attempt;
  attempt.number = row.message.attempts;
  attempt.at = at;
  attempt.error = outcome == "delivered" ? "" : row.message.last_error;
  attempt.outcome = std::move(outcome);
  attempt.status = status;
  row.attempts.push_back(std::move(attempt));
}

NotificationState state_of(MemoryOutbox::State state) {
  switch (state) {
    case MemoryOutbox::State::waiting:
      return NotificationState::waiting;
    case MemoryOutbox::State::delivered:
      return NotificationState::delivered;
    case MemoryOutbox::State::set_aside:
      break;
  }
  return NotificationState::set_aside;
}

}  // namespace

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
    row->claimed_at = now;
    ++row->message.attempts;
    claimed.push_back(row->message);
  }
  co_return claimed;
}

boost::asio::awaitable<void> MemoryOutbox::delivered(std::string message_id, TimePoint at,
                                                     int status) {
  check_write();
  finish(message_id, State::delivered, at);
  add_attempt(find(message_id), at, "delivered", status);
  co_return;
}

boost::asio::awaitable<void> MemoryOutbox::release(std::vector<std::string> message_ids) {
  check();
  for (const std::string& id : message_ids) {
    Row& row = find(id);
    if (row.state == State::waiting && row.locked_until) {
      row.locked_until.reset();
      --row.message.attempts;
    }
  }
  co_return;
}

boost::asio::awaitable<void> MemoryOutbox::retry_at(std::string message_id, TimePoint when,
                                                    std::string error, int status) {
  check_write();
  Row& row = find(message_id);
  row.message.next_attempt_at = when;
  row.message.last_error = std::move(error);
  row.locked_until.reset();
  add_attempt(row, row.claimed_at, "failed", status);
  co_return;
}

boost::asio::awaitable<void> MemoryOutbox::set_aside(std::string message_id, TimePoint at,
                                                     std::string error, int status) {
  check_write();
  finish(message_id, State::set_aside, at);
  Row& row = find(message_id);
  row.message.last_error = std::move(error);
  add_attempt(row, at, "set_aside", status);
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
    if (row.state != State::delivered) {
      continue;
    }
    for (const std::string& alert_id : alert_ids) {
      if (tells_of(row.message, alert_id)) {
        records.push_back({alert_id, row.message.receiver, *row.finished_at, row.message.attempts});
      }
    }
  }
  co_return records;
}

NotificationRecord MemoryOutbox::record_of(std::size_t position) const {
  const Row& row = rows_[position];
  NotificationRecord record;
  record.id = row.message.id;
  record.position = static_cast<std::int64_t>(position) + 1;
  record.receiver = row.message.receiver;
  record.alert_id = row.message.alert_id;
  record.alert_ids = row.message.alert_ids;
  record.grouped_alerts = static_cast<std::int64_t>(row.message.alert_ids.size());
  record.sequence = row.message.sequence;
  record.type = row.message.type;
  record.state = state_of(row.state);
  record.created_at = row.message.created_at;
  if (row.state == State::waiting) {
    record.next_attempt_at = row.message.next_attempt_at;
  }
  record.finished_at = row.finished_at;
  record.last_error = row.message.last_error;
  record.attempts_made = row.message.attempts;
  record.attempts = row.attempts;
  return record;
}

boost::asio::awaitable<std::vector<NotificationRecord>> MemoryOutbox::notifications(
    NotificationFilters filters, std::int64_t before, int limit) {
  check();
  std::vector<NotificationRecord> records;
  for (std::size_t position = rows_.size(); position-- > 0;) {
    const Row& row = rows_[position];
    const bool wanted = static_cast<std::int64_t>(position) + 1 < before &&
                        (filters.receiver.empty() || row.message.receiver == filters.receiver) &&
                        (!filters.state || state_of(row.state) == *filters.state) &&
                        (filters.alert_id.empty() || tells_of(row.message, filters.alert_id)) &&
                        (!filters.since || row.message.created_at >= *filters.since);
    if (wanted && records.size() < static_cast<std::size_t>(limit)) {
      records.push_back(record_of(position));
    }
  }
  co_return records;
}

boost::asio::awaitable<std::optional<NotificationDetail>> MemoryOutbox::notification(
    std::string message_id) {
  check();
  const auto found = positions_.find(message_id);
  if (found == positions_.end()) {
    co_return std::nullopt;
  }
  NotificationDetail detail;
  detail.record = record_of(found->second);
  detail.body = rows_[found->second].message.body;
  co_return detail;
}

void MemoryOutbox::make_due(std::size_t position, TimePoint now) {
  Row& row = rows_[position];
  row.state = State::waiting;
  row.finished_at.reset();
  row.message.next_attempt_at = now;
  row.message.due_since = now;
  waiting_.insert(position);
}

boost::asio::awaitable<bool> MemoryOutbox::retry(std::string message_id, TimePoint now) {
  check();
  const auto found = positions_.find(message_id);
  if (found == positions_.end() || rows_[found->second].state == State::delivered) {
    co_return false;
  }
  make_due(found->second, now);
  co_return true;
}

boost::asio::awaitable<std::int64_t> MemoryOutbox::replay(std::string receiver, TimePoint since,
                                                          TimePoint now) {
  check();
  std::int64_t count = 0;
  for (std::size_t position = 0; position < rows_.size(); ++position) {
    const Row& row = rows_[position];
    if (row.message.receiver == receiver && row.message.created_at >= since &&
        row.state != State::waiting) {
      rows_[position].locked_until.reset();
      make_due(position, now);
      ++count;
    }
  }
  co_return count;
}

boost::asio::awaitable<void> MemoryOutbox::clock_was_set(std::string receiver, TimePoint now,
                                                         std::optional<TimePoint> later_than) {
  check();
  for (const std::size_t position : waiting_) {
    Row& row = rows_[position];
    const bool concerned = row.message.receiver == receiver &&
                           (!later_than || row.message.next_attempt_at > *later_than ||
                            row.locked_until.value_or(TimePoint::min()) > *later_than);
    if (concerned) {
      row.message.next_attempt_at = std::min(row.message.next_attempt_at, now);
      row.message.due_since = now;
      row.locked_until.reset();
    }
  }
  co_return;
}

}  // namespace scanclock
