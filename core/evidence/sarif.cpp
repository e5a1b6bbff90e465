#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/severity.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

// Tools that match packages with vulnerabilities, by the start of tool.driver.name in lower case.
constexpr std::array<std::string_view, 8> scanner_families = {
    "trivy",       "grype", "snyk container", "docker scout",
    "osv-scanner", "clair", "neuvector",      "jfrog xray",
};

constexpr std::array<std::string_view, 14> vulnerability_id_prefixes = {
    "CVE-", "GHSA-", "RHSA-",    "ELSA-", "ALAS",   "DSA-", "DLA-",
    "USN-", "TEMP-", "RUSTSEC-", "GO-20", "PYSEC-", "OSV-", "SUSE-SU-",
};

struct Rule {
  bool vulnerability = false;
  std::optional<Severity> severity;
  std::string level;
};

struct Rules {
  std::map<std::string, Rule> by_id;
  std::vector<std::string> ids;
};

bool is_vulnerability_id(std::string_view id) {
  return std::any_of(vulnerability_id_prefixes.begin(), vulnerability_id_prefixes.end(),
                     [&](std::string_view prefix) { return id.starts_with(prefix); });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
  });
  return text;
}

Rule read_rule(const json& description, std::string_view id) {
  Rule rule;
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
    rule.vulnerability = rule.vulnerability || lower(word) == "vulnerability";
    if (const auto severity = severity_from_word(word)) {
      rule.severity = severity;
    }
  }
  return rule;
}

Rules read_rules(ScanReport& report, const json& driver) {
  Rules rules;
  const json* descriptions = find_array(report, driver, "runs[].tool.driver.rules");
  if (descriptions == nullptr) {
    return rules;
  }
  for (const json& description : *descriptions) {
    const std::string id = text_or_empty(description, "id");
    rules.ids.push_back(id);
    rules.by_id.emplace(id, read_rule(description, id));
  }
  return rules;
}

