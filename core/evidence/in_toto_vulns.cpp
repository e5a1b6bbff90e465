#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/in_toto.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/severity.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view in_toto_vulns_types[] = {"https://in-toto.io/attestation/vulns/v0.1",
                                                    "https://in-toto.io/attestation/vulns/v0.2"};

// Each entry may carry several scores by several methods; the gravest counts.
Severity gravest_in_toto_score(ScanReport& report, const json& result) {
  Severity severity = Severity::unknown;
  const json* scores = find_array(report, result, "predicate.scanner.result[].severity");
  if (scores == nullptr) {
    return severity;
  }
  for (const json& entry : *scores) {
    const json* score = find_any(entry, "score");
    if (score == nullptr) {
      continue;
    }
    auto found = severity_from_score(*score);
    if (!found && score->is_string()) {
      found = severity_from_word(score->get_ref<const std::string&>());
    }
    severity = std::max(severity, found.value_or(Severity::unknown));
  }
  return severity;
}

void read_in_toto_vulns(ScanReport& report, const json& predicate) {
  read_predicate_finish(report, predicate);
  const json* scanner = find_object(report, predicate, "predicate.scanner");
  const json* results =
      scanner ? find_array(report, *scanner, "predicate.scanner.result") : nullptr;
  if (scanner != nullptr) {
    read_predicate_scanner(report, *scanner);
    if (const json* database = find_object(report, *scanner, "predicate.scanner.db")) {
      note_database(report, find_time(report, *database, "predicate.scanner.db.lastUpdate"));
    }
  }
  if (results == nullptr) {
    note_defect(report, Rejection::no_packages, "predicate.scanner.result is missing");
    conclude(report);
    return;
  }
  FindingCollector findings;
  for_each_object(report, results, "predicate.scanner.result", [&](const json& result) {
    const json* inner = find_any(result, "vulnerability");
    std::string id = text_or_empty(result, "id");
    id = id.empty() && inner != nullptr ? text_or_empty(*inner, "id") : id;
    Severity severity = gravest_in_toto_score(report, result);
    if (inner != nullptr) {
      severity = std::max(severity, gravest_in_toto_score(report, *inner));
    }
    findings.add(id, severity);
  });
  findings.finish(report);
  conclude(report);
}

constexpr std::string_view in_toto_vulns_keeps[] = {
    "predicate.metadata.scanFinishedOn",
    "predicate.scanner.{uri,version,db.lastUpdate}",
    "predicate.scanner.result[].{,vulnerability.}{id,severity[].score}",
};

}  // namespace

constinit const Format in_toto_vulns_format{
    .info =
        {
            .name = "in-toto-vulns",
            .detection =
                "a statement with predicateType https://in-toto.io/attestation/vulns/v0.1 or v0.2",
            .finished_at = "predicate.metadata.scanFinishedOn",
            .subjects = "subject[].digest.sha256 and sha512",
            .scanner = "predicate.scanner.uri (a package URL gives name and version) and "
                       "predicate.scanner.version",
            .database_built_at = "predicate.scanner.db.lastUpdate",
            .counts = "predicate.scanner.result[].severity[].score: the gravest of the words and "
                      "the CVSS scores; CVSS vectors count as unknown. Id and severity stand in "
                      "result[] (the examples) or in result[].vulnerability (the text of v0.1)",
            .defects = "no result list: no_packages. An empty list says that nothing was found",
        },
    .predicate_types = in_toto_vulns_types,
    .read_predicate = read_in_toto_vulns,
    .keeps = in_toto_vulns_keeps,
};

}  // namespace scanclock::evidence
