#include "alerts/message_facts.hpp"

#include "alerts/alert_subject.hpp"
#include "alerts/image_rules.hpp"
#include "alerts/message.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "alerts/rule_parts.hpp"
#include "core/domain/views.hpp"

#include <algorithm>
#include <map>

namespace scanclock::alerts {
namespace {

using Values = MessageTemplate::Values;

/// Every value enters here, so that none is unclean or endless.
void set_value(Values& values, std::string_view name, std::string_view value) {
  // A character has four bytes at most: what lies beyond is not even read.
  const std::string_view read = value.substr(0, 4 * message_value_max + 4);
  values[std::string(name)] = cut_code_points(clean_line(read), message_value_max);
}

std::string value_of(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

std::string status_word(AlertEventKind kind, bool superseded) {
  return superseded ? "superseded" : std::string(to_string(kind));
}

bool is_superseded(const Alert& alert) { return alert.resolved_reason == superseded; }

void add_times(Values& values, const MessageInput& input, const Alert& alert,
               const ImageRecord* image) {
  set_value(values, "started_at", show_time(input, alert.started_at));
  if (alert.ended_at) {
    set_value(values, "ended_at", show_time(input, *alert.ended_at));
  }
  const PolicyStanding* standing =
      image == nullptr ? nullptr : find_standing(*image, alert.key.policy);
  std::optional<TimePoint> deadline = parse_rfc3339(annotation(alert, annotation_deadline));
  if (standing != nullptr) {
    deadline = standing->standing.deadline_at;
  }
  if (deadline) {
    set_value(values, "deadline_at", show_time(input, *deadline));
    set_value(values, *deadline <= input.at ? "overdue" : "remaining",
              describe_duration(Duration(*deadline - input.at)));
  }
}

void add_evidence(Values& values, const MessageInput& input, const Alert& alert,
                  const ImageRecord& image) {
  const EvidenceRecord* last =
      image.last_scan ? input.inventory.evidence(*image.last_scan) : nullptr;
  if (last != nullptr) {
    const ScanReport& report = last->evidence.report;
    if (report.finished_at) {
      set_value(values, "last_scan_at", show_time(input, *report.finished_at));
    }
    set_value(values, "scanner",
              report.scanner_version.empty() ? report.scanner
                                             : report.scanner + " " + report.scanner_version);
  }
  const auto rejected = rejected_latest(input.inventory, image, alert.key.policy);
  if (rejected) {
    set_value(values, "rejected",
              std::string(to_string(rejected->reason)) + ", " + show_time(input, rejected->at));
  }
}

/// Counts the containers; of a group's alerts, whose workloads no message lists, that is all.
void add_workloads(Values& values, const MessageInput& input, const Notification& notification,
                   const Alert& alert, const ImageRecord* image) {
  const auto containers = containers_of(input.inventory, alert, image);
  if (!containers.empty()) {
    set_value(values, "containers_total", std::to_string(containers.size()));
  }
  if (notification.grouped) {
    return;
  }
  std::map<std::string, std::size_t> workloads;
  for (const ContainerRecord* container : containers) {
    std::string place = container->source();
    for (const std::string* part : {&container->namespace_name(), &container->workload()}) {
      place += part->empty() ? "" : "/" + *part;
    }
    ++workloads[place];
  }
  std::vector<std::pair<std::string, std::size_t>> largest(workloads.begin(), workloads.end());
  std::stable_sort(largest.begin(), largest.end(),
                   [](const auto& left, const auto& right) { return left.second > right.second; });
  std::string text;
  constexpr std::size_t place_max = 150;
  for (std::size_t i = 0; i < std::min(largest.size(), message_workloads_max); ++i) {
    text += text.empty() ? "" : ", ";
    text += cut_code_points(clean_line(largest[i].first), place_max);
    text += largest[i].second > 1 ? " (" + std::to_string(largest[i].second) + ")" : "";
  }
  if (largest.size() > message_workloads_max) {
    text += " and " + std::to_string(largest.size() - message_workloads_max) + " more";
  }
  set_value(values, "workloads", text);
}

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : ", ") + item;
  }
  return text;
}

