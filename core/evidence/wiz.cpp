#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <vector>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> wiz_package_lists = {
    "result.osPackages", "result.libraries", "result.applications", "result.cpes"};

bool looks_like_wiz(const json& document) {
  return find_any(document, "scanOriginResource") != nullptr &&
         find_any(document, "status") != nullptr && find_any(document, "result") != nullptr;
}

// The advisory that a finding was taken from stands in the last part of its address.
std::vector<std::string> wiz_aliases(const json& vulnerability) {
  const std::string source = text_or_empty(vulnerability, "source");
  std::string last = source.substr(source.rfind('/') + 1);
  std::vector<std::string> aliases;
  if (last.starts_with("GHSA-")) {
    aliases.push_back(std::move(last));
  }
  return aliases;
}

void read_wiz_packages(ScanReport& report, FindingCollector& findings, const json& result,
                       std::string_view path) {
  const json* packages = find_array(report, result, path);
  if (packages == nullptr) {
    return;
  }
  for (const json& package : *packages) {
    const std::string inner = std::string(path) + "[].vulnerabilities";
    for_each_object(report, find_array(report, package, inner), inner,
                    [&](const json& vulnerability) {
                      findings.add(text_or_empty(vulnerability, "name"), wiz_aliases(vulnerability),
                                   severity_under(vulnerability, "severity"));
                    });
  }
}

void read_wiz_result(ScanReport& report, const json& document) {
  const json* result = find_object(report, document, "result");
  if (result == nullptr) {
    return;
  }
  FindingCollector findings;
  for (const std::string_view path : wiz_package_lists) {
    read_wiz_packages(report, findings, *result, path);
  }
  if (findings.size() == 0) {
    const json* analytics = find_object(report, *result, "result.analytics");
    const bool matched =
        analytics != nullptr &&
        find_object(report, *analytics, "result.analytics.vulnerabilities") != nullptr;
    note_defect(report, matched ? Rejection::no_packages : Rejection::not_a_vulnerability_scan,
                matched ? "nothing was found, and the report names no system and no package"
                        : "no findings and no result.analytics.vulnerabilities");
  }
  findings.finish(report);
}

void read_wiz_origin(ScanReport& report, const json& document) {
  const json* origin = find_object(report, document, "scanOriginResource");
  if (origin == nullptr) {
    return;
  }
  add_name(report, find_text(report, *origin, "scanOriginResource.name"));
  const std::string type = find_text(report, *origin, "scanOriginResource.__typename");
  if (!type.empty() && type != "CICDScanOriginContainerImage") {
    note_defect(report, Rejection::no_subject,
                "scanOriginResource is a " + shown_text(type) + ", not a container image");
    return;
  }
  if (const auto digest = find_digest(report, *origin, "scanOriginResource.digest")) {
    add_subject(report, *digest);
  }
}

ScanReport read_wiz(const json& document) {
  ScanReport report;
  report.format = "wiz";
  report.scanner = "wizcli";
  // Neither is the end, so the earliest of them stands for it.
  note_finish(report, find_time(report, document, "createdAt"), "createdAt");
  note_finish(report, find_time(report, document, "startedAt"), "startedAt");
  const json* status = find_object(report, document, "status");
  const std::string state = status ? find_text(report, *status, "status.state") : std::string();
  if (state != "SUCCESS") {
    note_defect(
        report, Rejection::scan_failed,
        "status.state is " + (state.empty() ? "missing" : shown_text(state)) + ", not SUCCESS");
  }
  read_wiz_origin(report, document);
  read_wiz_result(report, document);
  conclude(report);
  return report;
}

constexpr std::string_view wiz_keeps[] = {
    "{createdAt,startedAt,status.state}",
    "scanOriginResource.{name,__typename,digest}",
    "result.analytics.vulnerabilities",
    "result.{osPackages,libraries,applications,cpes}[].vulnerabilities[].{name,source}",
    "result.{osPackages,libraries,applications,cpes}[].vulnerabilities[].severity",
};

}  // namespace

// Source: samples of `wizcli docker scan`.
constinit const Format wiz_format{
    .info =
        {
            .name = "wiz",
            .detection = "an object with scanOriginResource, status and result",
            .finished_at =
                "the earlier of createdAt and startedAt, of which the second is mostly year 1, "
                "not set. Neither is the end, so the scan can only look older than it is",
            .subjects = "scanOriginResource.digest, often null, for a "
                        "scanOriginResource.__typename CICDScanOriginContainerImage",
            .scanner = "wizcli; its version is not given",
            .database_built_at = "not in the format",
            .counts =
                "result.osPackages[], libraries[], applications[] and cpes[]: "
                "vulnerabilities[].severity. result.analytics disagrees with itself and is not "
                "used",
            .defects =
                "a status.state other than SUCCESS: scan_failed, whatever status.verdict says of "
                "the policy; nothing found: no_packages, for the report lists only packages with "
                "findings and names no system; without result.analytics.vulnerabilities: "
                "not_a_vulnerability_scan; another origin: no_subject",
        },
    .looks_like = looks_like_wiz,
    .read = read_wiz,
    .keeps = wiz_keeps,
};

}  // namespace scanclock::evidence
