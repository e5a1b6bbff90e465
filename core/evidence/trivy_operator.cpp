#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_trivy_operator(const json& document) {
  return text_or_empty(document, "apiVersion").starts_with("aquasecurity.github.io/");
}

void read_operator_findings(ScanReport& report, const json& scan) {
  FindingCollector findings;
  constexpr std::string_view path = "report.vulnerabilities";
  for_each_object(report, find_array(report, scan, path), path, [&](const json& vulnerability) {
    findings.add(text_or_empty(vulnerability, "vulnerabilityID"),
                 severity_under(vulnerability, "severity"));
  });
  if (findings.size() == 0) {
    const json* system = find_object(report, scan, "report.os");
    const std::string family = system ? find_text(report, *system, "report.os.family") : "";
    if (family.empty() || family == "none") {
      note_defect(report, Rejection::unsupported_os,
                  "nothing was found, and report.os.family is empty");
    }
  }
  findings.finish(report);
}

void read_operator_artifact(ScanReport& report, const json& scan) {
  const json* artifact = find_object(report, scan, "report.artifact");
  if (artifact == nullptr) {
    return;
  }
  if (const auto digest = find_digest(report, *artifact, "report.artifact.digest")) {
    add_subject(report, *digest);
  }
  const json* registry = find_object(report, scan, "report.registry");
  add_name(report,
           image_name(registry ? find_text(report, *registry, "report.registry.server") : "",
                      find_text(report, *artifact, "report.artifact.repository"),
                      find_text(report, *artifact, "report.artifact.tag")));
}

ScanReport read_trivy_operator(const json& document) {
  ScanReport report;
  report.format = "trivy-operator";
  const std::string kind = find_text(report, document, "kind");
  if (kind == "VulnerabilityReportList" || kind == "ClusterVulnerabilityReportList") {
    note_defect(report, Rejection::unknown_format, "a " + kind + " covers several images, not one");
    return report;
  }
  if (kind != "VulnerabilityReport" && kind != "ClusterVulnerabilityReport") {
    note_defect(
        report, Rejection::not_a_vulnerability_scan,
        "kind is " + (kind.empty() ? "missing" : shown_text(kind)) + ", not VulnerabilityReport");
    return report;
  }
  report.scanner = "trivy";
  const json* scan = find_object(report, document, "report");
  if (scan == nullptr) {
    note_defect(report, Rejection::malformed, "report is missing");
    return report;
  }
  if (const json* scanner = find_object(report, *scan, "report.scanner")) {
    report.scanner_version = shown_text(find_text(report, *scanner, "report.scanner.version"));
  }
  note_finish(report, find_time(report, *scan, "report.updateTimestamp"), "report.updateTimestamp");
  read_operator_artifact(report, *scan);
  read_operator_findings(report, *scan);
  conclude(report);
  return report;
}

constexpr std::string_view trivy_operator_keeps[] = {
    "{apiVersion,kind}",
    "report.{updateTimestamp,scanner.version,os.family,registry.server}",
    "report.artifact.{digest,repository,tag}",
    "report.vulnerabilities[].{vulnerabilityID,severity}",
};

}  // namespace

// Source: aquasecurity/trivy-operator pkg/apis/aquasecurity/v1alpha1/vulnerability_types.go.
constinit const Format trivy_operator_format{
    .info =
        {
            .name = "trivy-operator",
            .detection = "an object with an apiVersion of aquasecurity.github.io",
            .finished_at =
                "report.updateTimestamp; metadata.creationTimestamp is the Kubernetes object's",
            .subjects =
                "report.artifact.digest: a manifest's or an index's, and in older versions the "
                "image ID; absent where the pod names none",
            .scanner = "trivy, report.scanner.version",
            .database_built_at = "not in the format",
            .counts = "report.vulnerabilities[].severity; report.summary is not used",
            .defects =
                "another kind: not_a_vulnerability_scan; a list of reports: unknown_format; "
                "nothing found: proof only with report.os.family, which older versions do not "
                "write, else unsupported_os",
        },
    .looks_like = looks_like_trivy_operator,
    .read = read_trivy_operator,
    .keeps = trivy_operator_keeps,
};

}  // namespace scanclock::evidence
