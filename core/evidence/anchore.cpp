#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool is_anchore_export(const json& document) {
  const json* metadata = find_any(document, "metadata");
  return metadata != nullptr && find_any(document, "securityEvaluation") != nullptr &&
         find_any(*metadata, "imageDigest") != nullptr;
}

bool looks_like_anchore(const json& document) {
  const bool names_image =
      find_any(document, "imageDigest") != nullptr || find_any(document, "image_digest") != nullptr;
  return is_anchore_export(document) ||
         (names_image && find_any(document, "vulnerabilities") != nullptr);
}

std::vector<std::string> anchore_aliases(const json& vulnerability) {
  std::vector<std::string> aliases = texts_under(vulnerability, "cves");
  const json* records = find_any(vulnerability, "nvd_data");
  if (records != nullptr && records->is_array()) {
    for (const json& record : *records) {
      aliases.push_back(text_or_empty(record, "id"));
    }
  }
  return aliases;
}

void read_anchore_findings(ScanReport& report, const json& document, std::string_view path,
                           std::string_view id_key) {
  const json* vulnerabilities = find_array(report, document, path);
  FindingCollector findings;
  if (vulnerabilities == nullptr) {
    note_defect(report, Rejection::malformed, std::string(path) + " is missing");
    return;
  }
  for_each_object(report, vulnerabilities, path, [&](const json& vulnerability) {
    findings.add(text_or_empty(vulnerability, id_key), anchore_aliases(vulnerability),
                 severity_under(vulnerability, "severity"));
  });
  if (findings.size() == 0) {
    note_defect(report, Rejection::no_packages,
                std::string(path) + " is empty, and the report names no system and no package");
  }
  findings.finish(report);
}

void read_anchore_export(ScanReport& report, const json& document) {
  const json* metadata = find_object(report, document, "metadata");
  if (metadata != nullptr) {
    note_finish(report, find_time(report, *metadata, "metadata.timestamp"), "metadata.timestamp");
    if (const auto digest = find_digest(report, *metadata, "metadata.imageDigest")) {
      add_subject(report, *digest);
    }
    add_name(report, image_name(find_text(report, *metadata, "metadata.registry"),
                                find_text(report, *metadata, "metadata.repository"),
                                find_text(report, *metadata, "metadata.tag")));
  }
  read_anchore_findings(report, document, "securityEvaluation", "vulnerabilityId");
}

ScanReport read_anchore(const json& document) {
  ScanReport report;
  report.format = "anchore";
  report.scanner = "anchore";
  if (is_anchore_export(document)) {
    read_anchore_export(report, document);
  } else {
    const char* key = document.contains("imageDigest") ? "imageDigest" : "image_digest";
    if (const auto digest = find_digest(report, document, key)) {
      add_subject(report, *digest);
    }
    read_anchore_findings(report, document, "vulnerabilities", "vuln");
  }
  conclude(report);
  return report;
}

constexpr std::string_view anchore_keeps[] = {
    "{imageDigest,image_digest}",
    "metadata.{imageDigest,timestamp,registry,repository,tag}",
    "{vulnerabilities,securityEvaluation}[].{vuln,vulnerabilityId,severity}",
    "{vulnerabilities,securityEvaluation}[].{cves[],nvd_data[].id}",
};

}  // namespace

// Source: samples of Anchore Engine's and Enterprise's API and of the Enterprise web interface.
constinit const Format anchore_format{
    .info =
        {
            .name = "anchore",
            .detection =
                "an object with vulnerabilities and imageDigest or image_digest (the API, "
                "anchorectl); one with securityEvaluation and metadata.imageDigest (the web "
                "interface's export)",
            .finished_at =
                "metadata.timestamp of the export, for Anchore matches when it is asked; nothing "
                "in the API's form. detectedAt is when a finding was first seen, and no scan time",
            .subjects = "imageDigest, image_digest or metadata.imageDigest",
            .scanner = "anchore; its version is not given",
            .database_built_at = "not in the format",
            .counts = "vulnerabilities[].severity, else securityEvaluation[].severity",
            .defects =
                "nothing found: no_packages, for the format names no system and lists no package "
                "without findings",
        },
    .looks_like = looks_like_anchore,
    .read = read_anchore,
    .keeps = anchore_keeps,
};

}  // namespace scanclock::evidence
