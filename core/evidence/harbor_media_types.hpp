#pragma once

#include <string_view>

namespace scanclock::evidence {

/// Whether a key of Harbor's scan_overview, or of its vulnerabilities addition, stands for a
/// vulnerability scan; `application/vnd.security.sbom.report+json` stands beside them
/// (goharbor/harbor src/pkg/scan/rest/v1/spec.go).
inline bool is_harbor_vulnerability_type(std::string_view media_type) {
  return media_type.starts_with("application/vnd.security.vulnerability.report;") ||
         media_type == "application/vnd.security.vulnerability.report" ||
         media_type.starts_with("application/vnd.scanner.adapter.vuln.report.harbor+json");
}

inline bool is_harbor_report_type(std::string_view media_type) {
  return is_harbor_vulnerability_type(media_type) ||
         media_type.starts_with("application/vnd.security.sbom.report");
}

}  // namespace scanclock::evidence
