#include "daemon/api/alerting_json.hpp"

#include "daemon/api/json_values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {

std::string_view silence_state(const Silence& silence, TimePoint now) {
  const bool is_ended = silence.expires_at <= now || (silence.ended_at && *silence.ended_at <= now);
  if (is_ended) {
    return "expired";
  }
  return silence.starts_at <= now ? "active" : "pending";
}

nlohmann::json silence_json(const Silence& silence, TimePoint now) {
  nlohmann::json json;
  json["id"] = silence.id;
  json["state"] = silence_state(silence, now);
  json["matchers"] = nlohmann::json::array();
  for (const LabelMatcher& matcher : silence.matchers) {
    json["matchers"].push_back(to_string(matcher));
  }
  json["author"] = silence.author;
  json["reason"] = silence.reason;
  json["created_at"] = format_rfc3339(silence.created_at);
  json["starts_at"] = format_rfc3339(silence.starts_at);
  json["expires_at"] = format_rfc3339(silence.expires_at);
  json["ended_at"] = time_or_null(silence.ended_at);
  json["ended_by"] = text_or_null(silence.ended_by);
  return json;
}

nlohmann::json acknowledgement_json(const Acknowledgement& taken) {
  nlohmann::json json;
  json["alert_id"] = taken.alert_id;
  json["author"] = taken.author;
  json["reason"] = taken.reason;
  json["at"] = format_rfc3339(taken.at);
  json["expires_at"] = format_rfc3339(taken.expires_at);
  json["ended_at"] = time_or_null(taken.ended_at);
  return json;
}

nlohmann::json notification_json(const NotificationRecord& record) {
  nlohmann::json json;
  json["id"] = record.id;
  json["receiver"] = record.receiver;
  json["type"] = record.type;
  json["alert_id"] = record.alert_id;
  json["alert_ids"] = record.alert_ids;
  if (record.alert_ids.empty()) {
    json["alert_ids"].push_back(record.alert_id);
  }
  json["alerts_total"] = std::max<std::int64_t>(record.grouped_alerts, 1);
  json["sequence"] = record.sequence;
  json["state"] = to_string(record.state);
  json["created_at"] = format_rfc3339(record.created_at);
  json["next_attempt_at"] = time_or_null(record.next_attempt_at);
  json["finished_at"] = time_or_null(record.finished_at);
  json["last_error"] = text_or_null(record.last_error);
  json["attempts_made"] = record.attempts_made;
  json["attempts"] = nlohmann::json::array();
  for (const NotificationAttempt& attempt : record.attempts) {
    nlohmann::json item;
    item["number"] = attempt.number;
    item["at"] = format_rfc3339(attempt.at);
    item["outcome"] = attempt.outcome;
    item["status"] = attempt.status == 0 ? nlohmann::json() : nlohmann::json(attempt.status);
    item["error"] = text_or_null(attempt.error);
    json["attempts"].push_back(std::move(item));
  }
  return json;
}

}  // namespace scanclock
