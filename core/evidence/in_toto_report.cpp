#include "core/evidence/embedded_report.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

void read_in_toto_report(ScanReport& report, const json& predicate) {
  if (!read_embedded_report(report, predicate, "predicate", StatementSays::subject_only)) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "the predicate is no report of a known scanner");
    return;
  }
  conclude(report);
}

constexpr std::string_view in_toto_report_keeps[] = {
    "predicate<report>",
};

}  // namespace

// `cosign attest --type URI` puts any JSON file into the statement as it stands.
constinit const Format in_toto_report_format{
    .info =
        {
            .name = "in-toto-report",
            .detection = "a statement of any other predicateType whose predicate, by its shape, is "
                         "a scanner's own report",
            .finished_at = "as the report in predicate",
            .subjects =
                "subject[].digest.sha256 and sha512; the image ID and the platform from the report "
                "in predicate, whose digests go to inner_subjects",
            .scanner = "as the report in predicate",
            .database_built_at = "as the report in predicate",
            .counts = "as the report in predicate",
            .defects = "those of the report in predicate, except its missing subject",
        },
    .read_predicate = read_in_toto_report,
    .keeps = in_toto_report_keeps,
};

}  // namespace scanclock::evidence
