#include "storage/pg_outbox.hpp"

#include "storage/storable.hpp"

namespace scanclock {
namespace {

OutboxMessage read_message(const PgRow& row) {
  OutboxMessage message;
  message.id = row.text("id");
  message.alert_id = row.text("alert_id");
  message.alert_ids = row.text_array("alert_ids");
  message.sequence = row.int64("sequence");
  message.receiver = row.text("receiver");
  message.type = row.text("type");
  message.body = row.text("body");
  message.created_at = row.time("created_at");
  message.due_since = row.optional_time("due_since");
  message.attempts = static_cast<int>(row.int64("attempts"));
  message.next_attempt_at = row.time("next_attempt_at");
  message.last_error = row.text("last_error");
  return message;
}

}  // namespace

PgOutbox::PgOutbox(PgPool& pool, const PgLease& lease) : pool_(pool), lease_(lease) {}

asio::awaitable<std::vector<OutboxMessage>> PgOutbox::claim(std::string receiver, TimePoint now,
                                                            TimePoint lease_until, int limit) {
  PgParameters parameters;
  parameters.add(receiver).add(now).add(lease_until).add(limit);
  parameters.add(lease_.holder()).add(lease_.term());
  const auto rows = co_await pool_.execute(query("ClaimMessages"), std::move(parameters));
  std::vector<OutboxMessage> messages;
  messages.reserve(rows.size());
  bool held = false;
  for (const auto row : rows) {
    held = row.boolean("held");
    if (row.optional_text("id")) {
      messages.push_back(read_message(row));
    }
  }
  if (messages.empty() && !held) {
    // Nothing was claimed because of that; this says so.
    co_await lease_.require_held();
  }
  co_return messages;
}

asio::awaitable<void> PgOutbox::delivered(std::string message_id, TimePoint at, int status) {
  PgParameters parameters;
  parameters.add(message_id).add(at).add(status);
  co_await pool_.execute(query("RecordDelivered"), std::move(parameters));
}

asio::awaitable<void> PgOutbox::delivered_all(std::vector<DeliveredMessage> messages) {
  std::vector<std::string> ids;
  std::vector<TimePoint> times;
  std::vector<int> statuses;
  ids.reserve(messages.size());
  times.reserve(messages.size());
  statuses.reserve(messages.size());
  for (DeliveredMessage& message : messages) {
    ids.push_back(std::move(message.id));
    times.push_back(message.at);
    statuses.push_back(message.status);
  }
  PgParameters parameters;
  parameters.add_array(ids).add_array(times).add_array(statuses);
  co_await pool_.execute(query("RecordAllDelivered"), std::move(parameters));
}

asio::awaitable<void> PgOutbox::release(std::vector<std::string> message_ids) {
  PgParameters parameters;
  parameters.add_array(message_ids);
  co_await pool_.execute(query("ReleaseMessages"), std::move(parameters));
}

asio::awaitable<void> PgOutbox::retry_at(std::string message_id, TimePoint when, std::string error,
                                         int status) {
  PgParameters parameters;
  parameters.add(message_id).add(when).add(storable_text(error)).add(status);
  co_await pool_.execute(query("RecordRetry"), std::move(parameters));
}

asio::awaitable<void> PgOutbox::set_aside(std::string message_id, TimePoint at, std::string error,
                                          int status) {
  PgParameters parameters;
  parameters.add(message_id).add(at).add(storable_text(error)).add(status);
  co_await pool_.execute(query("RecordSetAside"), std::move(parameters));
}

asio::awaitable<std::optional<TimePoint>> PgOutbox::next_due(std::string receiver) {
  PgParameters parameters;
  parameters.add(receiver);
  const auto rows = co_await pool_.execute(query("FindNextDue"), std::move(parameters));
  co_return rows.one().optional_time("due_at");
}

asio::awaitable<std::vector<OutboxStatistics>> PgOutbox::statistics() {
  const auto rows = co_await pool_.execute(query("CountMessages"));
  std::vector<OutboxStatistics> all;
  for (const auto row : rows) {
    OutboxStatistics statistics;
    statistics.receiver = row.text("receiver");
    statistics.waiting = row.int64("waiting");
    statistics.set_aside = row.int64("set_aside");
    statistics.oldest_waiting_at = row.optional_time("oldest_waiting_at");
    all.push_back(std::move(statistics));
  }
  co_return all;
}

asio::awaitable<std::vector<DeliveryRecord>> PgOutbox::deliveries(
    std::vector<std::string> alert_ids) {
  PgParameters parameters;
  parameters.add_array(alert_ids);
  const auto rows = co_await pool_.execute(query("ListDeliveries"), std::move(parameters));
  std::vector<DeliveryRecord> records;
  records.reserve(rows.size());
  for (const auto row : rows) {
    DeliveryRecord record;
    record.alert_id = row.text("alert_id");
    record.receiver = row.text("receiver");
    record.at = row.time("at");
    record.attempts = static_cast<int>(row.int64("attempt"));
    records.push_back(std::move(record));
  }
  co_return records;
}

}  // namespace scanclock