std::string rule_id_of(const json& result, const Rules& rules) {
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

// SARIF 2.1.0, 3.27.9 to 3.27.24: passed, absent and suppressed results are no findings.
bool is_finding(const json& result) {
  const std::string kind = text_or_empty(result, "kind");
  if (!kind.empty() && kind != "fail" && kind != "open" && kind != "review") {
    return false;
  }
  const json* suppressions = find_any(result, "suppressions");
  const bool suppressed =
      suppressions != nullptr && suppressions->is_array() && !suppressions->empty();
  return !suppressed && text_or_empty(result, "baselineState") != "absent";
}

Severity severity_of(const json& result, const Rule& rule) {
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

/// One run, before it is known whether it belongs to a vulnerability scanner.
struct Run {
  bool has_results = false;
  bool vulnerabilities = false;
  SeverityCounts counts;
};

Run read_results(ScanReport& report, const json& run, const json& driver) {
  Run outcome;
  const Rules rules = read_rules(report, driver);
  const json* results = find_array(report, run, "runs[].results");
  if (results == nullptr) {
    return outcome;
  }
  outcome.has_results = !results->empty();
  for (const json& result : *results) {
    const std::string id = rule_id_of(result, rules);
    const auto found = rules.by_id.find(id);
    const Rule rule = found != rules.by_id.end() ? found->second : read_rule(json::object(), id);
    if (!rule.vulnerability) {
      continue;
    }
    outcome.vulnerabilities = true;
    if (is_finding(result)) {
      count(outcome.counts, severity_of(result, rule));
    }
  }
  return outcome;
}

/// False where the run gives no time.
bool read_invocations(ScanReport& report, const json& run, const std::string& run_path) {
  const json* invocations = find_array(report, run, run_path + ".invocations");
  if (invocations == nullptr) {
    return false;
  }
  std::optional<TimePoint> latest;
  std::string latest_path;
  for (std::size_t index = 0; index < invocations->size(); ++index) {
    const json& invocation = (*invocations)[index];
    const std::string path = run_path + ".invocations[" + std::to_string(index) + "]";
    if (const json* successful = find_any(invocation, "executionSuccessful");
        successful != nullptr && *successful != json(true)) {
      note_defect(report, Rejection::scan_failed, path + ".executionSuccessful is not true");
    }
    std::string time_path = path + ".endTimeUtc";
    auto time = find_time(report, invocation, time_path, Zone::utc_when_absent);
    if (!time) {
      time_path = path + ".startTimeUtc";
      time = find_time(report, invocation, time_path, Zone::utc_when_absent);
    }
    if (time && (!latest || *time > *latest)) {
      latest = time;
      latest_path = std::move(time_path);
    }
  }
  note_finish(report, latest, latest_path);
  return latest.has_value();
}

void read_properties(ScanReport& report, const json& run) {
  const json* properties = find_object(report, run, "runs[].properties");
  if (properties == nullptr) {
    return;
  }
  add_name(report, text_or_empty(*properties, "imageName"));
  if (const json* tags = find_any(*properties, "repoTags"); tags && tags->is_array()) {
    for (const json& tag : *tags) {
      add_name(report, tag.is_string() ? tag.get_ref<const std::string&>() : std::string());
    }
  }
  if (const json* references = find_any(*properties, "repoDigests")) {
    add_subject_references(report, references->is_array() ? references : nullptr);
  }
  if (const auto config = Digest::parse(text_or_empty(*properties, "imageID"))) {
    report.subject_config = report.subject_config.empty() ? *config : report.subject_config;
  }
}

std::string_view family_of(const std::string& driver_name) {
  const std::string name = lower(driver_name);
  const auto found =
      std::find_if(scanner_families.begin(), scanner_families.end(),
                   [&](std::string_view family) { return name.starts_with(family); });
  return found == scanner_families.end() ? std::string_view() : *found;
}

/// What became of a run: one of another tool is ignored.
enum class RunTaken { ignored, with_time, without_time };

RunTaken read_run(ScanReport& report, const json& run, std::size_t index) {
  const json* tool = find_object(report, run, "runs[].tool");
  const json* driver = tool ? find_object(report, *tool, "runs[].tool.driver") : nullptr;
  if (driver == nullptr) {
    note_defect(report, Rejection::malformed, "runs[].tool.driver is missing");
    return RunTaken::ignored;
  }
  const std::string name = find_text(report, *driver, "runs[].tool.driver.name");
  const std::string_view family = family_of(name);
  const Run outcome = read_results(report, run, *driver);
  // A known scanner's run with other results only is one of its other scans, such as for secrets.
  if (!outcome.vulnerabilities && (family.empty() || outcome.has_results)) {
    return RunTaken::ignored;
  }
  if (report.scanner.empty()) {
    report.scanner = family.empty() ? shown_text(name) : std::string(family);
    std::string version = text_or_empty(*driver, "version");
    version = version.empty() ? text_or_empty(*driver, "semanticVersion") : version;
    report.scanner_version = shown_text(version);
  }
  add(report.counts, outcome.counts);
  const bool timed = read_invocations(report, run, "runs[" + std::to_string(index) + "]");
  read_properties(report, run);
  if (!outcome.vulnerabilities) {
    note_defect(report, Rejection::no_packages,
                "no results, and sarif does not say whether any package was matched");
  }
  return timed ? RunTaken::with_time : RunTaken::without_time;
}

bool looks_like_sarif(const json& document) {
  return find_any(document, "runs") != nullptr &&
         (document.contains("version") || document.contains("$schema"));
}

ScanReport read_sarif(const json& document) {
  ScanReport report;
  report.format = "sarif";
  const json* runs = find_array(report, document, "runs");
  if (runs == nullptr) {
    return report;
  }
  bool any = false;
  bool all_timed = true;
  for (std::size_t index = 0; index < runs->size(); ++index) {
    const RunTaken taken = read_run(report, (*runs)[index], index);
    any = any || taken != RunTaken::ignored;
    all_timed = all_timed && taken != RunTaken::without_time;
  }
  if (!all_timed) {
    // One run's time says nothing about when another run's scan ended.
    report.finished_at.reset();
    report.finished_at_field.clear();
  }
  if (!any) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                runs->empty() ? "no runs" : "no run of a vulnerability scanner");
    return report;
  }
  conclude(report);
  return report;
}

}  // namespace

constinit const Format sarif_format{
    .info =
        {
            .name = "sarif",
            .detection = "an object with runs, and version or $schema",
            .finished_at =
                "runs[i].invocations[j].endTimeUtc: the latest of a run, the earliest of the "
                "runs. startTimeUtc where an invocation has no end: it can only make the scan "
                "look older. A time without a zone is UTC, as the name says. No "
                "time at all where one of several runs gives none",
            .subjects =
                "runs[i].properties.repoDigests[] and, as the image ID, runs[i].properties.imageID "
                "(Trivy writes them); SARIF itself has no place for an image",
            .scanner = "runs[i].tool.driver.name and version, else semanticVersion",
            .database_built_at = "not in the format",
            .counts =
                "runs[i].results[]: the severity word in the rule's tags, else the rule's "
                "security-severity (CVSS bands), else the level; suppressed, absent and passed "
                "results do not count",
            .defects =
                "no run of a vulnerability scanner, known by its name, by rule ids such as CVE- or "
                "GHSA-, or by the tag vulnerability: not_a_vulnerability_scan. security-severity "
                "alone is no sign, for source code analysers write it too. An invocation with "
                "executionSuccessful false: scan_failed. No results: no_packages, for nothing "
                "shows that any package was matched",
        },
    .looks_like = looks_like_sarif,
    .read = read_sarif,
};

}  // namespace scanclock::evidence
