#include "core/evidence/finding_collector.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

bool looks_like_cyclonedx(const json& document) {
  return text_or_empty(document, "bomFormat") == "CycloneDX";
}

// An array of tools up to 1.4, an object with components (or services) from 1.5 on; Trivy writes
// the array into 1.5 as well.
const json* first_cyclonedx_tool(const json& metadata) {
  const json* tools = find_any(metadata, "tools");
  if (tools != nullptr && tools->is_object()) {
    const json* components = find_any(*tools, "components");
    tools = components != nullptr ? components : find_any(*tools, "services");
  }
  return tools != nullptr && tools->is_array() && !tools->empty() ? &tools->front() : nullptr;
}

/// `%3A` and the like, of which a package URL's version is full; broken ones stay as they are.
std::string percent_decoded(std::string_view text) {
  const auto digit = [](char character) -> int {
    const std::size_t at = std::string_view("0123456789abcdef0123456789ABCDEF").find(character);
    return at == std::string_view::npos ? -1 : static_cast<int>(at % 16);
  };
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
        digit(text[at + 2]) >= 0) {
      decoded += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
      at += 2;
    } else {
      decoded += text[at];
    }
  }
  return decoded;
}

// package-url/purl-spec, type oci: the version is the digest of the manifest.
void read_oci_package_url(ScanReport& report, std::string_view url) {
  if (!url.starts_with("pkg:oci/")) {
    return;
  }
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos) {
    return;
  }
  if (const auto digest = Digest::parse(percent_decoded(url.substr(at + 1)))) {
    add_subject(report, *digest);
  }
}

void read_trivy_properties(ScanReport& report, const json& component) {
  const json* properties = find_array(report, component, "metadata.component.properties");
  if (properties == nullptr) {
    return;
  }
  for (const json& property : *properties) {
    const std::string name = text_or_empty(property, "name");
    const std::string value = text_or_empty(property, "value");
    if (name == "aquasecurity:trivy:RepoDigest") {
      add_subject_reference(report, value);
    } else if (name == "aquasecurity:trivy:RepoTag") {
      add_name(report, value);
    } else if (name == "aquasecurity:trivy:ImageID") {
      if (const auto config = Digest::parse(value)) {
        report.subject_config = *config;
      }
    }
  }
}

void read_cyclonedx_component(ScanReport& report, const json& metadata) {
  const json* component = find_object(report, metadata, "metadata.component");
  if (component == nullptr) {
    return;
  }
  add_name(report, find_text(report, *component, "metadata.component.name"));
  const std::string type = find_text(report, *component, "metadata.component.type");
  if (type != "container") {
    note_defect(report, Rejection::no_subject,
                "metadata.component.type is " + shown_text(type) + ", not container");
    return;
  }
  // Grype writes the digest of the manifest for a version.
  const std::string version = find_text(report, *component, "metadata.component.version");
  if (const auto digest = Digest::parse(version)) {
    add_subject(report, *digest);
  }
  read_oci_package_url(report, find_text(report, *component, "metadata.component.purl"));
  read_trivy_properties(report, *component);
}

Severity gravest_cyclonedx_rating(const json& vulnerability) {
  Severity severity = Severity::unknown;
  const json* ratings = find_any(vulnerability, "ratings");
  if (ratings == nullptr || !ratings->is_array()) {
    return severity;
  }
  for (const json& rating : *ratings) {
    severity = std::max(severity, severity_under(rating, "severity"));
  }
  return severity;
}

std::vector<std::string> cyclonedx_reference_ids(const json& vulnerability) {
  std::vector<std::string> ids;
  const json* references = find_any(vulnerability, "references");
  if (references != nullptr && references->is_array()) {
    for (const json& reference : *references) {
      ids.push_back(text_or_empty(reference, "id"));
    }
  }
  return ids;
}

/// Entries of `vulnerabilities`, and those that carry someone's judgement.
struct CyclonedxEntries {
  std::size_t all = 0;
  std::size_t analysed = 0;
};

CyclonedxEntries read_cyclonedx_entries(ScanReport& report, const json& vulnerabilities) {
  CyclonedxEntries entries;
  FindingCollector findings;
  for_each_object(report, &vulnerabilities, "vulnerabilities", [&](const json& vulnerability) {
    ++entries.all;
    const json* analysis = find_any(vulnerability, "analysis");
    const std::string state = analysis ? text_or_empty(*analysis, "state") : std::string();
    entries.analysed += analysis != nullptr ? 1 : 0;
    if (state != "not_affected" && state != "false_positive" && !state.starts_with("resolved")) {
      findings.add(text_or_empty(vulnerability, "id"), cyclonedx_reference_ids(vulnerability),
                   gravest_cyclonedx_rating(vulnerability));
    }
  });
  findings.finish(report);
  return entries;
}

