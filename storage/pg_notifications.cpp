#include "storage/pg_outbox.hpp"
#include "storage/row_reading.hpp"

#include <algorithm>
#include <unordered_map>

namespace scanclock {
namespace {

constexpr int notifications_max = 1001;

NotificationRecord read_notification(const PgRow& row) {
  NotificationRecord record;
  record.id = row.text("id");
  record.position = row.int64("position");
  record.receiver = row.text("receiver");
  record.alert_id = row.text("alert_id");
  record.alert_ids = row.text_array("alert_ids");
  record.grouped_alerts = row.int64("grouped_alerts");
  record.sequence = row.int64("sequence");
  record.type = row.text("type");
  record.state = read_enum(
      row, "state",
      {NotificationState::waiting, NotificationState::delivered, NotificationState::set_aside});
  record.created_at = row.time("created_at");
  if (record.state == NotificationState::waiting) {
    record.next_attempt_at = row.time("next_attempt_at");
  }
  record.finished_at = row.optional_time("finished_at");
  record.last_error = row.text("last_error");
  record.attempts_made = static_cast<int>(row.int64("attempts"));
  return record;
}

NotificationAttempt read_attempt(const PgRow& row) {
  NotificationAttempt attempt;
  attempt.number = static_cast<int>(row.int64("attempt"));
  attempt.at = row.time("at");
  attempt.outcome = row.text("outcome");
  attempt.status = static_cast<int>(row.optional_int64("status").value_or(0));
  attempt.error = row.text("error");
  return attempt;
}

/// Adds to each record its newest `attempts_max` attempts. `records` must outlive the call.
asio::awaitable<void> read_attempts(PgPool& pool, std::vector<NotificationRecord>& records,
                                    int attempts_max) {
  std::vector<std::string> ids;
  std::unordered_map<std::string, std::size_t> places;
  for (const NotificationRecord& record : records) {
    places.emplace(record.id, ids.size());
    ids.push_back(record.id);
  }
  PgParameters parameters;
  parameters.add_array(ids).add(attempts_max);
  const auto rows = co_await pool.execute(query("ListAttempts"), std::move(parameters));
  for (const auto row : rows) {
    records[places.at(row.text("message_id"))].attempts.push_back(read_attempt(row));
  }
}

}  // namespace

asio::awaitable<std::vector<NotificationRecord>> PgOutbox::notifications(
    NotificationFilters filters, std::int64_t before, int limit) {
  PgParameters parameters;
  parameters.add(before).add(filters.receiver);
  parameters.add(filters.state ? to_string(*filters.state) : std::string_view());
  parameters.add(filters.alert_id).add(filters.since);
  parameters.add(std::clamp(limit, 0, notifications_max)).add(listed_alerts_max);
  const auto rows = co_await pool_.execute(query("ListNotifications"), std::move(parameters));
  std::vector<NotificationRecord> records;
  records.reserve(rows.size());
  for (const auto row : rows) {
    records.push_back(read_notification(row));
  }
  if (!records.empty()) {
    co_await read_attempts(pool_, records, listed_attempts_max);
  }
  co_return records;
}

asio::awaitable<std::optional<NotificationDetail>> PgOutbox::notification(std::string message_id) {
  PgParameters parameters;
  parameters.add(message_id);
  const auto rows = co_await pool_.execute(query("FindNotification"), std::move(parameters));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  std::vector<NotificationRecord> records{read_notification(rows.one())};
  co_await read_attempts(pool_, records, detailed_attempts_max);
  NotificationDetail detail;
  detail.record = std::move(records.front());
  detail.body = rows.one().text("body");
  co_return detail;
}

asio::awaitable<bool> PgOutbox::retry(std::string message_id, TimePoint now) {
  PgParameters parameters;
  parameters.add(message_id).add(now);
  const auto rows = co_await pool_.execute(query("RetryMessage"), std::move(parameters));
  co_return !rows.empty();
}

asio::awaitable<std::int64_t> PgOutbox::replay(std::string receiver, TimePoint since,
                                               TimePoint now) {
  PgParameters parameters;
  parameters.add(receiver).add(since).add(now);
  const auto rows = co_await pool_.execute(query("ReplayMessages"), std::move(parameters));
  co_return rows.one().int64("messages");
}

asio::awaitable<void> PgOutbox::clock_was_set(std::string receiver, TimePoint now,
                                              std::optional<TimePoint> later_than) {
  PgParameters parameters;
  parameters.add(receiver).add(now).add(later_than);
  co_await pool_.execute(query("RescheduleMessages"), std::move(parameters));
}

}  // namespace scanclock
