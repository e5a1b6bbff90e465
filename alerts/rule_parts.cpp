#include "alerts/rule_parts.hpp"

#include "core/domain/scope.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock::alerts {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

void set_label(Condition& condition, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    condition.labels[std::string(name)] = value;
  }
}

}  // namespace

void complete(Condition& condition, std::string_view subject_label, const RuleSettings& settings) {
  set_label(condition, "alertname", condition.key.rule);
  set_label(condition, subject_label, condition.key.subject);
  set_label(condition, "policy", condition.key.policy);
  set_label(condition, "environment", condition.environment);
  set_label(condition, "owner", condition.owner);
  set_label(condition, "severity", to_string(condition.severity));
  for (const RuleText& text : rule_texts()) {
    if (text.rule == condition.key.rule) {
      set_annotation(condition, "remediation", std::string(text.remediation));
    }
  }
  if (!settings.runbook_base.empty()) {
    set_annotation(condition, "runbook_url",
                   settings.runbook_base + "#" + lower_case(condition.key.rule));
  }
}

void set_annotation(Condition& condition, std::string_view name, std::string value) {
  condition.annotations[std::string(name)] = std::move(value);
}

std::string_view annotation(const Alert& alert, std::string_view name) {
  const auto found = alert.annotations.find(std::string(name));
  return found == alert.annotations.end() ? std::string_view() : std::string_view(found->second);
}

std::string worst_environment(const std::vector<std::string>& environments) {
  std::string worst;
  for (const std::string& environment : environments) {
    if (worst.empty() || environment == production_environment) {
      worst = environment;
    }
  }
  return worst;
}

std::string join_names(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? name : "," + name;
  }
  return text;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma != 0) {
      names.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

bool views_complete(const SourceBook& sources, std::string_view names) {
  const std::vector<std::string> list = split_names(names);
  return std::none_of(list.begin(), list.end(), [&](const std::string& name) {
    const SourceStatus* status = sources.find(name);
    return status != nullptr && status->failing_since;
  });
}

void keep_earlier(std::optional<TimePoint>& next, TimePoint candidate) {
  if (!next || candidate < *next) {
    next = candidate;
  }
}

}  // namespace scanclock::alerts
