#include "core/evidence/embedded_report.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

// The statement vouches for the subject, and for the time where it gives one; what the report
// inside lacks of these is no defect of its own.
bool carries_over(Rejection reason, StatementSays says) {
  return reason != Rejection::no_time && reason != Rejection::no_subject &&
         (reason != Rejection::unknown_format || says == StatementSays::subject_only);
}

void merge_embedded(ScanReport& report, ScanReport inner, std::string_view path,
                    StatementSays says) {
  // An old report wrapped today is old: `trivy convert` writes scanFinishedOn anew.
  note_finish(report, inner.finished_at, std::string(path) + "." + inner.finished_at_field);
  note_database(report, inner.database_built_at);
  report.inner_subjects = std::move(inner.subjects);
  if (!inner.subject_config.empty()) {
    // A scan of an archive names nothing else, and it may be another image's.
    report.inner_subjects.push_back(inner.subject_config);
    report.subject_config = inner.subject_config;
  }
  report.platform = std::move(inner.platform);
  report.counts = inner.counts;
  report.findings = std::move(inner.findings);
  for (const std::string& name : inner.names) {
    add_name(report, name);
  }
  const bool same_scanner = report.scanner.empty() || report.scanner == inner.scanner;
  if (same_scanner && report.scanner_version.empty()) {
    report.scanner_version = std::move(inner.scanner_version);
  }
  if (report.scanner.empty()) {
    report.scanner = std::move(inner.scanner);
  }
  if (inner.defect && carries_over(*inner.defect, says)) {
    note_defect(report, *inner.defect, std::string(path) + ": " + inner.defect_detail);
  }
}

}  // namespace

bool read_embedded_report(ScanReport& report, const json& value, std::string_view path,
                          StatementSays says) {
  if (!value.is_string()) {
    const Format* format = find_report_format(value);
    if (format != nullptr) {
      merge_embedded(report, format->read(value), path, says);
    }
    return format != nullptr;
  }
  // Some producers put the report in as text. It is opened too, for the time inside may be older.
  const auto& text = value.get_ref<const std::string&>();
  if (!text.starts_with('{') && !text.starts_with('[')) {
    return false;
  }
  ScanReport unread;
  const auto document = parse_json(unread, text, text.capacity() - text.size());
  if (!document) {
    note_defect(report, Rejection::malformed, std::string(path) + ": " + unread.defect_detail);
    return true;
  }
  return read_embedded_report(report, *document, path, says);
}

}  // namespace scanclock::evidence
