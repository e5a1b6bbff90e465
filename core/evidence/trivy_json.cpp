#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr int schema_version_max = 2;

/// What the Results say about whether packages were matched with vulnerabilities.
struct TrivyMatching {
  bool any_result = false;
  bool package_result = false;
  bool system = false;
  bool language = false;
  bool found = false;
};

std::size_t add_trivy_vulnerabilities(ScanReport& report, FindingCollector& findings,
                                      const json& result) {
  const json* vulnerabilities = find_array(report, result, "Results[].Vulnerabilities");
  if (vulnerabilities == nullptr) {
    return 0;
  }
  for_each_object(report, vulnerabilities, "Results[].Vulnerabilities", [&](const json& one) {
    findings.add(text_or_empty(one, "VulnerabilityID"), texts_under(one, "VendorIDs"),
                 severity_under(one, "Severity"));
  });
  return vulnerabilities->size();
}

TrivyMatching read_trivy_results(ScanReport& report, const json& results) {
  TrivyMatching matching;
  FindingCollector findings;
  for_each_object(report, &results, "Results", [&](const json& result) {
    matching.any_result = true;
    const std::size_t found = add_trivy_vulnerabilities(report, findings, result);
    const std::string kind = find_text(report, result, "Results[].Class");
    const json* packages = find_array(report, result, "Results[].Packages");
    const bool without_packages = packages != nullptr && packages->empty() && found == 0;
    if (kind == "os-pkgs") {
      matching.package_result = true;
      matching.system = matching.system || !without_packages;
    } else if (kind == "lang-pkgs") {
      matching.package_result = true;
      matching.language = matching.language || !without_packages;
    } else if (kind.empty()) {
      // Before schema 2 there was no Class; only what was found shows that packages were matched.
      matching.package_result = true;
    }
  });
  matching.found = findings.size() > 0;
  findings.finish(report);
  return matching;
}

void judge_trivy_matching(ScanReport& report, const TrivyMatching& matching, bool is_image,
                          const std::string& family) {
  if (matching.any_result && !matching.package_result) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "no Results entry of class os-pkgs or lang-pkgs");
    return;
  }
  if (matching.language || matching.found) {
    return;
  }
  if (is_image && (family.empty() || family == "none")) {
    note_defect(report, Rejection::unsupported_os,
                "Metadata.OS.Family is empty and no language packages were found");
    return;
  }
  if (!matching.system) {
    note_defect(report, Rejection::no_packages,
                "no Results entry of class os-pkgs or lang-pkgs with packages");
  }
}

void read_trivy_platform(ScanReport& report, const json& metadata) {
  const json* config = find_object(report, metadata, "Metadata.ImageConfig");
  if (config == nullptr) {
    return;
  }
  Platform platform;
  platform.os = shown_text(text_or_empty(*config, "os"));
  platform.architecture = shown_text(text_or_empty(*config, "architecture"));
  platform.variant = shown_text(text_or_empty(*config, "variant"));
  platform.os_version = shown_text(text_or_empty(*config, "os.version"));
  if (!platform.os.empty() && !platform.architecture.empty()) {
    report.platform = std::move(platform);
  }
}

void read_trivy_image(ScanReport& report, const json& metadata) {
  add_subject_references(report, find_array(report, metadata, "Metadata.RepoDigests"));
  const std::string id = find_text(report, metadata, "Metadata.ImageID");
  if (const auto config = Digest::parse(id)) {
    report.subject_config = *config;
  }
  if (const json* tags = find_array(report, metadata, "Metadata.RepoTags")) {
    for (const json& tag : *tags) {
      add_name(report, tag.is_string() ? tag.get_ref<const std::string&>() : std::string());
    }
  }
  read_trivy_platform(report, metadata);
}

ScanReport read_trivy_array(const json& results) {
  ScanReport report;
  report.format = "trivy-json";
  report.scanner = "trivy";
  judge_trivy_matching(report, read_trivy_results(report, results), false, {});
  conclude(report);
  return report;
}

