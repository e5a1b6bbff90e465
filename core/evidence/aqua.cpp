#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

/// Aqua gives up on an image long before; a longer one would only move a start to a later end.
constexpr std::int64_t aqua_scan_seconds_max = 24 * 60 * 60;

bool is_aqua_scan(const json& document) {
  const bool scanner_words = find_any(document, "scan_started") != nullptr ||
                             find_any(document, "image_assurance_results") != nullptr ||
                             find_any(document, "vulnerability_summary") != nullptr;
  return find_any(document, "image") != nullptr &&
         (scanner_words || find_any(document, "resources") != nullptr);
}

bool is_aqua_server_record(const json& document) {
  return find_any(document, "image_name") != nullptr && find_any(document, "cves") != nullptr;
}

bool looks_like_aqua(const json& document) {
  if (document.is_array()) {
    const json* results = document.empty() ? nullptr : find_any(document.front(), "results");
    return results != nullptr && is_aqua_scan(*results);
  }
  return is_aqua_scan(document) || is_aqua_server_record(document);
}

Severity aqua_severity(const json& vulnerability) {
  static constexpr std::array<std::string_view, 6> keys = {"aqua_severity",   "vendor_severity_v3",
                                                           "nvd_severity_v3", "vendor_severity",
                                                           "nvd_severity",    "severity"};
  for (const std::string_view key : keys) {
    if (const auto severity = severity_from_word(text_or_empty(vulnerability, key))) {
      return *severity;
    }
  }
  return Severity::unknown;
}

void add_aqua_vulnerabilities(ScanReport& report, FindingCollector& findings,
                              const json& vulnerabilities, std::string_view path) {
  for (const json& vulnerability : vulnerabilities) {
    if (!vulnerability.is_object()) {
      note_defect(report, Rejection::malformed, std::string(path) + " is not an object");
      continue;
    }
    findings.add(text_or_empty(vulnerability, "name"), aqua_severity(vulnerability));
  }
}

/// True where a resource was scanned, with findings or without.
bool read_aqua_resources(ScanReport& report, FindingCollector& findings, const json& scan) {
  bool any_scanned = false;
  const json* resources = find_array(report, scan, "resources");
  if (resources == nullptr) {
    return false;
  }
  for (const json& resource : *resources) {
    if (!resource.is_object()) {
      note_defect(report, Rejection::malformed, "resources[] is not an object");
      continue;
    }
    const json* scanned = find_any(resource, "scanned");
    any_scanned = any_scanned || (scanned != nullptr && *scanned == json(true));
    if (const json* found = find_array(report, resource, "resources[].vulnerabilities")) {
      add_aqua_vulnerabilities(report, findings, *found, "resources[].vulnerabilities[]");
    }
  }
  return any_scanned;
}

void read_aqua_time(ScanReport& report, const json& scan) {
  const json* started = find_object(report, scan, "scan_started");
  const auto seconds =
      started ? find_integer(report, *started, "scan_started.seconds") : std::nullopt;
  if (!seconds) {
    return;
  }
  const auto nanos = find_integer(report, *started, "scan_started.nanos").value_or(0);
  const auto start = time_from_epoch(*seconds, nanos);
  if (!start) {
    note_defect(report, Rejection::malformed, "scan_started is no time since 1970");
    return;
  }
  if (!is_set(*start)) {
    return;
  }
  const auto took = find_integer(report, scan, "scan_duration").value_or(0);
  if (took < 0 || took > aqua_scan_seconds_max) {
    note_defect(report, Rejection::malformed, "scan_duration is not between 0 s and a day");
    return;
  }
  note_finish(report, *start + std::chrono::seconds(took),
              took == 0 ? "scan_started" : "scan_started + scan_duration");
}

// `amd64::linux:`, which is architecture, variant, operating system and its version. Where the
// middle one is given, its meaning is not sure enough to name a platform by it.
void read_aqua_platform(ScanReport& report, const json& scan) {
  const std::string text = find_text(report, scan, "scanned_image_platform");
  const std::size_t first = text.find("::");
  if (first == std::string::npos) {
    return;
  }
  const std::string_view rest = std::string_view(text).substr(first + 2);
  const std::size_t end = rest.find(':');
  if (end != std::string_view::npos && text.find(':') == first) {
    take_platform(report, rest.substr(0, end), std::string_view(text).substr(0, first));
  }
}

