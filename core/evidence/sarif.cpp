#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/sarif_rules.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
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

/// One run, before it is known whether it belongs to a vulnerability scanner.
struct SarifRun {
  bool has_results = false;
  bool vulnerabilities = false;
  FindingCollector findings;
};

SarifRun read_sarif_results(ScanReport& report, const json& run, const json& driver) {
  SarifRun outcome;
  const SarifRules rules = read_sarif_rules(report, driver);
  const json* results = find_array(report, run, "runs[].results");
  if (results == nullptr) {
    return outcome;
  }
  outcome.has_results = !results->empty();
  for (const json& result : *results) {
    const std::string id = sarif_rule_id(result, rules);
    const SarifRule rule = sarif_rule(rules, id);
    if (!rule.vulnerability) {
      continue;
    }
    outcome.vulnerabilities = true;
    if (is_sarif_finding(result)) {
      outcome.findings.add(sarif_vulnerability_id(id), sarif_severity(result, rule));
    }
  }
  return outcome;
}

/// False where the run gives no time.
bool read_sarif_invocations(ScanReport& report, const json& run, const std::string& run_path) {
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

void read_sarif_properties(ScanReport& report, const json& run) {
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

std::string_view sarif_family(const std::string& driver_name) {
  const std::string name = sarif_lower(driver_name);
  const auto found =
      std::find_if(scanner_families.begin(), scanner_families.end(),
                   [&](std::string_view family) { return name.starts_with(family); });
  return found == scanner_families.end() ? std::string_view() : *found;
}

/// What became of a run: one of another tool is ignored.
enum class SarifRunTaken { ignored, with_time, without_time };

SarifRunTaken read_sarif_run(ScanReport& report, FindingCollector& findings, const json& run,
                             std::size_t index) {
  const json* tool = find_object(report, run, "runs[].tool");
  const json* driver = tool ? find_object(report, *tool, "runs[].tool.driver") : nullptr;
  if (driver == nullptr) {
    note_defect(report, Rejection::malformed, "runs[].tool.driver is missing");
    return SarifRunTaken::ignored;
  }
  const std::string name = find_text(report, *driver, "runs[].tool.driver.name");
  const std::string_view family = sarif_family(name);
  SarifRun outcome = read_sarif_results(report, run, *driver);
  // A known scanner's run with other results only is one of its other scans, such as for secrets.
  if (!outcome.vulnerabilities && (family.empty() || outcome.has_results)) {
    return SarifRunTaken::ignored;
  }
  if (report.scanner.empty()) {
    report.scanner = family.empty() ? shown_text(name) : std::string(family);
    std::string version = text_or_empty(*driver, "version");
    version = version.empty() ? text_or_empty(*driver, "semanticVersion") : version;
    report.scanner_version = shown_text(version);
  }
  findings.add(std::move(outcome.findings));
  const bool timed = read_sarif_invocations(report, run, "runs[" + std::to_string(index) + "]");
  read_sarif_properties(report, run);
  if (!outcome.vulnerabilities) {
    note_defect(report, Rejection::no_packages,
                "no results, and sarif does not say whether any package was matched");
  }
  return timed ? SarifRunTaken::with_time : SarifRunTaken::without_time;
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
  FindingCollector findings;
  for (std::size_t index = 0; index < runs->size(); ++index) {
    const SarifRunTaken taken = read_sarif_run(report, findings, (*runs)[index], index);
    any = any || taken != SarifRunTaken::ignored;
    all_timed = all_timed && taken != SarifRunTaken::without_time;
  }
  findings.finish(report);
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

constexpr std::string_view sarif_keeps[] = {
    "{version,$schema}",
    "runs[].tool.driver.{name,version,semanticVersion,rules[].id}",
    "runs[].tool.driver.rules[].defaultConfiguration.level",
    "runs[].tool.driver.rules[].properties.{security-severity,tags[]}",
    "runs[].results[].{ruleId,ruleIndex,rule.id,rule.index,kind,level}",
    "runs[].results[].{suppressions,baselineState}",
    "runs[].invocations[].{executionSuccessful,endTimeUtc,startTimeUtc}",
    "runs[].properties.{imageName,imageID,repoTags[],repoDigests[]}",
};

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
    .keeps = sarif_keeps,
};

}  // namespace scanclock::evidence
