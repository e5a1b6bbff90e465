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

void read_grype_database(ScanReport& report, const json& descriptor) {
  const json* database = find_object(report, descriptor, "descriptor.db");
  if (database == nullptr) {
    return;
  }
  std::string error = text_or_empty(*database, "error");
  if (const json* status = find_object(report, *database, "descriptor.db.status")) {
    note_database(report, find_time(report, *status, "descriptor.db.status.built"));
    error += text_or_empty(*status, "error");
  } else {
    note_database(report, find_time(report, *database, "descriptor.db.built"));
  }
  if (!error.empty()) {
    note_defect(report, Rejection::scan_failed,
                "the vulnerability database failed: " + shown_text(error));
  }
}

std::vector<std::string> grype_related_ids(const json& match) {
  std::vector<std::string> ids;
  const json* related = find_any(match, "relatedVulnerabilities");
  if (related != nullptr && related->is_array()) {
    for (const json& vulnerability : *related) {
      ids.push_back(text_or_empty(vulnerability, "id"));
    }
  }
  return ids;
}

std::size_t read_grype_matches(ScanReport& report, const json& document) {
  const json* matches = find_array(report, document, "matches");
  if (matches == nullptr) {
    return 0;
  }
  FindingCollector findings;
  for (const json& match : *matches) {
    const json* vulnerability = find_object(report, match, "matches[].vulnerability");
    if (vulnerability == nullptr) {
      note_defect(report, Rejection::malformed, "matches[] has no vulnerability");
      continue;
    }
    findings.add(text_or_empty(*vulnerability, "id"), grype_related_ids(match),
                 severity_under(*vulnerability, "severity"));
  }
  findings.finish(report);
  return matches->size();
}

void read_grype_target(ScanReport& report, const json& target) {
  add_name(report, find_text(report, target, "source.target.userInput"));
  if (const json* tags = find_array(report, target, "source.target.tags")) {
    for (const json& tag : *tags) {
      add_name(report, tag.is_string() ? tag.get_ref<const std::string&>() : std::string());
    }
  }
  // Grype computes manifestDigest itself; from a local daemon it need not be the registry's, so
  // the registry's own stand first.
  add_subject_references(report, find_array(report, target, "source.target.repoDigests"));
  const std::string manifest = find_text(report, target, "source.target.manifestDigest");
  if (const auto digest = Digest::parse(manifest)) {
    add_subject(report, *digest);
  }
  const std::string id = find_text(report, target, "source.target.imageID");
  if (const auto config = Digest::parse(id)) {
    report.subject_config = *config;
  }
  Platform platform;
  platform.os = shown_text(find_text(report, target, "source.target.os"));
  platform.architecture = shown_text(find_text(report, target, "source.target.architecture"));
  platform.variant = shown_text(text_or_empty(target, "variant"));
  if (!platform.os.empty() && !platform.architecture.empty()) {
    report.platform = std::move(platform);
  }
}

void read_grype_source(ScanReport& report, const json& document) {
  const json* source = find_object(report, document, "source");
  const std::string type = source ? find_text(report, *source, "source.type") : std::string();
  const json* target = source ? find_any(*source, "target") : nullptr;
  if (type == "image" && target != nullptr && target->is_object()) {
    read_grype_target(report, *target);
    return;
  }
  note_defect(report, Rejection::no_subject,
              type.empty() ? "the report has no source"
                           : "source.type is " + shown_text(type) + ", not a scanned image");
}

// Grype lists no packages, so without a match only a distribution that it has data for shows that
// anything was compared. It recognises busybox and has none.
void judge_clean_grype(ScanReport& report, const json& document) {
  const json* distro = find_object(report, document, "distro");
  const std::string name = distro ? find_text(report, *distro, "distro.name") : std::string();
  if (name.empty()) {
    note_defect(report, Rejection::unsupported_os, "no matches, and distro.name is empty");
  } else if (name == "busybox") {
    note_defect(report, Rejection::unsupported_os,
                "no matches, and grype has no vulnerability data for " + name);
  }
}

bool looks_like_grype(const json& document) {
  const json* descriptor = find_any(document, "descriptor");
  if (descriptor == nullptr || !descriptor->is_object()) {
    return false;
  }
  return text_or_empty(*descriptor, "name") == "grype" || document.contains("matches");
}

ScanReport read_grype(const json& document) {
  ScanReport report;
  report.format = "grype-json";
  report.scanner = "grype";
  const json& descriptor = document.at("descriptor");
  const std::string name = find_text(report, descriptor, "descriptor.name");
  if (!name.empty() && name != "grype") {
    note_defect(report, Rejection::unknown_format,
                "descriptor.name is " + shown_text(name) + ", not grype");
    return report;
  }
  if (!document.contains("matches")) {
    note_defect(report, Rejection::malformed, "matches is missing");
  }
  report.scanner_version = shown_text(find_text(report, descriptor, "descriptor.version"));
  note_finish(report, find_time(report, descriptor, "descriptor.timestamp"),
              "descriptor.timestamp");
  read_grype_database(report, descriptor);
  read_grype_source(report, document);
  if (read_grype_matches(report, document) == 0) {
    judge_clean_grype(report, document);
  }
  conclude(report);
  return report;
}

constexpr std::string_view grype_json_keeps[] = {
    "matches[].vulnerability.{id,severity}",
    "matches[].relatedVulnerabilities[].id",
    "source.type",
    "source.target.{userInput,imageID,manifestDigest,tags[],repoDigests[]}",
    "source.target.{architecture,os,variant}",
    "distro.name",
    "descriptor.{name,version,timestamp}",
    "descriptor.db.{error,built,status.built,status.error}",
};

}  // namespace

constinit const Format grype_json_format{
    .info =
        {
            .name = "grype-json",
            .detection = "an object with matches and descriptor",
            .finished_at = "descriptor.timestamp",
            .subjects =
                "source.target.repoDigests[], source.target.manifestDigest and, as the image ID, "
                "source.target.imageID, for source.type image; platform from source.target.os and "
                "source.target.architecture",
            .scanner = "grype, descriptor.version",
            .database_built_at = "descriptor.db.status.built (v6), else descriptor.db.built",
            .counts = "matches[].vulnerability.severity; Negligible counts as unknown. Ids from "
                      "matches[].vulnerability.id and relatedVulnerabilities[].id",
            .defects =
                "the format lists no packages, so a report without matches is proof only when "
                "distro.name is one that Grype has data for: else unsupported_os; a string in "
                "source.target (folder, SBOM): no_subject; descriptor.db.error or "
                "descriptor.db.status.error: scan_failed",
        },
    .looks_like = looks_like_grype,
    .read = read_grype,
    .keeps = grype_json_keeps,
};

}  // namespace scanclock::evidence
