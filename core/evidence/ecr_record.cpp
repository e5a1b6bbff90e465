#include "core/evidence/ecr_findings.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/platform_record.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_ecr_record(const json& document) {
  return is_platform_record(document, "ecr-v2015");
}

ScanReport read_ecr_record(const json& document) {
  ScanReport report;
  const json* record = open_platform_record(report, document);
  if (record == nullptr) {
    return report;
  }
  const json* image = find_object(report, *record, "record.imageId");
  const bool nested = image != nullptr;
  const std::string path = nested ? "record.imageId.imageDigest" : "record.imageDigest";
  take_platform_subject(report, document, find_text(report, nested ? *image : *record, path), path);
  read_ecr_scan(report, *record, "record.");
  conclude(report);
  return report;
}

constexpr std::string_view ecr_record_keeps[] = {
    "{scanclockRecord,registry,repository,digest,record}",
};

}  // namespace

constinit const Format ecr_record_format{
    .info =
        {
            .name = "ecr-v2015",
            .detection =
                "scanclockRecord ecr-v2015: an answer of DescribeImageScanFindings, or an image "
                "of DescribeImages",
            .finished_at =
                "record.imageScanFindings.imageScanCompletedAt (or imageScanFindingsSummary), "
                "seconds since 1970. Where continuous scanning leaves it out there is no time",
            .subjects =
                "digest, which record.imageId.imageDigest or record.imageDigest must equal where "
                "it is given",
            .scanner = "amazon-ecr",
            .database_built_at = "record.imageScanFindings.vulnerabilitySourceUpdatedAt",
            .counts = "as ecr-findings",
            .defects = "as ecr-findings; another digest in the record: wrong_subject",
        },
    .looks_like = looks_like_ecr_record,
    .read = read_ecr_record,
    .keeps = ecr_record_keeps,
};

}  // namespace scanclock::evidence
