#include "tests/unit/evidence/client_samples.hpp"

namespace scanclock::testing {

using nlohmann::json;

json cyclonedx_document() {
  return json::parse(R"({
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "metadata": {
      "timestamp": "2026-10-01T10:30:00+02:00",
      "tools": {"components": [{"type": "application", "name": "trivy", "version": "0.69.1"}]},
      "component": {
        "type": "container", "name": "shop/cart:1.4",
        "purl": "pkg:oci/cart@sha256%3A1111111111111111111111111111111111111111111111111111111111111111?arch=arm64",
        "properties": [
          {"name": "aquasecurity:trivy:ImageID",
           "value": "sha256:2222222222222222222222222222222222222222222222222222222222222222"},
          {"name": "aquasecurity:trivy:RepoDigest",
           "value": "shop/cart@sha256:1111111111111111111111111111111111111111111111111111111111111111"},
          {"name": "aquasecurity:trivy:RepoTag", "value": "registry.example/shop/cart:1.4"}]}},
    "components": [{"type": "operating-system", "name": "alpine", "version": "3.22"}],
    "vulnerabilities": [
      {"id": "CVE-2026-0001", "affects": [{"ref": "a"}, {"ref": "b"}],
       "ratings": [{"severity": "low"}, {"severity": "critical"}, {"severity": "info"}]},
      {"id": "GHSA-aaaa-bbbb-cccc", "references": [{"id": "CVE-2026-0002"}],
       "ratings": [{"severity": "medium"}]},
      {"id": "TEMP-0290435", "ratings": []},
      {"id": "CVE-2026-0003", "ratings": [{"severity": "high"}],
       "analysis": {"state": "not_affected"}}]})");
}

json gitlab_report() {
  return json::parse(R"({
    "version": "15.0.7",
    "scan": {"type": "container_scanning", "status": "success",
      "start_time": "2026-10-01T08:29:00", "end_time": "2026-10-01T08:30:00",
      "scanner": {"id": "trivy", "name": "Trivy", "version": "0.69.1"},
      "analyzer": {"id": "gcs", "version": "8.0.0"}},
    "vulnerabilities": [
      {"id": "1f", "severity": "High",
       "location": {"image": "registry.example/shop/cart:1.4@sha256:1111111111111111111111111111111111111111111111111111111111111111"},
       "identifiers": [{"type": "cwe", "value": "CWE-79"},
                       {"type": "ghsa", "value": "GHSA-aaaa-bbbb-cccc"},
                       {"type": "cve", "value": "CVE-2026-0001"}]},
      {"id": "2f", "severity": "Info",
       "location": {"image": "registry.example/shop/cart:1.4@sha256:1111111111111111111111111111111111111111111111111111111111111111"},
       "identifiers": [{"type": "rhsa", "value": "RHSA-2026:1"}]}],
    "remediations": []})");
}

json clair_v4_report() {
  return json::parse(R"({
    "manifest_hash": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "packages": {"1": {"id": "1", "name": "bash"}, "2": {"id": "2", "name": "curl"}},
    "distributions": {"1": {"id": "1", "did": "rhel"}},
    "environments": {},
    "vulnerabilities": {
      "7": {"id": "7", "name": "CVE-2026-0001 on Ubuntu 24.04 LTS - low.",
            "normalized_severity": "Low"},
      "8": {"id": "8", "name": "RHSA-2026:1: bash security update", "normalized_severity": "High",
            "links": "https://a.example/RHSA-2026:1 https://a.example/cve/CVE-2026-0002 https://a.example/cve/CVE-2026-0003"}},
    "package_vulnerabilities": {"1": ["7", "8"], "2": ["7"]}})");
}

json snyk_report() {
  return json::parse(R"({
    "ok": false, "dependencyCount": 120, "packageManager": "deb",
    "docker": {"baseImage": "debian:13"}, "platform": "linux/arm64/v8",
    "path": "shop/cart:1.4",
    "vulnerabilities": [
      {"id": "SNYK-DEBIAN13-X-1", "severity": "high",
       "identifiers": {"CVE": ["CVE-2026-0001"], "CWE": ["CWE-79"],
                       "GHSA": ["GHSA-aaaa-bbbb-cccc"]}},
      {"id": "snyk:lic:npm:x:GPL-3.0", "type": "license", "severity": "medium"}],
    "applications": [
      {"ok": false, "dependencyCount": 3, "vulnerabilities": [
        {"id": "SNYK-JS-Y-2", "severity": "critical", "identifiers": {"CVE": []}}]}]})");
}

json twistlock_report() {
  return json::parse(R"({
    "results": [{
      "id": "sha256:2222222222222222222222222222222222222222222222222222222222222222",
      "name": "registry.example/shop/cart:1.4", "distro": "Rocky Linux 9.5",
      "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
      "vulnerabilities": [
        {"id": "CVE-2026-0001", "severity": "critical", "packageName": "a"},
        {"id": "CVE-2026-0001", "severity": "critical", "packageName": "b"},
        {"id": "PRISMA-2026-0007", "severity": "important"}],
      "vulnerabilityDistribution": {"critical": 1, "high": 0, "total": 0},
      "vulnerabilityScanPassed": false,
      "scanTime": "2026-10-01T08:30:00.5Z"}],
    "consoleURL": "https://console.example"
})");
}

}  // namespace scanclock::testing
