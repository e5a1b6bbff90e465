#include "core/registry/harbor_artifacts.hpp"

#include "core/net/url.hpp"
#include "core/registry/bounded_json.hpp"
#include "core/registry/media_types.hpp"
#include "core/registry/platform_record.hpp"

#include <nlohmann/json.hpp>

#include <functional>

namespace scanclock {
namespace {

using nlohmann::json;

/// The keys of scan_overview that stand for vulnerability scans; reports of other kinds stand
/// beside them.
bool is_vulnerability_scan(std::string_view media_type) {
  return media_type.starts_with("application/vnd.security.vulnerability.report") ||
         media_type.starts_with("application/vnd.scanner.adapter.vuln.report.harbor+json");
}

json successful_scans(const json& artifact) {
  json scans = json::object();
  for (const auto& [media_type, scan] : object_field(artifact, "scan_overview").items()) {
    if (is_vulnerability_scan(media_type) && scan.is_object() &&
        text_field(scan, "scan_status") == "Success") {
      scans[media_type] = scan;
    }
  }
  return scans;
}

bool found_something(const json& scans) {
  for (const auto& scan : scans) {
    const json& summary = object_field(scan, "summary");
    const auto total = summary.find("total");
    if (total != summary.end() && total->is_number() && total->get<double>() > 0) {
      return true;
    }
  }
  return false;
}

/// Of the artifact, what says something about its scan and stays the same until the next: times of
/// pulls change with every pull, and a scan is one.
json lasting_part(const json& artifact, json scans) {
  json record;
  for (const char* field : {"digest", "manifest_media_type", "type"}) {
    const auto value = artifact.find(field);
    if (value != artifact.end() && value->is_string()) {
      record[field] = *value;
    }
  }
  for (const char* field : {"os", "architecture", "variant"}) {
    const json& attributes = object_field(artifact, "extra_attrs");
    const auto value = attributes.find(field);
    if (value != attributes.end() && value->is_string()) {
      record["extra_attrs"][field] = *value;
    }
  }
  record["scan_overview"] = std::move(scans);
  return record;
}

void read_children(const json& artifact, HarborArtifact& into) {
  for (const json& reference : array_field(artifact, "references")) {
    if (!reference.is_object()) {
      continue;
    }
    const auto digest = Digest::parse(text_field(reference, "child_digest"));
    // What BuildKit attaches to an index claims to be of no platform.
    const bool is_runnable =
        text_field(object_field(reference, "platform"), "architecture") != "unknown";
    if (digest && is_runnable) {
      into.children.push_back(*digest);
    }
  }
}

std::optional<HarborArtifact> read_artifact(const json& artifact, const std::string& host,
                                            const RepositoryKey& repository) {
  if (!artifact.is_object()) {
    return std::nullopt;
  }
  const auto digest = Digest::parse(text_field(artifact, "digest"));
  if (!digest) {
    return std::nullopt;
  }
  HarborArtifact read;
  read.digest = *digest;
  read.is_index = is_index_type(text_field(artifact, "manifest_media_type")) ||
                  !array_field(artifact, "references").empty();
  read_children(artifact, read);
  const auto pushed_at = parse_rfc3339(text_field(artifact, "push_time"));
  if (pushed_at && is_set(*pushed_at)) {
    read.pushed_at = pushed_at;
  }
  const auto dumped = [](const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  read.scan_state = std::hash<std::string>()(dumped(object_field(artifact, "scan_overview")));
  json scans = successful_scans(artifact);
  if (!read.is_index && !scans.empty()) {
    read.has_findings = found_something(scans);
    std::string bytes = wrap_platform_record("harbor-v2", host, repository.repository, *digest,
                                             lasting_part(artifact, std::move(scans)));
    read.record = platform_evidence(repository, *digest, std::move(bytes));
  }
  return read;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> harbor_path_parts(std::string_view repository) {
  const auto slash = repository.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == repository.size()) {
    return std::nullopt;
  }
  return std::pair(percent_encode(repository.substr(0, slash)),
                   percent_encode(percent_encode(repository.substr(slash + 1))));
}

Result<std::vector<HarborArtifact>, std::string> parse_harbor_artifacts(
    std::string_view bytes, const std::string& host, const RepositoryKey& repository) {
  json page;
  std::string defect = parse_platform_json(bytes, page);
  if (!defect.empty()) {
    return defect;
  }
  std::vector<HarborArtifact> artifacts;
  if (page.is_null()) {
    return artifacts;
  }
  if (!page.is_array()) {
    return std::string("not a list of artifacts");
  }
  for (const json& artifact : page) {
    if (auto read = read_artifact(artifact, host, repository)) {
      artifacts.push_back(std::move(*read));
    }
  }
  return artifacts;
}

Result<HarborArtifact, std::string> parse_harbor_artifact(std::string_view bytes,
                                                          const std::string& host,
                                                          const RepositoryKey& repository) {
  json artifact;
  std::string defect = parse_platform_json(bytes, artifact);
  if (!defect.empty()) {
    return defect;
  }
  auto read = read_artifact(artifact, host, repository);
  if (!read) {
    return std::string("not an artifact with a digest");
  }
  return std::move(*read);
}

bool is_harbor_report(std::string_view bytes) {
  constexpr std::string_view blank = " \t\r\n";
  const auto brace = bytes.find_first_not_of(blank);
  if (brace == std::string_view::npos || bytes[brace] != '{') {
    return false;
  }
  const auto quote = bytes.find_first_not_of(blank, brace + 1);
  return quote != std::string_view::npos && bytes[quote] == '"' &&
         is_vulnerability_scan(bytes.substr(quote + 1));
}

}  // namespace scanclock
