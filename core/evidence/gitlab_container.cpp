#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_gitlab(const json& document) {
  const json* vulnerabilities = find_any(document, "vulnerabilities");
  if (vulnerabilities == nullptr || !vulnerabilities->is_array()) {
    return false;
  }
  if (const json* scan = find_any(document, "scan")) {
    return find_any(*scan, "type") != nullptr && find_any(document, "version") != nullptr;
  }
  // Some reports of schema 14 have no scan.
  return find_any(document, "version") != nullptr && !vulnerabilities->empty() &&
         find_any(vulnerabilities->front(), "location") != nullptr &&
         find_any(vulnerabilities->front(), "identifiers") != nullptr;
}

void read_gitlab_scan(ScanReport& report, const json& scan) {
  const std::string type = find_text(report, scan, "scan.type");
  if (type != "container_scanning") {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "scan.type is " + shown_text(type) + ", not container_scanning");
  }
  const std::string status = find_text(report, scan, "scan.status");
  if (status != "success") {
    note_defect(
        report, Rejection::scan_failed,
        "scan.status is " + (status.empty() ? "missing" : shown_text(status)) + ", not success");
  }
  if (const json* scanner = find_object(report, scan, "scan.scanner")) {
    const std::string id = find_text(report, *scanner, "scan.scanner.id");
    report.scanner = shown_text(id.empty() ? text_or_empty(*scanner, "name") : id);
    report.scanner_version = shown_text(find_text(report, *scanner, "scan.scanner.version"));
  }
  constexpr std::string_view end_path = "scan.end_time";
  note_finish(report, find_time(report, scan, end_path, Zone::utc_when_absent), end_path);
}

std::vector<std::string> gitlab_identifiers(const json& vulnerability) {
  std::vector<std::string> ids;
  const json* identifiers = find_any(vulnerability, "identifiers");
  if (identifiers == nullptr || !identifiers->is_array()) {
    return ids;
  }
  for (const json& identifier : *identifiers) {
    // Weaknesses (CWE) and the like classify a vulnerability, and do not name it.
    const std::string type = text_or_empty(identifier, "type");
    if (type != "cwe" && type != "owasp") {
      ids.push_back(text_or_empty(identifier, "value"));
    }
  }
  return ids;
}

void read_gitlab_location(ScanReport& report, const json& vulnerability) {
  const json* location = find_object(report, vulnerability, "vulnerabilities[].location");
  if (location == nullptr) {
    return;
  }
  const std::string image = find_text(report, *location, "vulnerabilities[].location.image");
  add_name(report, image);
  add_subject_reference(report, image);
}

ScanReport read_gitlab(const json& document) {
  ScanReport report;
  report.format = "gitlab-container-scanning";
  if (const json* scan = find_object(report, document, "scan")) {
    read_gitlab_scan(report, *scan);
  }
  const json* vulnerabilities = find_array(report, document, "vulnerabilities");
  FindingCollector findings;
  for_each_object(report, vulnerabilities, "vulnerabilities", [&](const json& vulnerability) {
    read_gitlab_location(report, vulnerability);
    // `id` is a hash of GitLab's own in most reports, and `cve` a fingerprint in some.
    findings.add({}, gitlab_identifiers(vulnerability), severity_under(vulnerability, "severity"));
  });
  if (findings.size() == 0) {
    note_defect(report, Rejection::no_packages,
                "no vulnerabilities: the format then names no image and does not say whether any "
                "package was matched");
  }
  findings.finish(report);
  conclude(report);
  return report;
}

constexpr std::string_view gitlab_container_keeps[] = {
    "version",
    "scan.{type,status,end_time,scanner.id,scanner.name,scanner.version}",
    "vulnerabilities[].{severity,location.image}",
    "vulnerabilities[].identifiers[].{type,value}",
};

}  // namespace

// Source: gitlab-org/security-products/security-report-schemas, container-scanning-report-format,
// and aquasecurity/trivy contrib/gitlab.tpl.
constinit const Format gitlab_container_format{
    .info =
        {
            .name = "gitlab-container-scanning",
            .detection =
                "an object with version, vulnerabilities and scan.type; without scan (some of "
                "schema 14), vulnerabilities[] with location and identifiers",
            .finished_at = "scan.end_time, without a zone: UTC by the schema",
            .subjects =
                "the digest in vulnerabilities[].location.image, where it is given by digest; a "
                "report without vulnerabilities names no image",
            .scanner = "scan.scanner.id, else name, and scan.scanner.version",
            .database_built_at = "not in the format",
            .counts = "vulnerabilities[].severity; ids from vulnerabilities[].identifiers[].value",
            .defects =
                "a scan.status other than success: scan_failed; another scan.type: "
                "not_a_vulnerability_scan; no vulnerabilities: no_packages, for a template writes "
                "success whatever was recognised in the image",
        },
    .looks_like = looks_like_gitlab,
    .read = read_gitlab,
    .keeps = gitlab_container_keeps,
};

}  // namespace scanclock::evidence
