#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

struct ClairVulnerability {
  std::string id;
  std::vector<std::string> aliases;
  Severity severity = Severity::unknown;
};

bool looks_like_clair_v4(const json& document) {
  return find_any(document, "manifest_hash") != nullptr &&
         (document.contains("vulnerabilities") || document.contains("package_vulnerabilities") ||
          document.contains("packages"));
}

// Updaters write `CVE-2020-1234 on Ubuntu 18.04 LTS - low.` and `RHSA-2020:1: x security update`.
std::string clair_id(const std::string& name) {
  std::string id = name.substr(0, name.find(' '));
  if (id.ends_with(':')) {
    id.pop_back();
  }
  return id;
}

// An advisory names its CVEs nowhere but in the addresses of its links.
std::vector<std::string> cves_in(std::string_view text) {
  constexpr std::string_view prefix = "CVE-";
  constexpr std::string_view tail = "0123456789-";
  std::vector<std::string> cves;
  for (std::size_t at = text.find(prefix); at != std::string_view::npos;
       at = text.find(prefix, at + prefix.size())) {
    const std::size_t end = text.find_first_not_of(tail, at + prefix.size());
    cves.emplace_back(text.substr(at, end == std::string_view::npos ? end : end - at));
  }
  return cves;
}

ClairVulnerability read_clair_vulnerability(const json& description) {
  ClairVulnerability vulnerability;
  vulnerability.id = clair_id(text_or_empty(description, "name"));
  vulnerability.severity = severity_under(description, "normalized_severity");
  if (!vulnerability.id.starts_with("CVE-")) {
    vulnerability.aliases = cves_in(text_or_empty(description, "links"));
  }
  return vulnerability;
}

std::map<std::string, ClairVulnerability> read_clair_vulnerabilities(ScanReport& report,
                                                                     const json& document) {
  std::map<std::string, ClairVulnerability> by_key;
  const json* descriptions = find_object(report, document, "vulnerabilities");
  if (descriptions == nullptr) {
    return by_key;
  }
  for (const auto& [key, description] : descriptions->items()) {
    if (!description.is_object()) {
      note_defect(report, Rejection::malformed, "vulnerabilities[] is not an object");
      continue;
    }
    by_key.emplace(key, read_clair_vulnerability(description));
  }
  return by_key;
}

void read_clair_matches(ScanReport& report, const json& document) {
  const auto by_key = read_clair_vulnerabilities(report, document);
  const json* packages = find_object(report, document, "package_vulnerabilities");
  FindingCollector findings;
  for (const auto& [package, keys] : elements_of(packages).items()) {
    if (!keys.is_array()) {
      note_defect(report, Rejection::malformed, "package_vulnerabilities[] is not an array");
      continue;
    }
    for (const json& key : keys) {
      const auto found = key.is_string() ? by_key.find(key.get<std::string>()) : by_key.end();
      if (found == by_key.end()) {
        note_defect(report, Rejection::malformed,
                    "package_vulnerabilities names what vulnerabilities lacks");
        continue;
      }
      const ClairVulnerability& vulnerability = found->second;
      findings.add(vulnerability.id, vulnerability.aliases, vulnerability.severity);
    }
  }
  const bool clean = findings.size() == 0;
  findings.finish(report);
  const json* indexed = find_object(report, document, "packages");
  const json* distributions = find_object(report, document, "distributions");
  if (!clean) {
    return;
  }
  if (indexed == nullptr || indexed->empty()) {
    note_defect(report, Rejection::no_packages, "packages is empty");
  } else if (distributions == nullptr || distributions->empty()) {
    note_defect(report, Rejection::unsupported_os, "no matches, and distributions is empty");
  }
}

ScanReport read_clair_v4(const json& document) {
  ScanReport report;
  report.format = "clair-v4";
  report.scanner = "clair";
  if (const auto digest = find_digest(report, document, "manifest_hash")) {
    add_subject(report, *digest);
  }
  read_clair_matches(report, document);
  conclude(report);
  return report;
}

constexpr std::string_view clair_v4_keeps[] = {
    "{manifest_hash,packages,distributions}",
    "vulnerabilities.*.{name,normalized_severity,links}",
    "package_vulnerabilities.*[]",
};

}  // namespace

// Source: quay/clair httptransport/types/v1/vulnerability_report.schema.json.
constinit const Format clair_v4_format{
    .info =
        {
            .name = "clair-v4",
            .detection =
                "an object with manifest_hash and vulnerabilities, package_vulnerabilities or "
                "packages",
            .finished_at = "not in the format: Clair matches anew for every request",
            .subjects = "manifest_hash",
            .scanner = "clair; no version in the format",
            .database_built_at = "not in the format",
            .counts =
                "package_vulnerabilities[][] by vulnerabilities[].normalized_severity; ids from "
                "vulnerabilities[].name and, for advisories, the CVEs in vulnerabilities[].links",
            .defects =
                "no_time always. No matches: no_packages for empty packages, unsupported_os for "
                "empty distributions",
        },
    .looks_like = looks_like_clair_v4,
    .read = read_clair_v4,
    .keeps = clair_v4_keeps,
};

}  // namespace scanclock::evidence
