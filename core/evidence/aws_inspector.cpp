#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

const json* front_of_list(const json& document, std::string_view key) {
  const json* list = find_any(document, key);
  return list != nullptr && list->is_array() && !list->empty() ? &list->front() : nullptr;
}

bool looks_like_inspector(const json& document) {
  if (const json* first = front_of_list(document, "findings")) {
    return find_any(*first, "findingArn") != nullptr ||
           find_any(*first, "packageVulnerabilityDetails") != nullptr;
  }
  const json* first = front_of_list(document, "Findings");
  return first != nullptr && find_any(*first, "ProductArn") != nullptr;
}

/// The images that a finding is about, whichever of the two spellings it is in.
void add_inspector_images(ScanReport& report, const json& finding, bool hub) {
  const json* resources =
      find_array(report, finding, hub ? "Findings[].Resources" : "findings[].resources");
  if (resources == nullptr) {
    return;
  }
  for (const json& resource : *resources) {
    const json* details = find_any(resource, hub ? "Details" : "details");
    const json* image =
        details ? find_any(*details, hub ? "AwsEcrContainerImage" : "awsEcrContainerImage")
                : nullptr;
    if (image == nullptr) {
      continue;
    }
    if (const auto digest = find_digest(report, *image, hub ? "ImageDigest" : "imageHash")) {
      add_subject(report, *digest);
    }
    const std::string repository = text_or_empty(*image, hub ? "RepositoryName" : "repositoryName");
    add_name(report, repository);
    for (const std::string& tag : texts_under(*image, hub ? "ImageTags" : "imageTags")) {
      add_name(report, image_name({}, repository, tag));
    }
  }
}

/// True for a vulnerability of a package.
bool read_inspector_finding(ScanReport& report, FindingCollector& findings, const json& finding) {
  const json* details = find_object(report, finding, "findings[].packageVulnerabilityDetails");
  if (details == nullptr) {
    return false;
  }
  add_inspector_images(report, finding, false);
  const std::string status = find_text(report, finding, "findings[].status");
  if (status.empty() || status == "ACTIVE") {
    findings.add(text_or_empty(*details, "vulnerabilityId"),
                 texts_under(*details, "relatedVulnerabilities"),
                 severity_under(finding, "severity"));
  }
  return true;
}

bool read_hub_finding(ScanReport& report, FindingCollector& findings, const json& finding) {
  const json* vulnerabilities = find_array(report, finding, "Findings[].Vulnerabilities");
  if (vulnerabilities == nullptr) {
    return false;
  }
  add_inspector_images(report, finding, true);
  const json* workflow = find_any(finding, "Workflow");
  const std::string status = workflow ? text_or_empty(*workflow, "Status") : std::string();
  if (text_or_empty(finding, "RecordState") == "ARCHIVED" || status == "RESOLVED" ||
      status == "SUPPRESSED") {
    return true;
  }
  const json* severity = find_any(finding, "Severity");
  for (const json& vulnerability : *vulnerabilities) {
    findings.add(text_or_empty(vulnerability, "Id"),
                 texts_under(vulnerability, "RelatedVulnerabilities"),
                 severity ? severity_under(*severity, "Label") : Severity::unknown);
  }
  return true;
}

ScanReport read_inspector(const json& document) {
  ScanReport report;
  report.format = "aws-inspector";
  report.scanner = "amazon-inspector";
  const bool hub = !document.contains("findings");
  FindingCollector findings;
  bool any = false;
  for_each_object(report, &document.at(hub ? "Findings" : "findings"), "findings",
                  [&](const json& finding) {
                    any = (hub ? read_hub_finding(report, findings, finding)
                               : read_inspector_finding(report, findings, finding)) ||
                          any;
                  });
  findings.finish(report);
  if (!any) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "no finding is a vulnerability of a package");
  }
  if (report.subjects.size() > 1) {
    note_defect(
        report, Rejection::unknown_format,
        "a list of findings in " + std::to_string(report.subjects.size()) + " images, not in one");
  }
  conclude(report);
  return report;
}

constexpr std::string_view aws_inspector_keeps[] = {
    "findings[].{findingArn,status,severity}",
    "findings[].packageVulnerabilityDetails.{vulnerabilityId,relatedVulnerabilities[]}",
    "findings[].resources[].details.awsEcrContainerImage.{imageHash,repositoryName}",
    "findings[].resources[].details.awsEcrContainerImage.imageTags[]",
    "Findings[].{ProductArn,RecordState,Workflow.Status,Severity.Label}",
    "Findings[].Vulnerabilities[].{Id,RelatedVulnerabilities[]}",
    "Findings[].Resources[].Details.AwsEcrContainerImage.{ImageDigest,RepositoryName}",
    "Findings[].Resources[].Details.AwsEcrContainerImage.ImageTags[]",
};

}  // namespace

// Source: the Inspector2 API (ListFindings) and the AWS Security Finding Format.
constinit const Format aws_inspector_format{
    .info =
        {
            .name = "aws-inspector",
            .detection =
                "an object with findings[] that have a findingArn or packageVulnerabilityDetails "
                "(Inspector2), or with Findings[] that have a ProductArn (Security Hub)",
            .finished_at =
                "not in the format: updatedAt and lastObservedAt belong to a finding, and say "
                "nothing of when the image as a whole was scanned",
            .subjects = "findings[].resources[].details.awsEcrContainerImage.imageHash, or "
                        "Findings[].Resources[].Details.AwsEcrContainerImage.ImageDigest",
            .scanner = "amazon-inspector",
            .database_built_at = "not in the format",
            .counts =
                "findings[].severity of those with packageVulnerabilityDetails and status ACTIVE; "
                "Findings[].Severity.Label of those with Vulnerabilities that are not archived, "
                "resolved or suppressed",
            .defects =
                "findings in several images: unknown_format; none of a package's vulnerability: "
                "not_a_vulnerability_scan; an empty list is of no known format, for it names no "
                "image",
        },
    .looks_like = looks_like_inspector,
    .read = read_inspector,
    .keeps = aws_inspector_keeps,
};

}  // namespace scanclock::evidence
