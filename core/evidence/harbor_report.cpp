#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/harbor_media_types.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_harbor_report(const json& document) {
  return document.is_object() && !document.empty() && is_harbor_report_type(document.begin().key());
}

void read_harbor_vulnerabilities(ScanReport& report, const json& body) {
  FindingCollector findings;
  std::set<std::string> digests;
  const json* vulnerabilities = find_array(report, body, "vulnerabilities");
  for_each_object(report, vulnerabilities, "vulnerabilities", [&](const json& vulnerability) {
    findings.add(text_or_empty(vulnerability, "id"), severity_under(vulnerability, "severity"));
    for (std::string& digest : texts_under(vulnerability, "artifact_digests")) {
      digests.insert(std::move(digest));
    }
  });
  if (findings.size() == 0) {
    note_defect(report, Rejection::no_packages,
                "nothing was found, and the report names no system and no package");
  }
  findings.finish(report);
  if (digests.size() > 1) {
    // Not no_subject, which the place where the evidence was found would make up for.
    note_defect(report, Rejection::unknown_format,
                "a report of an index, merged from those of its platforms with the latest of "
                "their times");
    return;
  }
  for (const std::string& text : digests) {
    if (const auto digest = Digest::parse(text)) {
      add_subject(report, *digest);
    }
  }
}

ScanReport read_harbor_report(const json& document) {
  ScanReport report;
  report.format = "harbor-report";
  report.scanner = "harbor";
  auto found = document.begin();
  while (found != document.end() && !is_harbor_vulnerability_type(found.key())) {
    ++found;
  }
  if (found == document.end()) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "no report of a vulnerability scan's media type");
    return report;
  }
  const json& body = found.value();
  if (!body.is_object()) {
    note_defect(report, Rejection::malformed, "the report is not an object");
    return report;
  }
  if (const json* scanner = find_object(report, body, "scanner")) {
    const std::string name = find_text(report, *scanner, "scanner.name");
    report.scanner = name.empty() ? report.scanner : shown_text(name);
    report.scanner_version = shown_text(find_text(report, *scanner, "scanner.version"));
  }
  note_finish(report, find_time(report, body, "generated_at"), "generated_at");
  read_harbor_vulnerabilities(report, body);
  conclude(report);
  return report;
}

constexpr std::string_view harbor_report_keeps[] = {
    "application/vnd\\.*.{generated_at,scanner.name,scanner.version}",
    "application/vnd\\.*.vulnerabilities[].{id,severity,artifact_digests[]}",
};

}  // namespace

// Source: goharbor/harbor src/pkg/scan/vuln/report.go and src/pkg/scan/rest/v1/spec.go.
constinit const Format harbor_report_format{
    .info =
        {
            .name = "harbor-report",
            .detection =
                "an object with one key for each media type, application/vnd.security."
                "vulnerability.report or application/vnd.scanner.adapter.vuln.report.harbor+json: "
                "Harbor's additions/vulnerabilities of an artifact",
            .finished_at = "generated_at",
            .subjects =
                "vulnerabilities[].artifact_digests[], which version 1.0 and a clean report lack",
            .scanner = "scanner.name, scanner.version",
            .database_built_at = "not in the format",
            .counts = "vulnerabilities[].severity",
            .defects =
                "several artifact_digests: unknown_format, for Harbor merges the reports of an "
                "index "
                "under the latest of their times; nothing found: no_packages; only a bill of "
                "materials: not_a_vulnerability_scan",
        },
    .looks_like = looks_like_harbor_report,
    .read = read_harbor_report,
    .keeps = harbor_report_keeps,
};

}  // namespace scanclock::evidence
