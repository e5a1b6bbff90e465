#include "tests/unit/evidence/samples.hpp"

#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {

using nlohmann::json;

Digest digest_of(std::string_view hex) {
  return Digest::from_trusted("sha256:" + std::string(hex));
}

TimePoint time_of(std::string_view rfc3339) {
  const auto time = parse_rfc3339(rfc3339);
  EXPECT_TRUE(time.has_value()) << rfc3339;
  return time.value_or(TimePoint());
}

json trivy_report() {
  return json::parse(R"({
    "SchemaVersion": 2,
    "Trivy": {"Version": "0.69.1"},
    "CreatedAt": "2026-10-01T08:30:00.123456789Z",
    "ArtifactName": "shop/cart:1.4",
    "ArtifactType": "container_image",
    "Metadata": {
      "OS": {"Family": "alpine", "Name": "3.22.1"},
      "ImageID": "sha256:2222222222222222222222222222222222222222222222222222222222222222",
      "RepoTags": ["shop/cart:1.4"],
      "RepoDigests":
        ["shop/cart@sha256:1111111111111111111111111111111111111111111111111111111111111111"],
      "ImageConfig": {"os": "linux", "architecture": "arm64", "variant": "v8"}
    },
    "Results": [
      {"Target": "cart: alpine 3.22.1", "Class": "os-pkgs", "Type": "alpine", "Vulnerabilities": [
        {"VulnerabilityID": "CVE-2026-0001", "Severity": "CRITICAL"},
        {"VulnerabilityID": "CVE-2026-0002", "Severity": "HIGH"},
        {"VulnerabilityID": "CVE-2026-0003", "Severity": "LOW"}]},
      {"Target": "app", "Class": "lang-pkgs", "Type": "gobinary", "Vulnerabilities": [
        {"VulnerabilityID": "GHSA-aaaa-bbbb-cccc", "Severity": "MEDIUM"},
        {"VulnerabilityID": "CVE-2026-0004", "Severity": "UNKNOWN"}]}
    ]
})");
}

json grype_report() {
  return json::parse(R"({
    "matches": [
      {"vulnerability": {"id": "CVE-2026-0001", "severity": "High"}},
      {"vulnerability": {"id": "CVE-2026-0002", "severity": "Negligible"}}],
    "source": {"type": "image", "target": {
      "userInput": "shop/cart:1.4",
      "imageID": "sha256:2222222222222222222222222222222222222222222222222222222222222222",
      "manifestDigest": "sha256:3333333333333333333333333333333333333333333333333333333333333333",
      "tags": ["shop/cart:1.4"],
      "repoDigests":
        ["shop/cart@sha256:1111111111111111111111111111111111111111111111111111111111111111"],
      "architecture": "amd64", "os": "linux"}},
    "distro": {"name": "debian", "version": "13"},
    "descriptor": {"name": "grype", "version": "0.101.0",
      "timestamp": "2026-10-01T10:30:00.5+02:00",
      "db": {"status": {"schemaVersion": "v6.1.0", "built": "2026-09-30T06:00:00Z"}}}})");
}

json sarif_report() {
  return json::parse(R"({
    "version": "2.1.0",
    "runs": [{
      "tool": {"driver": {"name": "Trivy", "version": "0.69.1", "rules": [
        {"id": "CVE-2026-0001", "properties": {"tags": ["vulnerability", "security", "HIGH"],
                                               "security-severity": "9.8"}},
        {"id": "CVE-2026-0002", "properties": {"security-severity": "5.0"}},
        {"id": "CVE-2026-0003", "defaultConfiguration": {"level": "note"}}]}},
      "invocations": [{"executionSuccessful": true, "startTimeUtc": "2026-10-01T08:00:00Z",
                       "endTimeUtc": "2026-10-01T08:30:00Z"}],
      "properties": {"imageName": "shop/cart:1.4", "repoTags": null,
        "imageID": "sha256:2222222222222222222222222222222222222222222222222222222222222222",
        "repoDigests":
          ["shop/cart@sha256:1111111111111111111111111111111111111111111111111111111111111111"]},
      "results": [
        {"ruleId": "CVE-2026-0001", "ruleIndex": 0, "level": "error"},
        {"ruleIndex": 1, "level": "error"},
        {"rule": {"id": "CVE-2026-0003"}},
        {"ruleId": "GHSA-aaaa-bbbb-cccc", "level": "error"}]
    }]})");
}

json cosign_statement() {
  json statement = json::parse(R"({
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://cosign.sigstore.dev/attestation/vuln/v1",
    "subject": [{"name": "registry.example/shop/cart", "digest": {
      "sha256": "1111111111111111111111111111111111111111111111111111111111111111"}}],
    "predicate": {
      "invocation": {"parameters": null, "uri": "", "event_id": "", "builder.id": ""},
      "scanner": {"uri": "pkg:github/aquasecurity/trivy@0.69.1", "version": "0.69.1",
                  "db": {"uri": "", "version": ""}},
      "metadata": {"scanStartedOn": "2026-10-01T08:29:00Z",
                   "scanFinishedOn": "2026-10-01T08:30:01Z"}}})");
  statement["predicate"]["scanner"]["result"] = trivy_report();
  return statement;
}

json in_toto_statement() {
  return json::parse(R"({
    "_type": "https://in-toto.io/Statement/v1",
    "predicateType": "https://in-toto.io/attestation/vulns/v0.2",
    "subject": [{"name": "shop/cart", "digest": {
      "sha256": "1111111111111111111111111111111111111111111111111111111111111111"}}],
    "predicate": {
      "scanner": {"uri": "osv.dev", "version": "2.2",
        "db": {"lastUpdate": "2026-09-30T00:00:00Z"},
        "result": [
          {"id": "CVE-2026-0001", "severity": [{"method": "nvd", "score": "medium"},
                                               {"method": "CVSS", "score": "9.1"}]},
          {"id": "CVE-2026-0002", "severity": [{"method": "CVSSv31", "score": "CVSS:3.1/AV:N"}]},
          {"vulnerability": {"id": "CVE-2026-0003"}}]},
      "metadata": {"scanStartedOn": "2026-10-01T08:29:00Z",
                   "scanFinishedOn": "2026-10-01T08:30:00Z"}}})");
}

std::string envelope_around(std::string_view statement) {
  const json envelope = {{"payloadType", "application/vnd.in-toto+json"},
                         {"payload", base64_encode(statement)},
                         {"signatures", {{{"keyid", ""}, {"sig", "AA=="}}}}};
  return envelope.dump();
}

std::string envelope_of(const json& statement) { return envelope_around(statement.dump()); }

ScanReport read_patched(json base, std::string_view patch) {
  base.merge_patch(json::parse(patch));
  return read_report(base.dump());
}

std::string defect_of(const ScanReport& report) {
  return report.defect ? std::string(to_string(*report.defect)) : "none";
}

}  // namespace scanclock::testing
