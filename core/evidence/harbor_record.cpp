#include "core/evidence/format_table.hpp"
#include "core/evidence/harbor_media_types.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/platform_record.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view harbor_overview = "record.scan_overview";

/// One vulnerability scan of the overview.
struct HarborScan {
  const json* summary = nullptr;
  std::string path;
  std::string status;
  std::optional<TimePoint> end;
};

bool looks_like_harbor_record(const json& document) {
  return is_platform_record(document, "harbor-v2");
}

bool is_harbor_index(const json& record) {
  const std::string type = text_or_empty(record, "manifest_media_type");
  const json* references = find_any(record, "references");
  return type == "application/vnd.oci.image.index.v1+json" ||
         type == "application/vnd.docker.distribution.manifest.list.v2+json" ||
         (references != nullptr && !references->empty());
}

/// A success before all else, then the one that ended last: each entry is a scan of its own, by
/// another scanner or in another form.
bool is_better(const HarborScan& scan, const HarborScan& other) {
  const bool success = scan.status == "Success";
  if (success != (other.status == "Success")) {
    return success;
  }
  return scan.end > other.end;
}

HarborScan read_harbor_scan(ScanReport& report, const std::string& type, const json& entry) {
  HarborScan scan;
  scan.summary = &entry;
  scan.path = std::string(harbor_overview) + "[" + shown_text(type) + "]";
  scan.status = find_text(report, entry, scan.path + ".scan_status");
  scan.end = find_time(report, entry, scan.path + ".end_time");
  return scan;
}

std::optional<HarborScan> find_harbor_scan(ScanReport& report, const json& record) {
  std::optional<HarborScan> best;
  const json* overview = find_object(report, record, harbor_overview);
  if (overview == nullptr) {
    return best;
  }
  for (const auto& [type, entry] : overview->items()) {
    if (!is_harbor_vulnerability_type(type)) {
      continue;
    }
    if (!entry.is_object()) {
      note_defect(report, Rejection::malformed,
                  std::string(harbor_overview) + "[" + shown_text(type) + "] is not an object");
      continue;
    }
    HarborScan scan = read_harbor_scan(report, type, entry);
    if (!best || is_better(scan, *best)) {
      best = std::move(scan);
    }
  }
  return best;
}

void read_harbor_summary(ScanReport& report, const HarborScan& scan) {
  const json* outer = find_object(report, *scan.summary, scan.path + ".summary");
  if (outer == nullptr) {
    note_defect(report, Rejection::no_packages, "Success without a summary of what was found");
    return;
  }
  if (const json* counts = find_object(report, *outer, scan.path + ".summary.summary")) {
    report.counts = counts_from_summary(*counts);
  }
}

void read_harbor_entry(ScanReport& report, const HarborScan& scan) {
  if (const json* scanner = find_object(report, *scan.summary, scan.path + ".scanner")) {
    const std::string name = find_text(report, *scanner, scan.path + ".scanner.name");
    report.scanner = name.empty() ? report.scanner : shown_text(name);
    report.scanner_version =
        shown_text(find_text(report, *scanner, scan.path + ".scanner.version"));
  }
  if (scan.status != "Success") {
    note_defect(report, Rejection::scan_failed,
                "scan_status is " + (scan.status.empty() ? "missing" : shown_text(scan.status)) +
                    ", not Success");
  } else {
    read_harbor_summary(report, scan);
  }
  note_finish(report, scan.end, scan.path + ".end_time");
}

ScanReport read_harbor_record(const json& document) {
  ScanReport report;
  report.scanner = "harbor";
  const json* record = open_platform_record(report, document);
  if (record == nullptr) {
    return report;
  }
  if (is_harbor_index(*record)) {
    // Not no_subject, which the place where the evidence was found would make up for.
    note_defect(report, Rejection::unknown_format,
                "the record of an index sums up its platforms: a success of one and the latest "
                "end of all");
    return report;
  }
  take_platform_subject(report, document, find_text(report, *record, "record.digest"),
                        "record.digest");
  if (const json* attributes = find_any(*record, "extra_attrs")) {
    take_platform(report, text_or_empty(*attributes, "os"),
                  text_or_empty(*attributes, "architecture"),
                  text_or_empty(*attributes, "variant"));
  }
  const auto scan = find_harbor_scan(report, *record);
  if (!scan) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                std::string(harbor_overview) + " has no vulnerability scan");
    return report;
  }
  read_harbor_entry(report, *scan);
  conclude(report);
  return report;
}

constexpr std::string_view harbor_record_keeps[] = {
    "{scanclockRecord,registry,repository,digest}",
    "record.{digest,manifest_media_type,references}",
    "record.extra_attrs.{os,architecture,variant}",
    "record.scan_overview.*.{scan_status,end_time,scanner.name,scanner.version}",
    "record.scan_overview.*.summary.summary.*",
};

}  // namespace

// Source: goharbor/harbor api/v2.0/swagger.yaml (Artifact, NativeReportSummary) and
// src/pkg/scan/vuln/summary.go for how an index is summed up.
constinit const Format harbor_record_format{
    .info =
        {
            .name = "harbor-v2",
            .detection =
                "scanclockRecord harbor-v2: an artifact of Harbor's API with scan_overview",
            .finished_at =
                "record.scan_overview[media type].end_time, of the newest Success among the "
                "vulnerability media types",
            .subjects = "digest, which record.digest must equal where it is given; platform from "
                        "record.extra_attrs",
            .scanner = "record.scan_overview[media type].scanner.name and version",
            .database_built_at = "not in the format",
            .counts = "record.scan_overview[media type].summary.summary; no single findings",
            .defects =
                "a scan_status other than Success: scan_failed, though such have an end_time too; "
                "no vulnerability media type: not_a_vulnerability_scan; the record of an index: "
                "unknown_format; another record.digest: wrong_subject; Success without a summary: "
                "no_packages. Success with a summary of nothing is taken as proof, for Harbor "
                "does not record what its scanner recognised",
        },
    .looks_like = looks_like_harbor_record,
    .read = read_harbor_record,
    .keeps = harbor_record_keeps,
};

}  // namespace scanclock::evidence