void read_aqua_scan(ScanReport& report, const json& scan) {
  add_name(report,
           image_name(find_text(report, scan, "registry"), find_text(report, scan, "image"), {}));
  if (const auto digest = find_digest(report, scan, "digest")) {
    add_subject(report, *digest);
  }
  read_aqua_time(report, scan);
  read_aqua_platform(report, scan);
  if (const auto database = find_integer(report, scan, "data_date"); database && *database != 0) {
    const auto built = time_from_epoch(*database, 0);
    note_database(report, built);
    if (!built) {
      note_defect(report, Rejection::malformed, "data_date is no time since 1970");
    }
  }
  const json* partial = find_any(scan, "partial_results");
  if (partial != nullptr && *partial == json(true)) {
    note_defect(report, Rejection::scan_failed, "partial_results is true: the scan did not finish");
  }
  FindingCollector findings;
  const bool any_scanned = read_aqua_resources(report, findings, scan);
  const bool clean = findings.size() == 0;
  findings.finish(report);
  if (!clean || any_scanned) {
    return;
  }
  // A resource is listed for its findings, so a clean scan shows by its summary alone.
  if (find_object(report, scan, "vulnerability_summary") == nullptr) {
    note_defect(report, Rejection::no_packages,
                "no resource was scanned, and there is no vulnerability_summary");
  } else if (find_text(report, scan, "os").empty()) {
    note_defect(report, Rejection::unsupported_os, "nothing was found, and os is empty");
  }
}

void read_aqua_server_record(ScanReport& report, const json& record) {
  add_name(report, image_name(find_text(report, record, "registry"),
                              find_text(report, record, "image_name"), {}));
  if (const std::string status = find_text(report, record, "status"); status != "SCANNED") {
    note_defect(report, Rejection::scan_failed,
                "status is " + (status.empty() ? "missing" : shown_text(status)) + ", not SCANNED");
  }
  FindingCollector findings;
  if (const json* found = find_array(report, record, "cves")) {
    add_aqua_vulnerabilities(report, findings, *found, "cves[]");
  }
  if (findings.size() == 0) {
    note_defect(report, Rejection::no_packages,
                "no cves, and nothing shows that packages were matched");
  }
  findings.finish(report);
}

ScanReport read_aqua(const json& document) {
  ScanReport report;
  report.format = "aqua";
  report.scanner = "aqua";
  if (document.is_array() && document.size() != 1) {
    note_defect(report, Rejection::unknown_format,
                "holds " + std::to_string(document.size()) + " reports, not one");
    return report;
  }
  if (document.is_array()) {
    read_aqua_scan(report, document.front().at("results"));
  } else if (is_aqua_scan(document)) {
    read_aqua_scan(report, document);
  } else {
    read_aqua_server_record(report, document);
  }
  conclude(report);
  return report;
}

constexpr std::string_view aqua_keeps[] = {
    "{,[].results.}{scan_started.seconds,scan_started.nanos,scan_duration}",
    "{,[].results.}{image_assurance_results,vulnerability_summary,image}",
    "{,[].results.}{registry,digest,data_date,partial_results,os}",
    "{,[].results.}scanned_image_platform",
    "{,[].results.}resources[].scanned",
    "{,[].results.}{resources[].vulnerabilities[],cves[]}.{name,severity}",
    "{,[].results.}{resources[].vulnerabilities[],cves[]}.{aqua,nvd,vendor}_severity",
    "{,[].results.}{resources[].vulnerabilities[],cves[]}.{nvd,vendor}_severity_v3",
    "{image_name,status}",
};

}  // namespace

// Source: samples of scannercli, of its Azure DevOps task and of the server's API v1.
constinit const Format aqua_format{
    .info =
        {
            .name = "aqua",
            .detection =
                "an object with image and one of scan_started, vulnerability_summary, "
                "image_assurance_results and resources; an array of one {results: such an object} "
                "(Azure DevOps); the server's record, an object with image_name and cves",
            .finished_at =
                "scan_started (seconds and nanos) + scan_duration (seconds); nothing in the "
                "server's record",
            .subjects = "digest, with or without sha256:, of whatever kind; platform from "
                        "scanned_image_platform where that names no variant",
            .scanner = "aqua; version is the operating system's, and the scanner's is not given",
            .database_built_at = "data_date, seconds since 1970",
            .counts =
                "resources[].vulnerabilities[], else cves[]: aqua_severity, else the vendor's, "
                "else NVD's; the summary may disagree and is not used",
            .defects =
                "nothing found and no resource with scanned true: proof only with a "
                "vulnerability_summary (else no_packages) and a named os (else unsupported_os); "
                "partial_results, or a status other than SCANNED: scan_failed; several reports in "
                "one array: unknown_format",
        },
    .looks_like = looks_like_aqua,
    .read = read_aqua,
    .keeps = aqua_keeps,
};

}  // namespace scanclock::evidence
