#include "alerts/message.hpp"

#include "alerts/alert_subject.hpp"
#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"
#include "core/domain/views.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

json text_or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(text); }

json clusters_json(const Alert& alert) {
  return json(split_names(annotation(alert, annotation_clusters)));
}

json rejected_json(const Inventory& inventory, const ImageRecord& image,
                   const std::string& policy) {
  const auto rejected = rejected_latest(inventory, image, policy);
  if (!rejected) {
    return nullptr;
  }
  return {{"reason", to_string(rejected->reason)}, {"at", format_rfc3339(rejected->at)}};
}

void add_image(json& data, const MessageInput& input, const Alert& alert,
               const ImageRecord* image) {
  data["image"] = nullptr;
  data["verdict"] = nullptr;
  data["observation"] = nullptr;
  data["overdue_seconds"] = nullptr;
  data["deadline_at"] = nullptr;
  data["last_scan"] = nullptr;
  data["rejected_latest"] = nullptr;
  if (image == nullptr) {
    return;
  }
  data["image"] = image_json(input.inventory, *image);
  data["observation"] = data["image"]["observation"];
  data["last_scan"] = data["image"]["last_scan"];
  data["verdict"] = to_string(verdict_of(image->state, image->platform_unproven));
  const PolicyStanding* standing = find_standing(*image, alert.key.policy);
  if (standing == nullptr) {
    return;
  }
  const TimePoint deadline = standing->standing.deadline_at;
  const auto overdue = std::chrono::floor<std::chrono::seconds>(input.at - deadline);
  data["verdict"] = to_string(verdict_of(standing->standing.state, image->platform_unproven));
  data["deadline_at"] = format_rfc3339(deadline);
  data["overdue_seconds"] = std::max<std::int64_t>(overdue.count(), 0);
  data["rejected_latest"] = rejected_json(input.inventory, *image, alert.key.policy);
}

void add_containers(json& data, const MessageInput& input, const Alert& alert,
                    const ImageRecord* image, std::size_t containers_max) {
  const auto containers = containers_of(input.inventory, alert, image);
  json shown = json::array();
  for (const ContainerRecord* container : containers) {
    if (shown.size() == containers_max) {
      break;
    }
    shown.push_back(container_json(input.inventory, *container));
  }
  if (image == nullptr && !containers.empty()) {
    data["verdict"] = to_string(containers.front()->verdict());
  }
  data["clusters"] = clusters_json(alert);
  data["containers"] = std::move(shown);
  data["containers_total"] = containers.size();
}

json shown_annotations(const Alert& alert) {
  json annotations = alert.annotations;
  for (const char* name : {"summary", "description", "remediation", "runbook_url"}) {
    if (!annotations.contains(name)) {
      annotations[name] = "";
    }
  }
  return annotations;
}

/// The `data` of a message about one alert, and an entry of a group's `alerts`.
json alert_data(const MessageInput& input, const Transition& transition,
                std::size_t containers_max) {
  const Alert& alert = transition.alert;
  const ImageRecord* image = image_of(input.inventory, alert);
  json data = {{"id", alert.id},
               {"sequence", alert.sequence},
               {"rule", alert.key.rule},
               {"severity", to_string(alert.severity)},
               {"state", alert.firing ? "firing" : "resolved"},
               {"resolved_reason", text_or_null(alert.resolved_reason)},
               {"changed", transition.changed},
               {"policy", text_or_null(alert.key.policy)},
               {"environment", text_or_null(alert.environment)},
               {"owner", text_or_null(alert.owner)},
               {"labels", alert.labels},
               {"annotations", shown_annotations(alert)},
               {"started_at", format_rfc3339(alert.started_at)},
               {"ended_at", alert.ended_at ? json(format_rfc3339(*alert.ended_at)) : json(nullptr)},
               {"url", text_or_null(alert_url(input.external_url, alert.id))}};
  add_image(data, input, alert, image);
  add_containers(data, input, alert, image, containers_max);
  return data;
}

json group_data(const MessageInput& input, const Notification& notification) {
  json alerts = json::array();
  for (const Transition& transition : notification.alerts) {
    alerts.push_back(alert_data(input, transition, group_containers_max));
  }
  return {{"id", notification.key},
          {"sequence", notification.sequence},
          {"group_key", notification.group_key},
          {"labels", notification.group_labels},
          {"state", notification.firing > 0 ? "firing" : "resolved"},
          {"cause", to_string(notification.kind)},
          {"severity", to_string(notification.severity)},
          {"counts", {{"firing", notification.firing}, {"resolved", notification.resolved}}},
          {"alerts", std::move(alerts)},
          {"truncated_alerts", notification.truncated},
          {"url", text_or_null(input.external_url.empty() ? "" : input.external_url + "/alerts")}};
}