bool looks_like_trivy(const json& document) {
  if (document.is_array()) {
    return !document.empty() && find_any(document.front(), "Target") != nullptr &&
           (find_any(document.front(), "Type") != nullptr ||
            document.front().contains("Vulnerabilities"));
  }
  if (find_any(document, "ClusterName") != nullptr) {
    return true;
  }
  const json* schema = find_any(document, "SchemaVersion");
  return schema != nullptr && schema->is_number_integer() &&
         (document.contains("ArtifactName") || document.contains("ArtifactType") ||
          document.contains("Metadata") || document.contains("Results"));
}

ScanReport read_trivy(const json& document) {
  if (document.is_array()) {
    return read_trivy_array(document);
  }
  ScanReport report;
  report.format = "trivy-json";
  report.scanner = "trivy";
  if (find_any(document, "ClusterName") != nullptr) {
    note_defect(report, Rejection::unknown_format,
                "a trivy kubernetes report covers a cluster, not one image");
    return report;
  }
  const json& schema = document.at("SchemaVersion");
  if (schema < 1 || schema > schema_version_max) {
    note_defect(report, Rejection::unknown_format, "an unknown trivy SchemaVersion");
    return report;
  }
  if (const json* tool = find_object(report, document, "Trivy")) {
    report.scanner_version = shown_text(find_text(report, *tool, "Trivy.Version"));
  }
  note_finish(report, find_time(report, document, "CreatedAt"), "CreatedAt");

  add_name(report, find_text(report, document, "ArtifactName"));
  const std::string artifact = find_text(report, document, "ArtifactType");
  const bool is_image = artifact == "container_image" || artifact.empty();
  std::string family;
  if (const json* metadata = find_object(report, document, "Metadata"); metadata && is_image) {
    if (const json* system = find_object(report, *metadata, "Metadata.OS")) {
      family = find_text(report, *system, "Metadata.OS.Family");
    }
    read_trivy_image(report, *metadata);
  }
  if (!is_image) {
    note_defect(report, Rejection::no_subject,
                "ArtifactType is " + shown_text(artifact) + ", not container_image");
  }
  const json* results = find_array(report, document, "Results");
  judge_trivy_matching(report, results ? read_trivy_results(report, *results) : TrivyMatching(),
                       is_image, family);
  conclude(report);
  return report;
}

constexpr std::string_view trivy_json_keeps[] = {
    "{SchemaVersion,CreatedAt,ArtifactName,ArtifactType,ClusterName,Trivy.Version}",
    "Metadata.{OS.Family,RepoDigests[],ImageID,RepoTags[]}",
    "Metadata.ImageConfig.{os,architecture,variant,os\\.version}",
    "{Results,}[].{Target,Type,Class,Packages}",
    "{Results,}[].Vulnerabilities[].{VulnerabilityID,VendorIDs[],Severity}",
};

}  // namespace

constinit const Format trivy_json_format{
    .info =
        {
            .name = "trivy-json",
            .detection =
                "an object with SchemaVersion (1 or 2) and ArtifactName, ArtifactType, Metadata or "
                "Results; a cluster report (ClusterName); the array of results of before 2021",
            .finished_at = "CreatedAt",
            .subjects =
                "Metadata.RepoDigests[] and, as the image ID, Metadata.ImageID, for ArtifactType "
                "container_image; platform from Metadata.ImageConfig",
            .scanner = "trivy, Trivy.Version",
            .database_built_at = "not in the format",
            .counts =
                "Results[].Vulnerabilities[].Severity; ids from VulnerabilityID and VendorIDs[]",
            .defects = "no Results entry of Class os-pkgs or lang-pkgs with packages: no_packages; "
                       "other classes "
                       "only: not_a_vulnerability_scan; no Metadata.OS.Family and no lang-pkgs: "
                       "unsupported_os; "
                       "another ArtifactType: no_subject; a cluster report: unknown_format. The "
                       "format does not "
                       "record which scanners ran, so a licence scan that lists packages cannot be "
                       "told apart",
        },
    .looks_like = looks_like_trivy,
    .read = read_trivy,
    .keeps = trivy_json_keeps,
};

}  // namespace scanclock::evidence
