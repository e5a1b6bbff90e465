#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

struct SysdigPackages {
  std::size_t all = 0;
  std::size_t of_languages = 0;
};

bool looks_like_sysdig(const json& document) {
  const json* info = find_any(document, "info");
  const json* scanner = find_any(document, "scanner");
  const json* result = find_any(document, "result");
  return info != nullptr && result != nullptr && result->is_object() && scanner != nullptr &&
         (find_any(*info, "scanTime") != nullptr ||
          text_or_empty(*scanner, "name").starts_with("sysdig"));
}

Severity sysdig_severity(const json& vulnerability) {
  const json* severity = find_any(vulnerability, "severity");
  if (severity != nullptr && severity->is_object()) {
    return severity_under(*severity, "value");
  }
  return severity_under(vulnerability, "severity");
}

void add_sysdig_vulnerability(ScanReport& report, FindingCollector& findings,
                              const json& vulnerability) {
  if (!vulnerability.is_object()) {
    note_defect(report, Rejection::malformed, "a vulnerability of result is not an object");
    return;
  }
  findings.add(text_or_empty(vulnerability, "name"), sysdig_severity(vulnerability));
}

void read_sysdig_package(ScanReport& report, FindingCollector& findings, const json& package,
                         const json* vulnerabilities, SysdigPackages& packages) {
  if (!package.is_object()) {
    note_defect(report, Rejection::malformed, "result.packages[] is not an object");
    return;
  }
  ++packages.all;
  packages.of_languages += text_or_empty(package, "type") == "os" ? 0 : 1;
  if (const json* found = find_array(report, package, "result.packages[].vulns")) {
    for (const json& vulnerability : *found) {
      add_sysdig_vulnerability(report, findings, vulnerability);
    }
  }
  const json* references = find_array(report, package, "result.packages[].vulnerabilitiesRefs");
  if (references == nullptr) {
    return;
  }
  for (const json& reference : *references) {
    const json* found = reference.is_string() && vulnerabilities != nullptr
                            ? find_any(*vulnerabilities, reference.get_ref<const std::string&>())
                            : nullptr;
    if (found == nullptr) {
      note_defect(report, Rejection::malformed,
                  "result.packages[].vulnerabilitiesRefs names what result.vulnerabilities lacks");
      continue;
    }
    add_sysdig_vulnerability(report, findings, *found);
  }
}

// Versions before 2025 list packages with their findings; later ones keep two maps.
SysdigPackages read_sysdig_packages(ScanReport& report, FindingCollector& findings,
                                    const json& result) {
  SysdigPackages read;
  const json* packages = find_any(result, "packages");
  if (packages == nullptr) {
    return read;
  }
  if (!packages->is_structured()) {
    note_defect(report, Rejection::malformed, "result.packages is no list and no map");
    return read;
  }
  const json* vulnerabilities =
      packages->is_object() ? find_object(report, result, "result.vulnerabilities") : nullptr;
  for (const json& package : *packages) {
    read_sysdig_package(report, findings, package, vulnerabilities, read);
  }
  return read;
}

std::string read_sysdig_metadata(ScanReport& report, const json& result) {
  const json* metadata = find_object(report, result, "result.metadata");
  if (metadata == nullptr) {
    return {};
  }
  add_name(report, find_text(report, *metadata, "result.metadata.pullString"));
  if (const auto digest = find_digest(report, *metadata, "result.metadata.digest")) {
    add_subject(report, *digest);
  }
  if (const auto id = find_digest(report, *metadata, "result.metadata.imageId")) {
    report.subject_config = *id;
  }
  take_platform(report, find_text(report, *metadata, "result.metadata.os"),
                find_text(report, *metadata, "result.metadata.architecture"));
  return find_text(report, *metadata, "result.metadata.baseOs");
}

ScanReport read_sysdig(const json& document) {
  ScanReport report;
  report.format = "sysdig";
  report.scanner = "sysdig-cli-scanner";
  if (const json* scanner = find_object(report, document, "scanner")) {
    report.scanner_version = shown_text(find_text(report, *scanner, "scanner.version"));
    if (const std::string name = find_text(report, *scanner, "scanner.name"); !name.empty()) {
      report.scanner = shown_text(name);
    }
  }
  if (const json* info = find_object(report, document, "info")) {
    note_finish(report, find_time(report, *info, "info.scanTime"), "info.scanTime");
  }
  const json& result = document.at("result");
  const std::string base = read_sysdig_metadata(report, result);
  FindingCollector findings;
  const SysdigPackages packages = read_sysdig_packages(report, findings, result);
  if (packages.all == 0) {
    note_defect(report, Rejection::no_packages, "result.packages is empty");
  } else if (findings.size() == 0 && packages.of_languages == 0 && base.empty()) {
    note_defect(report, Rejection::unsupported_os,
                "nothing was found, all packages are the system's, and result.metadata.baseOs is "
                "empty");
  }
  findings.finish(report);
  conclude(report);
  return report;
}

constexpr std::string_view sysdig_keeps[] = {
    "{scanner.name,scanner.version,info.scanTime}",
    "result.metadata.{pullString,digest,imageId,os,architecture,baseOs}",
    "result.packages{[],.*}.{type,vulnerabilitiesRefs[],vulns[].name}",
    "result.packages{[],.*}.vulns[].severity.value",
    "result.vulnerabilities.*.{name,severity.value}",
};

}  // namespace

// Source: samples of sysdig-cli-scanner, and the types of sysdiglabs/scan-action for its later
// shape.
constinit const Format sysdig_format{
    .info =
        {
            .name = "sysdig",
            .detection = "an object with info, scanner and result, and info.scanTime or a "
                         "scanner.name that starts with sysdig",
            .finished_at =
                "info.scanTime. Whether that is the start or the end is not documented, so "
                "info.scanDuration is not added: a start can only make the scan look older",
            .subjects =
                "result.metadata.digest and, as the image ID, result.metadata.imageId; platform "
                "from result.metadata.os and architecture",
            .scanner = "scanner.name, scanner.version",
            .database_built_at = "not in the format",
            .counts = "result.packages[].vulns[].severity.value, or the severity of what "
                      "result.packages{}.vulnerabilitiesRefs[] names in result.vulnerabilities{}",
            .defects =
                "no result.packages: no_packages; nothing found in system packages alone without "
                "result.metadata.baseOs: unsupported_os",
        },
    .looks_like = looks_like_sysdig,
    .read = read_sysdig,
    .keeps = sysdig_keeps,
};

}  // namespace scanclock::evidence
