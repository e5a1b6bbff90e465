#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/platform_record.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_quay_record(const json& document) {
  return is_platform_record(document, "quay-secscan");
}

void read_quay_features(ScanReport& report, const json& layer) {
  const json* features = find_array(report, layer, "record.data.Layer.Features");
  if (features == nullptr || features->empty()) {
    note_defect(report, Rejection::no_packages, "record.data.Layer.Features is empty");
    return;
  }
  FindingCollector findings;
  for (const json& feature : *features) {
    constexpr std::string_view path = "record.data.Layer.Features[].Vulnerabilities";
    for_each_object(
        report, find_array(report, feature, path), path, [&](const json& vulnerability) {
          // Clair 2 graded what is actively exploited above critical.
          const Severity severity = text_or_empty(vulnerability, "Severity") == "Defcon1"
                                        ? Severity::critical
                                        : severity_under(vulnerability, "Severity");
          findings.add(text_or_empty(vulnerability, "Name"), severity);
        });
  }
  findings.finish(report);
}

ScanReport read_quay_record(const json& document) {
  ScanReport report;
  report.scanner = "clair";
  const json* record = open_platform_record(report, document);
  if (record == nullptr) {
    return report;
  }
  const json* data = find_object(report, *record, "record.data");
  const json* layer = data ? find_object(report, *data, "record.data.Layer") : nullptr;
  // Quay with Clair 2 puts a layer's id there, which is no digest.
  take_platform_subject(report, document, layer ? text_or_empty(*layer, "Name") : std::string(),
                        "record.data.Layer.Name");
  const std::string status = find_text(report, *record, "record.status");
  if (status != "scanned") {
    note_defect(
        report, status == "unsupported" ? Rejection::unsupported_os : Rejection::scan_failed,
        "record.status is " + (status.empty() ? "missing" : shown_text(status)) + ", not scanned");
  } else if (layer == nullptr) {
    note_defect(report, Rejection::no_packages, "record.data.Layer is missing");
  } else {
    read_quay_features(report, *layer);
  }
  conclude(report);
  return report;
}

constexpr std::string_view quay_record_keeps[] = {
    "{scanclockRecord,registry,repository,digest}",
    "record.{status,data.Layer.Name}",
    "record.data.Layer.Features[].Vulnerabilities[].{Name,Severity}",
};

}  // namespace

// Source: quay/quay endpoints/api/secscan.py, data/secscan_model/datatypes.py.
constinit const Format quay_record_format{
    .info =
        {
            .name = "quay-secscan",
            .detection =
                "scanclockRecord quay-secscan: the answer of Quay's manifest/{digest}/security",
            .finished_at =
                "not in the format: Quay keeps the time in its database and does not tell",
            .subjects = "digest, which record.data.Layer.Name must equal where that is a digest",
            .scanner = "clair; its version is not given (IndexedByVersion is the API's)",
            .database_built_at = "not in the format",
            .counts = "record.data.Layer.Features[].Vulnerabilities[].Severity",
            .defects = "a status other than scanned: scan_failed, unsupported: unsupported_os; no "
                       "Features: no_packages; always no_time",
        },
    .looks_like = looks_like_quay_record,
    .read = read_quay_record,
    .keeps = quay_record_keeps,
};

}  // namespace scanclock::evidence
