#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// What is asked for as X-Accept-Vulnerabilities; without it old versions leave scan_overview out.
inline constexpr const char* harbor_vulnerability_types =
    "application/vnd.security.vulnerability.report; version=1.1, "
    "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";

/// One artifact of Harbor's API (goharbor/harbor api/v2.0/swagger.yaml, Artifact).
struct HarborArtifact {
  HarborArtifact() = default;
  Digest digest;
  /// An index or manifest list. Its scan_overview is the maximum over its platforms, so no record
  /// is made of it.
  bool is_index = false;
  /// Runnable entries of an index.
  std::vector<Digest> children;
  /// Nothing where Harbor has none, which it writes as year 1.
  std::optional<TimePoint> pushed_at;
  /// Changes whenever a scan of the artifact, or of something under it, begins or ends.
  std::size_t scan_state = 0;
  /// Ready to be handed over; nothing without a successful vulnerability scan.
  std::optional<FoundEvidence> record;
  /// The scan found something, so that there is a report worth reading.
  bool has_findings = false;
};

/// Splits `project/repository` and encodes the parts as Harbor's paths want them, slashes of the
/// repository twice. Nothing for a name without a project.
std::optional<std::pair<std::string, std::string>> harbor_path_parts(std::string_view repository);

/// Reads a page of `GET …/artifacts`. Entries without a digest are left out. The failure says what
/// is wrong with the text.
Result<std::vector<HarborArtifact>, std::string> parse_harbor_artifacts(
    std::string_view bytes, const std::string& host, const RepositoryKey& repository);

/// Reads the answer of `GET …/artifacts/{digest}`.
Result<HarborArtifact, std::string> parse_harbor_artifact(std::string_view bytes,
                                                          const std::string& host,
                                                          const RepositoryKey& repository);

/// True when the addition `vulnerabilities` begins like a report: Harbor answers `{}` for none. Not
/// parsed, for it may be large.
bool is_harbor_report(std::string_view bytes);

}  // namespace scanclock