AlertFacts alert_facts(const MessageInput& input, const Notification& notification,
                       const Transition& transition) {
  const Alert& alert = transition.alert;
  const ImageRecord* image = image_of(input.inventory, alert);
  AlertFacts facts;
  facts.firing = alert.firing;
  facts.severity = alert.severity;
  Values& values = facts.values;
  for (const MessageVariable& variable : message_variables()) {
    values[std::string(variable.name)];
  }
  for (const char* name :
       {"summary", "description", "contact", "remediation", "runbook_url", "image"}) {
    set_value(values, name, annotation(alert, name));
  }
  set_value(values, "observation", annotation(alert, annotation_observation));
  set_value(values, "clusters", list_of(split_names(annotation(alert, annotation_clusters))));
  const AlertEventKind kind =
      transition.kind.value_or(alert.firing ? AlertEventKind::firing : AlertEventKind::resolved);
  set_value(values, "status", status_word(kind, is_superseded(alert)));
  set_value(values, "severity", to_string(alert.severity));
  set_value(values, "rule", alert.key.rule);
  set_value(values, "policy", alert.key.policy);
  set_value(values, "environment", alert.environment);
  set_value(values, "owner", alert.owner);
  set_value(values, "resolved_reason", alert.resolved_reason);
  set_value(values, "changed", list_of(transition.changed));
  set_value(values, "url", alert_url(input.external_url, alert.id));
  set_value(values, "receiver", notification.receiver);
  set_value(values, alert.firing ? "firing_count" : "resolved_count", "1");
  if (value_of(values, "summary").empty()) {
    set_value(values, "summary", alert.key.rule + ": " + alert.key.subject);
  }
  if (image != nullptr) {
    set_value(values, "image", asset_id(*image));
    set_value(values, "digest", image->digest.str());
    add_evidence(values, input, alert, *image);
  } else if (alert.labels.contains("digest")) {
    set_value(values, "digest", alert.labels.at("digest"));
  }
  add_times(values, input, alert, image);
  add_workloads(values, input, notification, alert, image);
  return facts;
}

std::string group_name(const Notification& notification) {
  std::string text;
  for (const auto& [label, value] : notification.group_labels) {
    text += (text.empty() ? "" : ", ") + label + " " + (value.empty() ? "none" : value);
  }
  return text;
}

std::string group_summary(const Notification& notification) {
  std::string text;
  if (notification.firing > 0) {
    text = std::to_string(notification.firing) +
           (notification.firing == 1 ? " alert fires" : " alerts fire");
  }
  if (notification.resolved > 0) {
    text += (text.empty() ? "" : ", ") + std::to_string(notification.resolved) +
            (notification.resolved == 1 ? " alert ended" : " alerts ended");
  }
  const std::string name = group_name(notification);
  return name.empty() ? text : text + ": " + name;
}

/// Keeps what all alerts share.
Values shared_values(const std::vector<AlertFacts>& alerts) {
  if (alerts.empty()) {
    return {};
  }
  Values shared = alerts.front().values;
  for (const AlertFacts& alert : alerts) {
    for (auto& [name, value] : shared) {
      if (value != value_of(alert.values, name)) {
        value.clear();
      }
    }
  }
  return shared;
}

}  // namespace

std::string show_time(const MessageInput& input, TimePoint time) {
  if (input.show_time) {
    return input.show_time(time);
  }
  std::string text = format_rfc3339(std::chrono::floor<std::chrono::minutes>(time));
  // 2026-11-01T12:00:00Z
  constexpr std::size_t date_length = 10;
  constexpr std::size_t minute_end = 16;
  return text.substr(0, date_length) + " " +
         text.substr(date_length + 1, minute_end - date_length - 1) + " UTC";
}

MessageFacts message_facts(const MessageInput& input, const Notification& notification) {
  MessageFacts facts;
  facts.severity = notification.severity;
  facts.kind = notification.kind;
  facts.grouped = notification.grouped;
  facts.left_out = notification.truncated;
  for (const Transition& transition : notification.alerts) {
    facts.alerts.push_back(alert_facts(input, notification, transition));
  }
  if (!notification.grouped && !notification.alerts.empty()) {
    facts.values = facts.alerts.front().values;
    facts.superseded = is_superseded(notification.alerts.front().alert);
    return facts;
  }
  facts.values = shared_values(facts.alerts);
  set_value(facts.values, "status", status_word(notification.kind, false));
  set_value(facts.values, "severity", to_string(notification.severity));
  set_value(facts.values, "group", group_name(notification));
  set_value(facts.values, "firing_count", std::to_string(notification.firing));
  set_value(facts.values, "resolved_count", std::to_string(notification.resolved));
  set_value(facts.values, "receiver", notification.receiver);
  const std::size_t total = notification.firing + notification.resolved;
  if (total != 1 || value_of(facts.values, "summary").empty()) {
    set_value(facts.values, "summary", group_summary(notification));
  }
  if (value_of(facts.values, "url").empty()) {
    set_value(facts.values, "url", input.external_url);
  }
  return facts;
}

}  // namespace scanclock::alerts
