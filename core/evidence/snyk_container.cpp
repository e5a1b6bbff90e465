#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool is_snyk_project(const json& document) {
  const json* ok = find_any(document, "ok");
  if (ok == nullptr || !ok->is_boolean()) {
    return false;
  }
  const bool failed = find_any(document, "error") != nullptr && document.contains("path");
  return failed || (find_any(document, "vulnerabilities") != nullptr &&
                    (document.contains("dependencyCount") || document.contains("packageManager")));
}

// An image with applications is an array in older versions, and has `applications` in newer ones.
bool looks_like_snyk(const json& document) {
  return document.is_array() ? !document.empty() && is_snyk_project(document.front())
                             : is_snyk_project(document);
}

std::vector<std::string> snyk_identifiers(const json& vulnerability) {
  std::vector<std::string> ids;
  if (const json* identifiers = find_any(vulnerability, "identifiers")) {
    for (const std::string_view kind : {"CVE", "GHSA"}) {
      for (std::string& id : texts_under(*identifiers, kind)) {
        ids.push_back(std::move(id));
      }
    }
  }
  return ids;
}

/// What all projects of one image come to.
struct SnykImage {
  FindingCollector findings;
  std::int64_t dependencies = 0;
  bool is_image = false;
};

void read_snyk_project(ScanReport& report, SnykImage& image, const json& project) {
  if (!project.is_object()) {
    note_defect(report, Rejection::malformed, "a project is not an object");
    return;
  }
  if (const std::string error = text_or_empty(project, "error"); !error.empty()) {
    note_defect(report, Rejection::scan_failed, "error: " + shown_text(error));
  }
  add_name(report, text_or_empty(project, "path"));
  const std::string platform = text_or_empty(project, "platform");
  if (const std::size_t slash = platform.find('/'); slash != std::string::npos) {
    const std::string rest = platform.substr(slash + 1);
    const std::size_t variant = rest.find('/');
    take_platform(report, platform.substr(0, slash), rest.substr(0, variant),
                  variant == std::string::npos ? std::string() : rest.substr(variant + 1));
  }
  image.is_image = image.is_image || find_any(project, "docker") != nullptr;
  image.dependencies += find_integer(report, project, "dependencyCount").value_or(0);
  const json* vulnerabilities = find_array(report, project, "vulnerabilities");
  for_each_object(report, vulnerabilities, "vulnerabilities", [&](const json& vulnerability) {
    // A licence that is not allowed stands among the vulnerabilities.
    if (text_or_empty(vulnerability, "type") != "license") {
      image.findings.add(text_or_empty(vulnerability, "id"), snyk_identifiers(vulnerability),
                         severity_under(vulnerability, "severity"));
    }
  });
  const json* applications = find_array(report, project, "applications");
  for (const json& application : elements_of(applications)) {
    if (application.is_object() && find_any(application, "applications") == nullptr) {
      read_snyk_project(report, image, application);
    }
  }
}

ScanReport read_snyk(const json& document) {
  ScanReport report;
  report.format = "snyk-container";
  report.scanner = "snyk";
  SnykImage image;
  if (document.is_array()) {
    for (const json& project : document) {
      read_snyk_project(report, image, project);
    }
  } else {
    read_snyk_project(report, image, document);
  }
  if (!image.is_image) {
    note_defect(report, Rejection::no_subject, "no docker: a scan of a project, not of an image");
  }
  if (image.findings.size() == 0 && image.dependencies <= 0) {
    note_defect(report, Rejection::no_packages, "dependencyCount is 0");
  }
  image.findings.finish(report);
  conclude(report);
  return report;
}

constexpr std::string_view snyk_container_keeps[] = {
    "{,[].}{,applications[].}{ok,error,path,packageManager,dependencyCount}",
    "{,[].}{,applications[].}{docker,platform,applications}",
    "{,[].}{,applications[].}vulnerabilities[].{id,severity,type}",
    "{,[].}{,applications[].}vulnerabilities[].identifiers.{CVE,GHSA}[]",
};

}  // namespace

// Source: snyk/cli src/lib/types.ts and snyk-test/legacy.ts, and samples of `snyk container test
// --json`.
constinit const Format snyk_container_format{
    .info =
        {
            .name = "snyk-container",
            .detection = "an object, or an array of such, with ok and either vulnerabilities and "
                         "dependencyCount or packageManager, or error and path",
            .finished_at = "not in the format",
            .subjects = "not in the format; platform from platform",
            .scanner = "snyk; no version in the format",
            .database_built_at = "not in the format",
            .counts =
                "vulnerabilities[] and applications[].vulnerabilities[], each by severity; ids "
                "from id, identifiers.CVE[] and identifiers.GHSA[]",
            .defects =
                "no_time always; error: scan_failed; no docker: no_subject; nothing found among "
                "no dependencies: no_packages",
        },
    .looks_like = looks_like_snyk,
    .read = read_snyk,
    .keeps = snyk_container_keeps,
};

}  // namespace scanclock::evidence
