#include "core/evidence/embedded_report.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

// `cosign attest --type custom` writes the second; its first releases wrote it without a scheme.
constexpr std::string_view cosign_custom_types[] = {"cosign.sigstore.dev/attestation/v1",
                                                    "https://cosign.sigstore.dev/attestation/v1"};

void read_cosign_custom(ScanReport& report, const json& predicate) {
  constexpr std::string_view path = "predicate.Data";
  const json* data = find_any(predicate, "Data");
  if (data == nullptr || !read_embedded_report(report, *data, path, StatementSays::subject_only)) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "predicate.Data holds no report of a known scanner");
    return;
  }
  conclude(report);
}

constexpr std::string_view cosign_custom_keeps[] = {
    "predicate.Data",
};

}  // namespace

// Source: sigstore/cosign pkg/cosign/attestation/attestation.go (CosignPredicate).
constinit const Format cosign_custom_format{
    .info =
        {
            .name = "cosign-custom",
            .detection = "a statement with predicateType cosign.sigstore.dev/attestation/v1, with "
                         "https:// or without",
            .finished_at =
                "as the report in predicate.Data. predicate.Timestamp is the time of attachment "
                "and no scan time",
            .subjects =
                "subject[].digest.sha256 and sha512; the image ID and the platform from the report "
                "in predicate.Data, whose digests go to inner_subjects",
            .scanner = "as the report in predicate.Data",
            .database_built_at = "as the report in predicate.Data",
            .counts = "as the report in predicate.Data",
            .defects =
                "those of the report in predicate.Data, except its missing subject; anything else "
                "in predicate.Data: not_a_vulnerability_scan",
        },
    .predicate_types = cosign_custom_types,
    .read_predicate = read_cosign_custom,
    .keeps = cosign_custom_keeps,
};

}  // namespace scanclock::evidence
