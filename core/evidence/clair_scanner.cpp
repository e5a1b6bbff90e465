#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_clair_scanner(const json& document) {
  return find_any(document, "image") != nullptr && document.contains("unapproved") &&
         document.contains("vulnerabilities");
}

ScanReport read_clair_scanner(const json& document) {
  ScanReport report;
  report.format = "clair-scanner";
  report.scanner = "clair";
  const std::string image = find_text(report, document, "image");
  add_name(report, image);
  add_subject_reference(report, image);
  const json* vulnerabilities = find_array(report, document, "vulnerabilities");
  FindingCollector findings;
  for_each_object(report, vulnerabilities, "vulnerabilities", [&](const json& vulnerability) {
    findings.add(text_or_empty(vulnerability, "vulnerability"),
                 severity_under(vulnerability, "severity"));
  });
  if (findings.size() == 0) {
    note_defect(report, Rejection::no_packages,
                "no vulnerabilities, and nothing shows that packages were matched");
  }
  findings.finish(report);
  conclude(report);
  return report;
}

constexpr std::string_view clair_scanner_keeps[] = {
    "{image,unapproved}",
    "vulnerabilities[].{vulnerability,severity}",
};

}  // namespace

// Source: arminc/clair-scanner (reporter.go), a client of Clair before version 4.
constinit const Format clair_scanner_format{
    .info =
        {
            .name = "clair-scanner",
            .detection = "an object with image, unapproved and vulnerabilities",
            .finished_at = "not in the format",
            .subjects = "image, where it is given by digest",
            .scanner = "clair; no version in the format",
            .database_built_at = "not in the format",
            .counts = "vulnerabilities[].severity; ids from vulnerabilities[].vulnerability",
            .defects = "no_time always; no vulnerabilities: no_packages",
        },
    .looks_like = looks_like_clair_scanner,
    .read = read_clair_scanner,
    .keeps = clair_scanner_keeps,
};

}  // namespace scanclock::evidence
