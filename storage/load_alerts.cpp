#include "storage/ledger_parts.hpp"
#include "storage/row_reading.hpp"
#include "storage/snapshot_cursor.hpp"

namespace scanclock {

Silence read_silence(const PgRow& row) {
  Silence silence;
  silence.id = row.text("id");
  for (const std::string& text : row.text_array("matchers")) {
    auto matcher = parse_matcher(text);
    if (!matcher) {
      throw std::logic_error("stored silence " + silence.id + ": " + matcher.error().message);
    }
    silence.matchers.push_back(std::move(*matcher));
  }
  silence.author = row.text("author");
  silence.reason = row.text("reason");
  silence.created_at = row.time("created_at");
  silence.starts_at = row.time("starts_at");
  silence.expires_at = row.time("expires_at");
  silence.ended_at = row.optional_time("ended_at");
  silence.ended_by = row.text("ended_by");
  return silence;
}

Acknowledgement read_acknowledgement(const PgRow& row) {
  Acknowledgement acknowledgement;
  acknowledgement.alert_id = row.text("alert_id");
  acknowledgement.at = row.time("at");
  acknowledgement.author = row.text("author");
  acknowledgement.reason = row.text("reason");
  acknowledgement.expires_at = row.time("expires_at");
  acknowledgement.ended_at = row.optional_time("ended_at");
  return acknowledgement;
}

namespace ledger_parts {
Alert read_alert(const PgRow& row) {
  Alert alert;
  alert.id = row.text("id");
  alert.key.rule = row.text("rule");
  alert.key.subject = row.text("subject");
  alert.key.policy = row.text("policy");
  alert.severity =
      read_enum(row, "severity", {Severity::none, Severity::warning, Severity::critical});
  alert.firing = row.boolean("firing");
  alert.resolved_reason = row.text("resolved_reason");
  alert.environment = row.text("environment");
  alert.owner = row.text("owner");
  alert.labels = read_texts(row, "labels");
  alert.annotations = read_texts(row, "annotations");
  alert.stage = static_cast<int>(row.int64("stage"));
  alert.sequence = row.int64("sequence");
  alert.started_at = row.time("started_at");
  alert.ended_at = row.optional_time("ended_at");
  alert.last_notified_at = row.time("last_notified_at");
  alert.told = read_numbers(row, "told");
  return alert;
}

namespace {

AlertGroup read_alert_group(const PgRow& row) {
  AlertGroup group;
  group.receiver = row.text("receiver");
  group.key = row.text("key");
  group.id = row.text("id");
  group.labels = read_texts(row, "labels");
  group.sequence = row.int64("sequence");
  group.flushed_at = row.time("flushed_at");
  return group;
}

}  // namespace

asio::awaitable<void> load_alerts(PgTransaction& transaction, Snapshot& snapshot,
                                  TimePoint ended_since) {
  PgParameters parameters;
  parameters.add(ended_since);
  auto add_alert = [&](const PgRow& row) { snapshot.alerts.push_back(read_alert(row)); };
  co_await visit_rows(transaction, "OpenAlerts", std::move(parameters), add_alert);
}

asio::awaitable<void> load_silences(PgTransaction& transaction, Snapshot& snapshot, TimePoint now) {
  auto add_group = [&](const PgRow& row) {
    snapshot.alert_groups.push_back(read_alert_group(row));
  };
  co_await visit_rows(transaction, "OpenAlertGroups", PgParameters(), add_group);
  PgParameters parameters;
  parameters.add(now);
  auto add_silence = [&](const PgRow& row) { snapshot.silences.push_back(read_silence(row)); };
  co_await visit_rows(transaction, "OpenSilences", std::move(parameters), add_silence);
  auto add_acknowledgement = [&](const PgRow& row) {
    snapshot.acknowledgements.push_back(read_acknowledgement(row));
  };
  co_await visit_rows(transaction, "OpenAcknowledgements", PgParameters(), add_acknowledgement);
}

}  // namespace ledger_parts
}  // namespace scanclock
