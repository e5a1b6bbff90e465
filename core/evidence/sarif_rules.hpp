#pragma once

#include "core/evidence/severity.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::evidence {

/// What a SARIF rule (OASIS SARIF 2.1.0, 3.49) says about the results that name it.
struct SarifRule {
  /// Whether it stands for a known vulnerability, by its id or a tag.
  bool vulnerability = false;
  std::optional<Severity> severity;
  std::string level;
};

struct SarifRules {
  std::map<std::string, SarifRule> by_id;
  std::vector<std::string> ids;
};

SarifRules read_sarif_rules(ScanReport& report, const nlohmann::json& driver);

/// The id of the rule that a result names by itself, by its rule or by its index.
std::string sarif_rule_id(const nlohmann::json& result, const SarifRules& rules);

/// The rule of that id; one made from the id alone where the run does not list it.
SarifRule sarif_rule(const SarifRules& rules, const std::string& id);

/// The vulnerability in a rule id: Grype appends the package (`CVE-2023-4039-gcc-12`).
std::string_view sarif_vulnerability_id(std::string_view rule_id);

/// False for passed, absent and suppressed results (3.27.9 to 3.27.24), which are no findings.
bool is_sarif_finding(const nlohmann::json& result);

Severity sarif_severity(const nlohmann::json& result, const SarifRule& rule);

/// ASCII letters in lower case.
std::string sarif_lower(std::string text);

}  // namespace scanclock::evidence
