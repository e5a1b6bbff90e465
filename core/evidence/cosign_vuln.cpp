#include "core/evidence/embedded_report.hpp"
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
    read_embedded_report(report, *result, result_path, StatementSays::scan_and_time);
  }
  conclude(report);
  // What else is wrong with the statement says more than an empty result, but for a missing
  // subject: the place of the attestation may stand in for that.
  if (without_result && (!report.defect || report.defect == Rejection::no_subject)) {
    note_defect(report, Rejection::no_packages,
                "predicate.scanner.result is empty: nothing shows that packages were matched");
  }
}

constexpr std::string_view cosign_vuln_keeps[] = {
    "predicate.metadata.scanFinishedOn",
    "predicate.scanner.{uri,version,db.version,result<report>}",
};

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
    .keeps = cosign_vuln_keeps,
};

}  // namespace scanclock::evidence
