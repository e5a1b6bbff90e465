#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_twistlock(const json& document) {
  const json* results = find_any(document, "results");
  if (results == nullptr || !results->is_array() || results->empty()) {
    return false;
  }
  const json& result = results->front();
  return result.is_object() && (result.contains("vulnerabilityDistribution") ||
                                result.contains("complianceDistribution"));
}

void read_twistlock_findings(ScanReport& report, const json& result) {
  FindingCollector findings;
  const json* vulnerabilities = find_array(report, result, "results[].vulnerabilities");
  for_each_object(report, vulnerabilities, "results[].vulnerabilities", [&](const json& one) {
    findings.add(text_or_empty(one, "id"), severity_under(one, "severity"));
  });
  const bool clean = findings.size() == 0;
  findings.finish(report);
  if (!clean) {
    return;
  }
  if (!result.contains("vulnerabilityDistribution")) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "no vulnerabilityDistribution: a compliance scan");
  } else if (find_text(report, result, "results[].distro").empty()) {
    note_defect(report, Rejection::unsupported_os, "nothing was found, and distro is empty");
  }
}

ScanReport read_twistlock(const json& document) {
  ScanReport report;
  report.format = "twistlock";
  report.scanner = "twistlock";
  const json& results = document.at("results");
  if (results.size() != 1) {
    note_defect(report, Rejection::unknown_format,
                "holds " + std::to_string(results.size()) + " results, not one image's");
    return report;
  }
  const json& result = results.front();
  add_name(report, find_text(report, result, "results[].name"));
  if (const auto digest = find_digest(report, result, "results[].digest")) {
    add_subject(report, *digest);
  }
  if (const auto config = find_digest(report, result, "results[].id")) {
    report.subject_config = *config;
  }
  constexpr std::string_view time_path = "results[0].scanTime";
  note_finish(report, find_time(report, result, time_path), time_path);
  read_twistlock_findings(report, result);
  conclude(report);
  return report;
}

constexpr std::string_view twistlock_keeps[] = {
    "results[].{id,name,digest,distro,scanTime}",
    "results[].{vulnerabilityDistribution,complianceDistribution}",
    "results[].vulnerabilities[].{id,severity}",
};

}  // namespace

// Source: samples of twistcli images scan --output-file, Prisma Cloud Compute 20 to 34.
constinit const Format twistlock_format{
    .info =
        {
            .name = "twistlock",
            .detection = "an object with results[] whose first has vulnerabilityDistribution or "
                         "complianceDistribution",
            .finished_at = "results[0].scanTime; older versions give none",
            .subjects = "results[0].digest and, as the image ID, results[0].id",
            .scanner = "twistlock; no version in the format",
            .database_built_at = "not in the format",
            .counts =
                "results[0].vulnerabilities[].severity; the distribution may disagree with its "
                "own total and is not used",
            .defects =
                "several results: unknown_format; nothing found: proof only with a "
                "vulnerabilityDistribution (else not_a_vulnerability_scan) and a named distro "
                "(else unsupported_os). vulnerabilityScanPassed says whether a threshold was met, "
                "not whether the scan succeeded",
        },
    .looks_like = looks_like_twistlock,
    .read = read_twistlock,
    .keeps = twistlock_keeps,
};

}  // namespace scanclock::evidence
