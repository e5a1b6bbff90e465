#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_neuvector(const json& document) {
  static constexpr std::array<std::string_view, 5> marks = {"modules", "cvedb_version", "image_id",
                                                            "base_os", "setid_perms"};
  const json* report = find_any(document, "report");
  return report != nullptr && report->is_object() && find_any(document, "kind") == nullptr &&
         std::any_of(marks.begin(), marks.end(),
                     [&](std::string_view mark) { return find_any(*report, mark) != nullptr; });
}

void read_neuvector_findings(ScanReport& report, const json& scan) {
  FindingCollector findings;
  constexpr std::string_view path = "report.vulnerabilities";
  for_each_object(report, find_array(report, scan, path), path, [&](const json& vulnerability) {
    findings.add(text_or_empty(vulnerability, "name"), texts_under(vulnerability, "cves"),
                 severity_under(vulnerability, "severity"));
  });
  const json* modules = find_array(report, scan, "report.modules");
  if (findings.size() == 0 && (modules == nullptr || modules->empty())) {
    note_defect(report, Rejection::no_packages, "nothing was found, and report.modules is empty");
  }
  findings.finish(report);
}

ScanReport read_neuvector(const json& document) {
  ScanReport report;
  report.format = "neuvector";
  report.scanner = "neuvector";
  if (const std::string error = find_text(report, document, "error_message"); !error.empty()) {
    note_defect(report, Rejection::scan_failed, "error_message is " + shown_text(error));
  }
  const json& scan = document.at("report");
  if (const auto digest = find_digest(report, scan, "report.digest")) {
    add_subject(report, *digest);
  }
  if (const auto id = find_digest(report, scan, "report.image_id")) {
    report.subject_config = *id;
  }
  add_name(report, image_name(find_text(report, scan, "report.registry"),
                              find_text(report, scan, "report.repository"),
                              find_text(report, scan, "report.tag")));
  note_database(report, find_time(report, scan, "report.cvedb_create_time"));
  read_neuvector_findings(report, scan);
  conclude(report);
  return report;
}

constexpr std::string_view neuvector_keeps[] = {
    "{kind,error_message}",
    "report.{modules,cvedb_version,image_id,base_os,setid_perms}",
    "report.{digest,registry,repository,tag,cvedb_create_time}",
    "report.vulnerabilities[].{name,cves[],severity}",
};

}  // namespace

// Source: samples of the controller's REST API and of the stand-alone scanner.
constinit const Format neuvector_format{
    .info =
        {
            .name = "neuvector",
            .detection =
                "an object with report, which holds modules, cvedb_version, image_id, base_os or "
                "setid_perms, and without kind",
            .finished_at =
                "not in the format; report.created_at is when the image was built, and a "
                "finding's timestamps are the catalogue's",
            .subjects = "report.digest and, as the image ID, report.image_id, where they are given",
            .scanner = "neuvector; its version is not given (a module named scanner is one of the "
                       "image's)",
            .database_built_at = "report.cvedb_create_time, where it is given",
            .counts = "report.vulnerabilities[].severity",
            .defects =
                "a non-empty error_message: scan_failed; nothing found and no report.modules: "
                "no_packages",
        },
    .looks_like = looks_like_neuvector,
    .read = read_neuvector,
    .keeps = neuvector_keeps,
};

}  // namespace scanclock::evidence
