#include "alerts/receivers/opsgenie.hpp"

#include "alerts/message_facts.hpp"
#include "alerts/receivers/incident_key.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "core/net/url.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

const char* opsgenie_priority(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "P1";
    case Severity::warning:
      return "P3";
    case Severity::none:
      break;
  }
  return "P5";
}

json opsgenie_details(const MessageFacts& facts) {
  json details = json::object();
  std::size_t length = 0;
  for (const Fact& fact : facts_of(facts.values)) {
    const std::string value = cut_code_points(fact.value, 1000);
    length += code_points_of(fact.label) + code_points_of(value);
    if (length > opsgenie_details_max) {
      break;
    }
    details[fact.label] = value;
  }
  return details;
}

json opsgenie_tags(const MessageFacts& facts) {
  json tags = json::array({"scanclock"});
  for (const char* name : {"severity", "rule", "environment", "owner", "policy"}) {
    const std::string& value = facts.values.find(name)->second;
    // Opsgenie's pages separate tags by commas.
    if (!value.empty() && value.find(',') == std::string::npos) {
      tags.push_back(cut_code_points(value, opsgenie_tag_max));
    }
  }
  return tags;
}

json opsgenie_request(const char* method, const std::string& path, json body) {
  return {{"method", method}, {"path", path}, {"body", std::move(body)}};
}

}  // namespace

std::string render_opsgenie(const OpsgenieReceiver& receiver, const MessageInput& input,
                            const Notification& notification) {
  const MessageFacts facts = message_facts(input, notification);
  const std::string alias = incident_key(notification.key, opsgenie_alias_max);
  const std::string of_alert = "/v2/alerts/" + percent_encode(alias);
  const std::string by_alias = "?identifierType=alias";
  const std::string title =
      cut_code_points(message_title(facts, receiver.templates.title), opsgenie_message_max);
  const std::string text = cut_code_points(
      message_text(shortened(facts, {group_alerts_max, 300}), receiver.templates.text),
      opsgenie_description_max);
  json requests = json::array();
  if (facts.kind == AlertEventKind::resolved || facts.superseded) {
    const json body = {{"source", "Scanclock"}, {"user", "Scanclock"}, {"note", title}};
    requests.push_back(opsgenie_request("POST", of_alert + "/close" + by_alias, body));
    return json({{"opsgenie", std::move(requests)}}).dump();
  }
  const char* priority = opsgenie_priority(facts.severity);
  json body = {{"message", title},
               {"alias", alias},
               {"description", text},
               {"details", opsgenie_details(facts)},
               {"tags", opsgenie_tags(facts)},
               {"source", "Scanclock"},
               {"priority", priority}};
  const std::string& image = facts.values.find("image")->second;
  if (!image.empty()) {
    body["entity"] = cut_code_points(image, opsgenie_entity_max);
  }
  requests.push_back(opsgenie_request("POST", "/v2/alerts", std::move(body)));
  if (facts.kind == AlertEventKind::updated) {
    const auto change = [&](const char* field, const std::string& value) {
      json changed = {{field, value}};
      requests.push_back(opsgenie_request("PUT", of_alert + "/" + field + by_alias, changed));
    };
    change("message", title);
    change("description", text);
    change("priority", priority);
  }
  return json({{"opsgenie", std::move(requests)}}).dump();
}

std::vector<OpsgenieRequest> opsgenie_requests(std::string_view message) {
  const json parsed = json::parse(message, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("opsgenie") || !parsed["opsgenie"].is_array()) {
    return {};
  }
  std::vector<OpsgenieRequest> requests;
  for (const json& one : parsed["opsgenie"]) {
    const bool is_request = one.is_object() && one.contains("method") && one.contains("path") &&
                            one.contains("body") && one["method"].is_string() &&
                            one["path"].is_string();
    if (!is_request || requests.size() == opsgenie_requests_max ||
        !one["path"].get_ref<const std::string&>().starts_with("/v2/alerts")) {
      return {};
    }
    OpsgenieRequest request;
    request.method = one["method"];
    request.path = one["path"];
    request.body = one["body"].dump();
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace scanclock::alerts
