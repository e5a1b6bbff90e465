#include "alerts/message.hpp"

#include "alerts/alert_subject.hpp"
#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"
#include "core/domain/views.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

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
                    const ImageRecord* image) {
  const auto containers = containers_of(input.inventory, alert, image);
  json shown = json::array();
  for (const ContainerRecord* container : containers) {
    if (shown.size() == message_containers_max) {
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
  annotations.erase(std::string(annotation_receivers));
  for (const char* name : {"summary", "description", "remediation", "runbook_url"}) {
    if (!annotations.contains(name)) {
      annotations[name] = "";
    }
  }
  return annotations;
}

/// Texts of others (labels, reasons) may hold invalid UTF-8, which must not lose a message.
std::string dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string message_type(const Transition& transition) {
  if (transition.kind == AlertEventKind::updated ||
      transition.alert.resolved_reason == "superseded") {
    return "scanclock.alert.updated";
  }
  return transition.kind == AlertEventKind::resolved ? "scanclock.alert.resolved"
                                                     : "scanclock.alert.firing";
}

std::string webhook_body(const MessageInput& input, const Transition& transition) {
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
  add_containers(data, input, alert, image);
  const json body = {{"type", message_type(transition)},
                     {"timestamp", format_rfc3339(input.at)},
                     {"data", std::move(data)}};
  return dump(body);
}

std::string alertmanager_webhook_body(const MessageInput& input, const Transition& transition,
                                      const std::string& receiver) {
  const Alert& alert = transition.alert;
  const std::string status = alert.firing ? "firing" : "resolved";
  const json annotations = shown_annotations(alert);
  const json one = {{"status", status},
                    {"labels", alert.labels},
                    {"annotations", annotations},
                    {"startsAt", format_rfc3339(alert.started_at)},
                    {"endsAt", alert.ended_at ? format_rfc3339(*alert.ended_at)
                                              : std::string("0001-01-01T00:00:00Z")},
                    {"generatorURL", alert_url(input.external_url, alert.id)},
                    {"fingerprint", fingerprint_of(alert.labels)}};
  const json body = {{"version", "4"},
                     {"groupKey", "{}:{id=\"" + alert.id + "\"}"},
                     {"truncatedAlerts", 0},
                     {"status", status},
                     {"receiver", receiver},
                     {"groupLabels", alert.labels},
                     {"commonLabels", alert.labels},
                     {"commonAnnotations", annotations},
                     {"externalURL", input.external_url},
                     {"alerts", json::array({one})}};
  return dump(body);
}

std::string heartbeat_body(const MessageInput& input, const RuleSettings& settings,
                           const std::string& id, TimePoint started_at) {
  const Condition condition = watchdog(settings);
  Transition transition;
  transition.kind = AlertEventKind::repeated;
  transition.alert.id = id;
  transition.alert.key = condition.key;
  transition.alert.severity = condition.severity;
  transition.alert.labels = condition.labels;
  transition.alert.annotations = condition.annotations;
  transition.alert.started_at = started_at;
  return webhook_body(input, transition);
}

std::string fingerprint_of(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += name + '\xff' + value + '\xff';
  }
  return std::string(sha256(text).hex().substr(0, 16));
}

std::string alert_url(const std::string& external_url, const std::string& alert_id) {
  return external_url.empty() ? std::string() : external_url + "/#alert-" + alert_id;
}

}  // namespace scanclock::alerts
