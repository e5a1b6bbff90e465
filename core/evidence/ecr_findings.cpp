#include "core/evidence/ecr_findings.hpp"

#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_ecr_findings(const json& document) {
  return find_any(document, "imageScanStatus") != nullptr &&
         (find_any(document, "imageScanFindings") != nullptr ||
          find_any(document, "imageId") != nullptr || find_any(document, "imageDigest") != nullptr);
}

// ECR names an image that is no longer rescanned, a failed one and an unscannable one by the same
// field as a scanned one, and keeps old findings beside it.
void judge_ecr_status(ScanReport& report, const json& answer, const std::string& prefix) {
  const json* object = find_object(report, answer, prefix + "imageScanStatus");
  const std::string path = prefix + "imageScanStatus.status";
  const std::string status = object ? find_text(report, *object, path) : std::string();
  if (status == "COMPLETE" || status == "ACTIVE") {
    return;
  }
  std::string detail = path + " is " + (status.empty() ? "missing" : shown_text(status));
  if (const std::string why = object ? text_or_empty(*object, "description") : ""; !why.empty()) {
    detail += ": " + shown_text(why);
  }
  note_defect(report,
              status == "UNSUPPORTED_IMAGE" ? Rejection::unsupported_os : Rejection::scan_failed,
              std::move(detail));
}

void add_ecr_findings(ScanReport& report, FindingCollector& findings, const json& scan,
                      const std::string& path) {
  if (const json* basic = find_array(report, scan, path + ".findings")) {
    for (const json& finding : *basic) {
      findings.add(text_or_empty(finding, "name"), severity_under(finding, "severity"));
    }
  }
  const json* enhanced = find_array(report, scan, path + ".enhancedFindings");
  if (enhanced == nullptr) {
    return;
  }
  for (const json& finding : *enhanced) {
    const json* details = find_any(finding, "packageVulnerabilityDetails");
    const std::string status = text_or_empty(finding, "status");
    if (details != nullptr && (status.empty() || status == "ACTIVE")) {
      findings.add(text_or_empty(*details, "vulnerabilityId"),
                   texts_under(*details, "relatedVulnerabilities"),
                   severity_under(finding, "severity"));
    }
  }
}

ScanReport read_ecr_findings(const json& document) {
  ScanReport report;
  report.format = "ecr-findings";
  const json* image = find_object(report, document, "imageId");
  const auto digest = image ? find_digest(report, *image, "imageId.imageDigest")
                            : find_digest(report, document, "imageDigest");
  if (digest) {
    add_subject(report, *digest);
  }
  add_name(report, image_name({}, find_text(report, document, "repositoryName"),
                              image ? text_or_empty(*image, "imageTag") : std::string()));
  read_ecr_scan(report, document, "");
  conclude(report);
  return report;
}

constexpr std::string_view ecr_findings_keeps[] = {
    "{,record.}{imageId.imageDigest,imageId.imageTag,imageDigest,repositoryName}",
    "{,record.}imageScanStatus.{status,description}",
    "{,record.}imageScanFindings{,Summary}.imageScanCompletedAt",
    "{,record.}imageScanFindings{,Summary}.vulnerabilitySourceUpdatedAt",
    "{,record.}imageScanFindings{,Summary}.findingSeverityCounts.*",
    "{,record.}imageScanFindings.findings[].{name,severity}",
    "{,record.}imageScanFindings.enhancedFindings[].{status,severity}",
    "{,record.}imageScanFindings.enhancedFindings[].packageVulnerabilityDetails.vulnerabilityId",
    "{,record.}imageScanFindings.enhancedFindings[].packageVulnerabilityDetails."
    "relatedVulnerabilities[]",
};

}  // namespace

void read_ecr_scan(ScanReport& report, const json& answer, std::string_view prefix) {
  const std::string start(prefix);
  report.scanner = "amazon-ecr";
  judge_ecr_status(report, answer, start);
  const bool summary = find_any(answer, "imageScanFindings") == nullptr;
  const std::string path = start + (summary ? "imageScanFindingsSummary" : "imageScanFindings");
  const json* scan = find_object(report, answer, path);
  if (scan == nullptr) {
    note_defect(report, Rejection::scan_failed, path + " is missing");
    return;
  }
  note_finish(report, find_epoch_or_text_time(report, *scan, path + ".imageScanCompletedAt"),
              path + ".imageScanCompletedAt");
  note_database(report,
                find_epoch_or_text_time(report, *scan, path + ".vulnerabilitySourceUpdatedAt"));
  FindingCollector findings;
  add_ecr_findings(report, findings, *scan, path);
  findings.finish(report);
  // The findings come in pages, the counts are of all of them.
  if (const json* counts = find_object(report, *scan, path + ".findingSeverityCounts")) {
    if (!counts->empty()) {
      report.counts = counts_from_summary(*counts);
    }
  }
}

// Source: boto/botocore data/ecr/2015-09-21/service-2.json.
constinit const Format ecr_findings_format{
    .info =
        {
            .name = "ecr-findings",
            .detection =
                "an object with imageScanStatus, and imageScanFindings, imageId or imageDigest: "
                "`aws ecr describe-image-scan-findings`, or one of describe-images",
            .finished_at =
                "imageScanFindings.imageScanCompletedAt (or imageScanFindingsSummary), a local "
                "RFC 3339 time or seconds since 1970. Continuous scanning may leave it out; the "
                "times of single findings do not stand in for it",
            .subjects = "imageId.imageDigest, else imageDigest",
            .scanner = "amazon-ecr",
            .database_built_at = "imageScanFindings.vulnerabilitySourceUpdatedAt",
            .counts =
                "imageScanFindings.findingSeverityCounts, else findings[] and enhancedFindings[] "
                "with status ACTIVE, which come in pages",
            .defects = "imageScanStatus.status other than COMPLETE and ACTIVE: scan_failed "
                       "(SCAN_ELIGIBILITY_EXPIRED too, for it means no longer rescanned), "
                       "UNSUPPORTED_IMAGE: unsupported_os. With COMPLETE and ACTIVE no findings "
                       "are proof, "
                       "for ECR says UNSUPPORTED_IMAGE or FAILED where it knows no packages",
        },
    .looks_like = looks_like_ecr_findings,
    .read = read_ecr_findings,
    .keeps = ecr_findings_keeps,
};

}  // namespace scanclock::evidence