// Trivy writes an empty list into a bill of materials that it never matched, so for most an empty
// list proves nothing. Grype makes no such document without matching; that it had data for the
// system shows as in its own format.
void judge_clean_cyclonedx(ScanReport& report, const json& document) {
  if (report.scanner != "grype") {
    note_defect(report, Rejection::no_packages,
                "an empty list of vulnerabilities: nothing shows that packages were matched");
    return;
  }
  const json* components = find_array(report, document, "components");
  const auto is_known_system = [](const json& component) {
    return text_or_empty(component, "type") == "operating-system" &&
           text_or_empty(component, "name") != "busybox";
  };
  if (components == nullptr ||
      std::none_of(components->begin(), components->end(), is_known_system)) {
    note_defect(report, Rejection::unsupported_os,
                "no vulnerabilities, and no component is an operating system with known data");
  }
}

void judge_cyclonedx(ScanReport& report, const json& document, const CyclonedxEntries& entries) {
  if (report.scanner.empty()) {
    note_defect(report, Rejection::not_a_vulnerability_scan, "metadata.tools names no scanner");
  } else if (entries.all > 0 && entries.all == entries.analysed) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "every vulnerability has an analysis: a statement of exploitability (VEX)");
  } else if (entries.all == 0) {
    judge_clean_cyclonedx(report, document);
  }
}

ScanReport read_cyclonedx(const json& document) {
  ScanReport report;
  report.format = "cyclonedx";
  if (const json* metadata = find_object(report, document, "metadata")) {
    if (const json* tool = first_cyclonedx_tool(*metadata)) {
      report.scanner = shown_text(text_or_empty(*tool, "name"));
      report.scanner_version = shown_text(text_or_empty(*tool, "version"));
    }
    constexpr std::string_view time_path = "metadata.timestamp";
    note_finish(report, find_time(report, *metadata, time_path), time_path);
    read_cyclonedx_component(report, *metadata);
  }
  const json* vulnerabilities = find_array(report, document, "vulnerabilities");
  if (vulnerabilities == nullptr) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "a cyclonedx bill of materials without vulnerabilities");
    return report;
  }
  judge_cyclonedx(report, document, read_cyclonedx_entries(report, *vulnerabilities));
  conclude(report);
  return report;
}

constexpr std::string_view cyclonedx_keeps[] = {
    "{bomFormat,metadata.timestamp}",
    "metadata.tools{,.components,.services}[].{name,version}",
    "metadata.component.{name,type,version,purl}",
    "metadata.component.properties[].{name,value}",
    "components[].{type,name}",
    "vulnerabilities[].{id,ratings[].severity,references[].id,analysis.state}",
};

}  // namespace

// Sources: CycloneDX specification 1.4 to 1.6 (bom-1.6.schema.json), aquasecurity/trivy
// pkg/sbom/cyclonedx/marshal.go, anchore/grype grype/presenter/cyclonedx.
constinit const Format cyclonedx_format{
    .info =
        {
            .name = "cyclonedx",
            .detection = "bomFormat CycloneDX",
            .finished_at =
                "metadata.timestamp, the time at which the scanner wrote the document: the format "
                "has no other. A conversion of an old report writes it anew, so where that is "
                "done, policies should accept signed statements or the scanner's own format only",
            .subjects =
                "of a metadata.component of type container: version (Grype) and the version of "
                "purl pkg:oci, as manifest digests; properties aquasecurity:trivy:RepoDigest and, "
                "as the image ID, aquasecurity:trivy:ImageID",
            .scanner = "name and version of the first of metadata.tools (up to 1.4), of "
                       "metadata.tools.components or of metadata.tools.services",
            .database_built_at = "not in the format",
            .counts = "vulnerabilities[]: the gravest of ratings[].severity, once however many "
                      "components are affected; ids from id and references[].id. Those with the "
                      "analysis not_affected, false_positive or resolved do not count",
            .defects =
                "no vulnerabilities, no named tool, or an analysis in every entry (VEX): "
                "not_a_vulnerability_scan; an empty list: no_packages, for Trivy writes it "
                "without matching, except from Grype, where it is proof for a known operating "
                "system and else unsupported_os; another component type: no_subject",
        },
    .looks_like = looks_like_cyclonedx,
    .read = read_cyclonedx,
    .keeps = cyclonedx_keeps,
};

}  // namespace scanclock::evidence
