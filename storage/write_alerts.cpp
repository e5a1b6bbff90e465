#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

namespace scanclock::ledger_parts {
namespace {

asio::awaitable<void> write_alert_rows(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest =
      newest_of_each(changes.alerts, [](const Alert& alert) { return storable_text(alert.id); });
  RowWriter rows(transaction, "StoreAlerts", 17);
  for (const auto* alert : newest) {
    rows.add(alert->id, alert->key.rule, alert->key.subject, alert->key.policy,
             to_string(alert->severity), alert->firing, alert->resolved_reason, alert->environment,
             alert->owner, storable_object(alert->labels), storable_object(alert->annotations),
             alert->stage, alert->sequence, alert->started_at, alert->ended_at,
             alert->last_notified_at, storable_object(alert->told));
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_events(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreAlertEvents", 5);
  for (const auto& event : changes.alert_events) {
    rows.add(event.alert_id, event.sequence, to_string(event.kind), event.at, event.reason);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_messages(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreMessages", 12);
  for (const auto& message : changes.messages) {
    rows.add(message.id, message.receiver, message.alert_id, message.sequence, message.type,
             message.body, message.created_at, message.attempts, message.next_attempt_at,
             message.last_error, message.alert_ids, message.due_since);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_groups(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(
      changes.alert_groups, [](const AlertGroup& group) { return storable_text(group.id); });
  RowWriter rows(transaction, "StoreAlertGroups", 6);
  for (const auto* group : newest) {
    rows.add(group->receiver, group->key, group->id, storable_object(group->labels),
             group->sequence, group->flushed_at);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

}  // namespace

asio::awaitable<void> write_alerts(PgTransaction& transaction, const ChangeSet& changes) {
  co_await write_alert_rows(transaction, changes);
  co_await write_events(transaction, changes);
  co_await write_groups(transaction, changes);
  co_await write_messages(transaction, changes);
}

}  // namespace scanclock::ledger_parts
