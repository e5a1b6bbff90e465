#include "alerts/receivers/pagerduty.hpp"

#include "alerts/message_facts.hpp"
#include "alerts/receivers/incident_key.hpp"
#include "alerts/receivers/plain_text.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

/// Room for the routing key, which is added when the event is sent.
constexpr std::size_t routing_key_bytes = 512;

const char* pagerduty_severity(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return "critical";
    case Severity::warning:
      return "warning";
    case Severity::none:
      break;
  }
  return "info";
}

json pagerduty_links(const MessageFacts& facts) {
  json links = json::array();
  for (const auto& [name, text] :
       {std::pair("url", "Details"), std::pair("runbook_url", "Runbook")}) {
    const auto found = facts.values.find(name);
    if (found != facts.values.end() && !found->second.empty()) {
      links.push_back({{"href", found->second}, {"text", text}});
    }
  }
  return links;
}

json pagerduty_details(const MessageFacts& facts, const std::string& text_template) {
  json details = json::object();
  if (!text_template.empty()) {
    details["text"] = message_text(facts, text_template);
    return details;
  }
  const auto description = facts.values.find("description");
  if (description != facts.values.end() && !description->second.empty()) {
    details["description"] = description->second;
  }
  for (const Fact& fact : facts_of(facts.values)) {
    details[fact.label] = fact.value;
  }
  if (facts.grouped) {
    json alerts = json::array();
    for (const AlertFacts& alert : facts.alerts) {
      json one = json::object();
      one["Summary"] = alert.values.find("summary")->second;
      one["State"] = alert.firing ? "firing" : "resolved";
      for (const Fact& fact : facts_of(alert.values)) {
        one[fact.label] = fact.value;
      }
      alerts.push_back(std::move(one));
    }
    details["Alerts"] = std::move(alerts);
    if (facts.left_out > 0) {
      details["Alerts left out"] = facts.left_out;
    }
  }
  return details;
}

}  // namespace

std::string render_pagerduty(const PagerDutyReceiver& receiver, const MessageInput& input,
                             const Notification& notification) {
  const MessageFacts facts = message_facts(input, notification);
  const bool resolves = facts.kind == AlertEventKind::resolved || facts.superseded;
  const auto value = [&](const char* name) { return facts.values.find(name)->second; };
  std::string source = value("image");
  if (source.empty()) {
    source = value("clusters").empty() ? "scanclock" : value("clusters");
  }
  const auto make = [&](const MessageFacts& shown) {
    json payload = {{"summary", cut_code_points(message_title(shown, receiver.templates.title),
                                                pagerduty_summary_max)},
                    {"source", source},
                    {"severity", pagerduty_severity(facts.severity)},
                    {"timestamp", format_rfc3339(input.at)},
                    {"class", value("rule").empty() ? "Scanclock" : value("rule")},
                    {"custom_details", pagerduty_details(shown, receiver.templates.text)}};
    for (const auto& [field, name] :
         {std::pair("component", "digest"), std::pair("group", "environment")}) {
      if (!value(name).empty()) {
        payload[field] = value(name);
      }
    }
    json event = {{"event_action", resolves ? "resolve" : "trigger"},
                  {"dedup_key", incident_key(notification.key, pagerduty_dedup_key_max)},
                  {"client", "Scanclock"},
                  {"links", pagerduty_links(shown)},
                  {"payload", std::move(payload)}};
    if (!value("url").empty()) {
      event["client_url"] = value("url");
    }
    return event.dump();
  };
  return fitted(facts, pagerduty_event_bytes_max - routing_key_bytes, make);
}

std::string with_routing_key(std::string_view event, std::string_view routing_key) {
  return "{\"routing_key\":" + json(routing_key).dump() + "," + std::string(event.substr(1));
}

}  // namespace scanclock::alerts
