#include "core/evidence/format_table.hpp"
#include "core/evidence/in_toto.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view cosign_vuln_types[] = {
    "https://cosign.sigstore.dev/attestation/vuln/v1"};
constexpr std::string_view result_path = "predicate.scanner.result";

// The statement vouches for time and subject, so what the report inside lacks of these is no
// defect, and neither is a report of a format that is not read here.
bool carries_over(Rejection reason) {
  return reason != Rejection::no_time && reason != Rejection::no_subject &&
         reason != Rejection::unknown_format;
}

void merge(ScanReport& report, ScanReport inner) {
  // An old report wrapped today is old: `trivy convert` writes scanFinishedOn anew.
  note_finish(report, inner.finished_at, std::string(result_path) + "." + inner.finished_at_field);
  note_database(report, inner.database_built_at);
  report.inner_subjects = std::move(inner.subjects);
  if (!inner.subject_config.empty()) {
    // A scan of an archive names nothing else, and it may be another image's.
    report.inner_subjects.push_back(inner.subject_config);
    report.subject_config = inner.subject_config;
  }
  report.platform = std::move(inner.platform);
  report.counts = inner.counts;
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
  if (inner.defect && carries_over(*inner.defect)) {
    note_defect(report, *inner.defect, std::string(result_path) + ": " + inner.defect_detail);
  }
}

// Some producers put the report in as text. It is opened too, for the time inside may be older.
void read_result(ScanReport& report, const json& result) {
  if (!result.is_string()) {
    if (auto inner = read_scanner_report(result)) {
      merge(report, std::move(*inner));
    }
    return;
  }
  const auto& text = result.get_ref<const std::string&>();
  if (!text.starts_with('{') && !text.starts_with('[')) {
    return;
  }
  ScanReport unread;
  if (const auto document = parse_json(unread, text); document && !document->is_string()) {
    read_result(report, *document);
  } else {
    note_defect(report, Rejection::malformed,
                std::string(result_path) + ": " + unread.defect_detail);
  }
}

void read_cosign_vuln(ScanReport& report, const json& predicate) {
  read_predicate_finish(report, predicate);
  const json* scanner = find_object(report, predicate, "predicate.scanner");
  const json* result = scanner ? find_any(*scanner, "result") : nullptr;
  if (scanner != nullptr) {
    read_predicate_scanner(report, *scanner);
    if (const json* database = find_object(report, *scanner, "predicate.scanner.db")) {
      const auto built = parse_rfc3339(text_or_empty(*database, "version"));
      note_database(report, built && is_set(*built) ? built : std::nullopt);
    }
  }
  const bool without_result = result == nullptr || result->empty() || *result == "";
  if (!without_result) {
    read_result(report, *result);
  }
  conclude(report);
  // What else is wrong with the statement says more than an empty result.
  if (without_result && !report.defect) {
    note_defect(report, Rejection::no_packages,
                "predicate.scanner.result is empty: nothing shows that packages were matched");
  }
}

}  // namespace

constinit const Format cosign_vuln_format{
    .info =
        {
            .name = "cosign-vuln",
            .detection =
                "a statement with predicateType https://cosign.sigstore.dev/attestation/vuln/v1",
            .finished_at =
                "the earliest of predicate.metadata.scanFinishedOn and the time of the report in "
                "predicate.scanner.result (predicate.scanner.result.CreatedAt, …): an old "
                "report wrapped today is old. scanStartedOn is no end",
            .subjects =
                "subject[].digest.sha256 and sha512; the image ID and the platform from the report "
                "in predicate.scanner.result, whose digests, the image ID included, go to "
                "inner_subjects",
            .scanner = "predicate.scanner.uri (a package URL gives name and version) and "
                       "predicate.scanner.version, else the report in predicate.scanner.result",
            .database_built_at =
                "the earliest of predicate.scanner.db.version, where it is an RFC 3339 "
                "time, and what the report in predicate.scanner.result gives",
            .counts =
                "as the report in predicate.scanner.result; zero for a report of another format",
            .defects =
                "those of the report in predicate.scanner.result, except its missing time or "
                "subject; no result at all: no_packages",
        },
    .predicate_types = cosign_vuln_types,
    .read_predicate = read_cosign_vuln,
};

}  // namespace scanclock::evidence
