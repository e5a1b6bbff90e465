#include "tests/support/scan_documents.hpp"

#include "core/runtime/hashing.hpp"
#include "tests/support/oci_image.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* dsse_type = "application/vnd.dsse.envelope.v1+json";
constexpr const char* empty_type = "application/vnd.oci.empty.v1+json";

std::string hex_of(const Digest& digest) { return digest.str().substr(digest.str().find(':') + 1); }

}  // namespace

json trivy_report(const std::string& repository, const Digest& digest, TimePoint finished_at,
                  bool clean) {
  json result = {
      {"Target", repository + " (alpine 3.20.3)"}, {"Class", "os-pkgs"}, {"Type", "alpine"}};
  if (!clean) {
    result["Vulnerabilities"] = json::array(
        {{{"VulnerabilityID", "CVE-2026-1001"}, {"PkgName", "busybox"}, {"Severity", "HIGH"}},
         {{"VulnerabilityID", "CVE-2026-1002"}, {"PkgName", "busybox"}, {"Severity", "LOW"}}});
  }
  return {{"SchemaVersion", 2},
          {"Trivy", {{"Version", "0.66.0"}}},
          {"CreatedAt", format_rfc3339(finished_at)},
          {"ArtifactName", repository},
          {"ArtifactType", "container_image"},
          {"Metadata",
           {{"OS", {{"Family", "alpine"}, {"Name", "3.20.3"}}},
            {"RepoDigests", {repository + "@" + digest.str()}}}},
          {"Results", json::array({result})}};
}

json sarif_report(TimePoint finished_at, bool successful) {
  const json rule = {{"id", "CVE-2026-1003-busybox"},
                     {"properties", {{"security-severity", "5.0"}}}};
  const json finding = {{"ruleId", "CVE-2026-1003-busybox"},
                        {"ruleIndex", 0},
                        {"level", "warning"},
                        {"message", {{"text", "busybox 1.36.1 is affected by CVE-2026-1003"}}}};
  const json run = {
      {"tool",
       {{"driver", {{"name", "grype"}, {"version", "0.94.0"}, {"rules", json::array({rule})}}}}},
      {"invocations", json::array({{{"executionSuccessful", successful},
                                    {"endTimeUtc", format_rfc3339(finished_at)}}})},
      {"results", json::array({finding})}};
  return {{"version", "2.1.0"}, {"runs", json::array({run})}};
}

std::string vulnerability_attestation(const Digest& subject, const std::string& finished_at,
                                      const json& report) {
  const json statement = {
      {"_type", "https://in-toto.io/Statement/v0.1"},
      {"predicateType", "https://cosign.sigstore.dev/attestation/vuln/v1"},
      {"subject", json::array({{{"name", "image"}, {"digest", {{"sha256", hex_of(subject)}}}}})},
      {"predicate",
       {{"invocation", json::object()},
        {"scanner",
         {{"uri", "pkg:github/aquasecurity/trivy@0.66.0"},
          {"version", "0.66.0"},
          {"db", {{"uri", ""}, {"version", ""}}},
          {"result", report}}},
        {"metadata", {{"scanStartedOn", finished_at}, {"scanFinishedOn", finished_at}}}}}};
  const json envelope = {{"payloadType", "application/vnd.in-toto+json"},
                         {"payload", base64_encode(statement.dump())},
                         {"signatures", json::array({{{"keyid", ""}, {"sig", ""}}})}};
  return envelope.dump();
}

json EvidencePusher::push(const std::string& bytes, const std::string& media_type) const {
  push_blob(registry_, repository_, bytes);
  return {{"mediaType", media_type}, {"digest", sha256(bytes).str()}, {"size", bytes.size()}};
}

void EvidencePusher::attach_attestations(const Digest& subject,
                                         const std::vector<std::string>& envelopes) const {
  const json config = {{"architecture", ""},
                       {"os", ""},
                       {"config", json::object()},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}}};
  json layers = json::array();
  for (const std::string& envelope : envelopes) {
    layers.push_back(push(envelope, dsse_type));
  }
  const json manifest = {{"schemaVersion", 2},
                         {"mediaType", oci_manifest_type},
                         {"config", push(config.dump(), oci_config_type)},
                         {"layers", layers}};
  push_manifest(registry_, repository_, "sha256-" + hex_of(subject) + ".att", oci_manifest_type,
                manifest.dump());
}

void EvidencePusher::attach_referrer(const json& subject, const std::string& bytes,
                                     const std::string& artifact_type) const {
  const json manifest = {{"schemaVersion", 2},
                         {"mediaType", oci_manifest_type},
                         {"artifactType", artifact_type},
                         {"config", push("{}", empty_type)},
                         {"layers", json::array({push(bytes, artifact_type)})},
                         {"subject", subject}};
  const std::string text = manifest.dump();
  const std::string digest = sha256(text).str();
  push_manifest(registry_, repository_, digest, oci_manifest_type, text);
  const json descriptor = {{"mediaType", oci_manifest_type},
                           {"digest", digest},
                           {"size", text.size()},
                           {"artifactType", artifact_type}};
  const json index = {{"schemaVersion", 2},
                      {"mediaType", oci_index_type},
                      {"manifests", json::array({descriptor})}};
  std::string tag = subject.at("digest");
  tag.replace(tag.find(':'), 1, "-");
  push_manifest(registry_, repository_, tag, oci_index_type, index.dump());
}

}  // namespace scanclock
