#include "core/evidence/sarif_rules.hpp"

#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 14> vulnerability_id_prefixes = {
    "CVE-", "GHSA-", "RHSA-",    "ELSA-", "ALAS",   "DSA-", "DLA-",
    "USN-", "TEMP-", "RUSTSEC-", "GO-20", "PYSEC-", "OSV-", "SUSE-SU-",
};

bool is_vulnerability_id(std::string_view id) {
  return std::any_of(vulnerability_id_prefixes.begin(), vulnerability_id_prefixes.end(),
                     [&](std::string_view prefix) { return id.starts_with(prefix); });
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

SarifRule read_sarif_rule(const json& description, std::string_view id) {
  SarifRule rule;
  rule.vulnerability = is_vulnerability_id(id);
  if (const json* configuration = find_any(description, "defaultConfiguration")) {
    rule.level = text_or_empty(*configuration, "level");
  }
  const json* properties = find_any(description, "properties");
  if (properties == nullptr) {
    return rule;
  }
  if (const json* score = find_any(*properties, "security-severity")) {
    rule.severity = severity_from_score(*score);
  }
  const json* tags = find_any(*properties, "tags");
  if (tags == nullptr || !tags->is_array()) {
    return rule;
  }
  for (const json& tag : *tags) {
    if (!tag.is_string()) {
      continue;
    }
    const auto& word = tag.get_ref<const std::string&>();
    rule.vulnerability = rule.vulnerability || sarif_lower(word) == "vulnerability";
    if (const auto severity = severity_from_word(word)) {
      rule.severity = severity;
    }
  }
  return rule;
}

}  // namespace

std::string sarif_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  });
  return text;
}

SarifRules read_sarif_rules(ScanReport& report, const json& driver) {
  SarifRules rules;
  const json* descriptions = find_array(report, driver, "runs[].tool.driver.rules");
  if (descriptions == nullptr) {
    return rules;
  }
  for (const json& description : *descriptions) {
    const std::string id = text_or_empty(description, "id");
    rules.ids.push_back(id);
    rules.by_id.emplace(id, read_sarif_rule(description, id));
  }
  return rules;
}

std::string sarif_rule_id(const json& result, const SarifRules& rules) {
  std::string id = text_or_empty(result, "ruleId");
  const json* index = find_any(result, "ruleIndex");
  if (const json* reference = find_any(result, "rule")) {
    id = id.empty() ? text_or_empty(*reference, "id") : id;
    index = index == nullptr ? find_any(*reference, "index") : index;
  }
  if (id.empty() && index != nullptr && index->is_number_unsigned()) {
    const auto at = index->get<std::uint64_t>();
    id = at < rules.ids.size() ? rules.ids[at] : id;
  }
  return id;
}

SarifRule sarif_rule(const SarifRules& rules, const std::string& id) {
  const auto found = rules.by_id.find(id);
  return found != rules.by_id.end() ? found->second : read_sarif_rule(json::object(), id);
}

std::string_view sarif_vulnerability_id(std::string_view rule_id) {
  constexpr std::string_view cve = "CVE-";
  constexpr std::string_view ghsa = "GHSA-";
  constexpr std::size_t ghsa_size = std::string_view("GHSA-xxxx-xxxx-xxxx").size();
  constexpr std::size_t cve_year_end = std::string_view("CVE-2023-").size();
  if (rule_id.starts_with(ghsa)) {
    return rule_id.substr(0, ghsa_size);
  }
  if (!rule_id.starts_with(cve) || rule_id.size() < cve_year_end) {
    return rule_id;
  }
  const auto* end = std::find_if_not(rule_id.begin() + cve_year_end, rule_id.end(), is_digit);
  return rule_id.substr(0, static_cast<std::size_t>(end - rule_id.begin()));
}

bool is_sarif_finding(const json& result) {
  const std::string kind = text_or_empty(result, "kind");
  if (!kind.empty() && kind != "fail" && kind != "open" && kind != "review") {
    return false;
  }
  const json* suppressions = find_any(result, "suppressions");
  const bool suppressed =
      suppressions != nullptr && suppressions->is_array() && !suppressions->empty();
  return !suppressed && text_or_empty(result, "baselineState") != "absent";
}

Severity sarif_severity(const json& result, const SarifRule& rule) {
  if (rule.severity) {
    return *rule.severity;
  }
  std::string level = text_or_empty(result, "level");
  level = level.empty() ? rule.level : level;
  if (level == "error") {
    return Severity::high;
  }
  if (level == "note") {
    return Severity::low;
  }
  return level == "none" ? Severity::unknown : Severity::medium;
}

}  // namespace scanclock::evidence