/// Texts of others (labels, reasons) may hold invalid UTF-8, which must not lose a message.
std::string dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What all maps have, with the same value.
json common_entries(const json& alerts, const char* field) {
  json common = json::object();
  if (alerts.empty()) {
    return common;
  }
  for (const auto& [name, value] : alerts.front()[field].items()) {
    const bool everywhere = std::all_of(alerts.begin(), alerts.end(), [&](const json& alert) {
      const auto found = alert[field].find(name);
      return found != alert[field].end() && *found == value;
    });
    if (everywhere) {
      common[name] = value;
    }
  }
  return common;
}

json alertmanager_alert(const MessageInput& input, const Alert& alert) {
  return {{"status", alert.firing ? "firing" : "resolved"},
          {"labels", alert.labels},
          {"annotations", shown_annotations(alert)},
          {"startsAt", format_rfc3339(alert.started_at)},
          {"endsAt",
           alert.ended_at ? format_rfc3339(*alert.ended_at) : std::string("0001-01-01T00:00:00Z")},
          {"generatorURL", alert_url(input.external_url, alert.id)},
          {"fingerprint", fingerprint_of(alert.labels)}};
}

}  // namespace

std::string message_type(const Transition& transition) {
  if (transition.kind == AlertEventKind::updated ||
      transition.alert.resolved_reason == superseded) {
    return "scanclock.alert.updated";
  }
  return transition.kind == AlertEventKind::resolved ? "scanclock.alert.resolved"
                                                     : "scanclock.alert.firing";
}

std::string notification_type(const Notification& notification) {
  return notification.grouped ? "scanclock.group" : message_type(notification.alerts.at(0));
}

std::string webhook_notification_body(const MessageInput& input, const Notification& notification) {
  const json body = {{"type", notification_type(notification)},
                     {"timestamp", format_rfc3339(input.at)},
                     {"data", notification.grouped ? group_data(input, notification)
                                                   : alert_data(input, notification.alerts.at(0),
                                                                message_containers_max)}};
  return dump(body);
}

std::string alertmanager_notification_body(const MessageInput& input,
                                           const Notification& notification) {
  json alerts = json::array();
  for (const Transition& transition : notification.alerts) {
    alerts.push_back(alertmanager_alert(input, transition.alert));
  }
  const bool grouped = notification.grouped;
  const std::string group_key =
      grouped ? "{}:" + notification.group_key : "{}:{id=\"" + notification.key + "\"}";
  const json common_labels = common_entries(alerts, "labels");
  const json body = {{"version", "4"},
                     {"groupKey", group_key},
                     {"truncatedAlerts", notification.truncated},
                     {"status", notification.firing > 0 ? "firing" : "resolved"},
                     {"receiver", notification.receiver},
                     {"groupLabels", grouped ? json(notification.group_labels) : common_labels},
                     {"commonLabels", common_labels},
                     {"commonAnnotations", common_entries(alerts, "annotations")},
                     {"externalURL", input.external_url},
                     {"alerts", alerts}};
  return dump(body);
}

Notification notification_of(Transition transition, std::string receiver, std::string message_id) {
  Notification notification;
  notification.key = transition.alert.id;
  notification.message_id = std::move(message_id);
  notification.receiver = std::move(receiver);
  notification.sequence = transition.alert.sequence;
  notification.kind = transition.kind.value_or(AlertEventKind::firing);
  notification.severity = transition.alert.severity;
  (transition.alert.firing ? notification.firing : notification.resolved) = 1;
  notification.alerts.push_back(std::move(transition));
  return notification;
}

Notification heartbeat_notification(const RuleSettings& settings, const std::string& receiver,
                                    const std::string& message_id, TimePoint started_at) {
  const Condition condition = watchdog(settings);
  Transition transition;
  transition.kind = AlertEventKind::repeated;
  transition.alert.id = message_id;
  transition.alert.key = condition.key;
  transition.alert.severity = condition.severity;
  transition.alert.labels = condition.labels;
  transition.alert.annotations = condition.annotations;
  transition.alert.started_at = started_at;
  Notification notification = notification_of(std::move(transition), receiver, message_id);
  notification.key = rule_watchdog;
  return notification;
}

std::string fingerprint_of(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += name + '\xff' + value + '\xff';
  }
  return std::string(sha256(text).hex().substr(0, 16));
}

std::string alert_url(const std::string& external_url, const std::string& alert_id) {
  return external_url.empty() ? std::string() : external_url + "/alerts/" + alert_id;
}

}  // namespace scanclock::alerts
