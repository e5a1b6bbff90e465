#pragma once

#include "alerts/rules.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What the rule families share.
namespace scanclock::alerts {

/// Names and values of a condition that are the same for every family: identity labels, runbook
/// and remediation. `subject_label` is `digest`, `image`, `registry` or `source`. Severity,
/// environment, owner and key must be set before.
void complete(Condition& condition, std::string_view subject_label, const RuleSettings& settings);

void set_annotation(Condition& condition, std::string_view name, std::string value);
/// Empty when the alert lacks it.
std::string_view annotation(const Alert& alert, std::string_view name);

/// `production` when any of them is, otherwise the first that is not empty.
std::string worst_environment(const std::vector<std::string>& environments);

std::string join_names(const std::set<std::string>& names);
std::vector<std::string> split_names(std::string_view text);

/// False while a source of the comma-separated list is failing: its view is not complete. Sources
/// that are configured no more do not count.
bool views_complete(const SourceBook& sources, std::string_view names);

/// The earlier of both, if any.
void keep_earlier(std::optional<TimePoint>& next, TimePoint candidate);

}  // namespace scanclock::alerts
