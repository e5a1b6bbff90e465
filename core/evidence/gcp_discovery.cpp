#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_gcp_discovery(const json& document) {
  return find_any(document, "discovery") != nullptr && find_any(document, "resourceUri") != nullptr;
}

void judge_gcp_discovery(ScanReport& report, const json& document, const json& discovery) {
  const std::string note = find_text(report, document, "noteName");
  if (!note.empty() && !note.ends_with("/PACKAGE_VULNERABILITY")) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "noteName is " + shown_text(note) + ", not a PACKAGE_VULNERABILITY note");
  }
  const std::string status = find_text(report, discovery, "discovery.analysisStatus");
  if (status != "FINISHED_SUCCESS" && status != "COMPLETE") {
    note_defect(
        report,
        status == "FINISHED_UNSUPPORTED" ? Rejection::unsupported_os : Rejection::scan_failed,
        "discovery.analysisStatus is " + (status.empty() ? "missing" : shown_text(status)));
  }
  const json* errors = find_array(report, discovery, "discovery.analysisError");
  if (errors != nullptr && !errors->empty()) {
    note_defect(
        report, Rejection::scan_failed,
        "discovery.analysisError: " + shown_text(text_or_empty(errors->front(), "message")));
  }
}

ScanReport read_gcp_discovery(const json& document) {
  ScanReport report;
  report.format = "gcp-discovery";
  report.scanner = "google-artifact-analysis";
  std::string uri = find_text(report, document, "resourceUri");
  if (const std::string scheme = "https://"; uri.starts_with(scheme)) {
    uri.erase(0, scheme.size());
  }
  add_subject_reference(report, json(uri));
  add_name(report, uri);
  if (const json* discovery = find_object(report, document, "discovery")) {
    judge_gcp_discovery(report, document, *discovery);
    note_finish(report, find_time(report, *discovery, "discovery.lastScanTime"),
                "discovery.lastScanTime");
  }
  conclude(report);
  return report;
}

constexpr std::string_view gcp_discovery_keeps[] = {
    "{resourceUri,noteName}",
    "discovery.{analysisStatus,lastScanTime,analysisError[].message}",
};

}  // namespace

// Source: grafeas/grafeas proto/v1/discovery.proto.
constinit const Format gcp_discovery_format{
    .info =
        {
            .name = "gcp-discovery",
            .detection = "an object with discovery and resourceUri: an occurrence of kind "
                         "DISCOVERY of Google's Container Analysis API",
            .finished_at =
                "discovery.lastScanTime; createTime and updateTime are the record's. Records of "
                "before that field have none",
            .subjects =
                "the digest in resourceUri. Google scans one platform of an index, so an index's "
                "record proves nothing of the others",
            .scanner = "google-artifact-analysis",
            .database_built_at = "not in the format",
            .counts = "none: findings are occurrences of their own",
            .defects =
                "discovery.analysisStatus other than FINISHED_SUCCESS and COMPLETE: scan_failed, "
                "FINISHED_UNSUPPORTED: unsupported_os; a discovery.analysisError: scan_failed; a "
                "noteName other than PACKAGE_VULNERABILITY: not_a_vulnerability_scan",
        },
    .looks_like = looks_like_gcp_discovery,
    .read = read_gcp_discovery,
    .keeps = gcp_discovery_keeps,
};

}  // namespace scanclock::evidence
