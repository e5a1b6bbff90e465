#include "core/evidence/format_table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace evidence {
namespace {

constexpr const Format* all_formats[] = {
    &sigstore_bundle_format,
    &dsse_format,
    &in_toto_format,
    &cosign_vuln_format,
    &in_toto_vulns_format,
    &cosign_custom_format,
    &in_toto_report_format,
    &sarif_format,
    &grype_json_format,
    &trivy_json_format,
    &cyclonedx_format,
    &gitlab_container_format,
    &clair_v4_format,
    &clair_scanner_format,
    &twistlock_format,
    &snyk_container_format,
    // Of platforms and products.
    &harbor_record_format,
    &quay_record_format,
    &ecr_record_format,
    &harbor_report_format,
    &ecr_findings_format,
    &aws_inspector_format,
    &gcp_discovery_format,
    &trivy_operator_format,
    &aqua_format,
    &sysdig_format,
    &wiz_format,
    &anchore_format,
    &neuvector_format,
    &xccdf_format,
};

}  // namespace

std::span<const Format* const> format_table() { return all_formats; }

const Format* find_report_format(const nlohmann::json& document) {
  for (const Format* format : all_formats) {
    if (!format->is_wrapper && format->looks_like != nullptr && format->looks_like(document)) {
      return format;
    }
  }
  return nullptr;
}

const Format* find_predicate_format(std::string_view predicate_type) {
  for (const Format* format : all_formats) {
    const auto& types = format->predicate_types;
    if (std::find(types.begin(), types.end(), predicate_type) != types.end()) {
      return format;
    }
  }
  return nullptr;
}

}  // namespace evidence

const std::vector<FormatInfo>& formats() {
  static const std::vector<FormatInfo> table = [] {
    std::vector<FormatInfo> infos;
    for (const evidence::Format* format : evidence::format_table()) {
      infos.push_back(format->info);
    }
    return infos;
  }();
  return table;
}

}  // namespace scanclock
