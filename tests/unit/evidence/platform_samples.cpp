#include "tests/unit/evidence/platform_samples.hpp"

#include <string>

namespace scanclock::testing {

using nlohmann::json;

json aqua_report() {
  return json::parse(R"({
    "image": "shop/cart:1.4", "registry": "registry.example",
    "scan_started": {"seconds": 1790843335, "nanos": 250000000}, "scan_duration": 65,
    "digest": "1111111111111111111111111111111111111111111111111111111111111111",
    "os": "alpine", "version": "3.22.1",
    "resources": [
      {"resource": {"name": "musl"}, "scanned": true, "vulnerabilities": [
        {"name": "CVE-2026-0001", "aqua_severity": "high", "nvd_severity_v3": "critical"},
        {"name": "CVE-2026-0002", "nvd_severity": "low"}]},
      {"resource": {"name": "zlib"}, "scanned": true, "vulnerabilities": [
        {"name": "CVE-2026-0001", "aqua_severity": "critical"}]}],
    "vulnerability_summary": {"total": 2, "high": 2},
    "data_date": 1790755200, "scanned_image_platform": "amd64::linux:"})");
}

json sysdig_report() {
  return json::parse(R"({
    "info": {"scanTime": "2026-10-01T11:30:00+03:00", "scanDuration": "15.5s"},
    "scanner": {"name": "sysdig-cli-scanner", "version": "1.20.0"},
    "result": {"type": "dockerImage",
      "metadata": {"pullString": "shop/cart:1.4", "baseOs": "debian 13",
        "imageId": "sha256:2222222222222222222222222222222222222222222222222222222222222222",
        "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
        "os": "linux", "architecture": "amd64", "createdAt": "2026-09-01T00:00:00Z"},
      "vulnTotalBySeverity": {"critical": 9},
      "packages": [
        {"type": "os", "name": "libssl", "vulns": [
          {"name": "CVE-2026-0001", "severity": {"value": "Critical", "sourceName": "nvd"}},
          {"name": "CVE-2026-0002", "severity": {"value": "Negligible"}}]},
        {"type": "python", "name": "flask"}]}})");
}

json sysdig_report_of_maps() {
  json report = sysdig_report();
  report["result"]["packages"] = json::parse(R"({
    "p1": {"type": "os", "name": "libssl", "vulnerabilitiesRefs": ["v1", "v2"]},
    "p2": {"type": "os", "name": "libcrypto", "vulnerabilitiesRefs": ["v1"]},
    "p3": {"type": "golang", "name": "net", "vulnerabilitiesRefs": null}})");
  report["result"]["vulnerabilities"] = json::parse(R"({
    "v1": {"name": "CVE-2026-0001", "severity": "critical"},
    "v2": {"name": "CVE-2026-0002", "severity": "low"}})");
  return report;
}

json wiz_report() {
  return json::parse(R"({
    "id": "800177c8", "createdAt": "2026-10-01T08:30:00.5Z", "startedAt": "0001-01-01T00:00:00Z",
    "status": {"state": "SUCCESS", "verdict": "FAILED_BY_POLICY"},
    "scanOriginResource": {"__typename": "CICDScanOriginContainerImage", "name": "shop/cart:1.4",
      "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"},
    "result": {"__typename": "CICDDiskScanResult",
      "osPackages": [{"name": "libssl3", "vulnerabilities": [
        {"name": "CVE-2026-0001", "severity": "LOW", "source": "https://wiz.example/x"}]}],
      "libraries": [{"name": "grpc", "vulnerabilities": [
        {"name": "CVE-2026-0002", "severity": "HIGH",
         "source": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc"}]}],
      "applications": null, "cpes": null,
      "analytics": {"vulnerabilities": {"lowCount": 2, "totalCount": 0}}}})");
}

json anchore_answer() {
  return json::parse(R"({
    "imageDigest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "vulnerability_type": "all",
    "vulnerabilities": [
      {"vuln": "CVE-2026-0001", "severity": "Medium", "package_name": "zlib"},
      {"vuln": "GHSA-aaaa-bbbb-cccc", "severity": "High",
       "nvd_data": [{"id": "CVE-2026-0002"}]}]})");
}

json anchore_export() {
  return json::parse(R"({
    "metadata": {"registry": "registry.example", "repository": "shop/cart", "tag": "1.4",
      "imageDigest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
      "timestamp": "2026-10-01T08:30:00Z"},
    "securityEvaluation": [
      {"vulnerabilityId": "GHSA-aaaa-bbbb-cccc", "cves": "CVE-2026-0001, CVE-2026-0002",
       "severity": "High", "detectedAt": "2026-08-01T00:00:00Z"},
      {"vulnerabilityId": "CVE-2026-0003", "cves": "", "severity": "Critical"}]})");
}

json neuvector_report() {
  return json::parse(R"({
    "report": {
      "vulnerabilities": [
        {"name": "RHSA-2026:0001", "severity": "High", "cves": ["CVE-2026-0001", ""],
         "published_timestamp": 1790000000},
        {"name": "CVE-2026-0002", "severity": "Low", "cves": null}],
      "image_id": "2222222222222222222222222222222222222222222222222222222222222222",
      "registry": "registry.example", "repository": "shop/cart", "tag": "1.4",
      "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
      "base_os": "rhel:9", "created_at": "2026-10-01T08:30:00Z",
      "cvedb_version": "3.5", "cvedb_create_time": "2026-09-30T00:00:00Z",
      "modules": [{"name": "scanner", "version": "1.011", "source": "github"}]}})");
}

json inspector_list() {
  return json::parse(R"({"findings": [
    {"findingArn": "arn:aws:inspector2:1", "severity": "MEDIUM", "status": "ACTIVE",
     "updatedAt": "2026-10-01T08:30:00+00:00", "lastObservedAt": "2026-10-01T08:30:00+00:00",
     "type": "PACKAGE_VULNERABILITY",
     "packageVulnerabilityDetails": {"vulnerabilityId": "ALAS2-2026-1",
                                     "relatedVulnerabilities": ["CVE-2026-0001"]},
     "resources": [{"type": "AWS_ECR_CONTAINER_IMAGE", "details": {"awsEcrContainerImage": {
       "imageHash": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
       "repositoryName": "shop/cart", "imageTags": ["1.4"]}}}]},
    {"findingArn": "arn:aws:inspector2:2", "severity": "CRITICAL", "status": "SUPPRESSED",
     "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0002"},
     "resources": [{"details": {"awsEcrContainerImage": {
       "imageHash": "sha256:1111111111111111111111111111111111111111111111111111111111111111"}}}]},
    {"findingArn": "arn:aws:inspector2:3", "severity": "INFORMATIONAL", "status": "ACTIVE",
     "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0003"}}]})");
}

json security_hub_list() {
  return json::parse(R"({"Findings": [
    {"ProductArn": "arn:aws:securityhub:::product/aws/inspector", "RecordState": "ACTIVE",
     "UpdatedAt": "2026-10-01T08:30:00Z", "Severity": {"Label": "HIGH"},
     "Vulnerabilities": [{"Id": "CVE-2026-0001", "RelatedVulnerabilities": ["CVE-2026-0002"]}],
     "Resources": [{"Type": "AwsEcrContainerImage", "Details": {"AwsEcrContainerImage": {
       "ImageDigest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
       "RepositoryName": "shop/cart", "ImageTags": ["1.4"]}}}]},
    {"ProductArn": "arn:aws:securityhub:::product/aws/inspector", "RecordState": "ARCHIVED",
     "Severity": {"Label": "CRITICAL"}, "Vulnerabilities": [{"Id": "CVE-2026-0003"}]},
    {"ProductArn": "arn:aws:securityhub:::product/aws/guardduty",
     "Severity": {"Label": "HIGH"}}]})");
}

json ecr_answer() {
  return json::parse(R"({
    "registryId": "012345678901", "repositoryName": "shop/cart",
    "imageId": {"imageTag": "1.4",
      "imageDigest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"},
    "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed."},
    "imageScanFindings": {
      "imageScanCompletedAt": "2026-10-01T10:30:00+02:00",
      "vulnerabilitySourceUpdatedAt": "2026-09-30T02:00:00+02:00",
      "findingSeverityCounts": {"HIGH": 7, "LOW": 2, "UNDEFINED": 1, "INFORMATIONAL": 3},
      "findings": [{"name": "CVE-2026-0001", "severity": "HIGH"},
                   {"name": "CVE-2026-0002", "severity": "UNDEFINED"}]},
    "nextToken": "more"})");
}

json gcp_occurrence() {
  json occurrence = json::parse(R"({
    "name": "projects/shop/occurrences/1", "kind": "DISCOVERY",
    "noteName": "projects/goog-analysis/notes/PACKAGE_VULNERABILITY",
    "createTime": "2026-09-01T00:00:00Z", "updateTime": "2026-10-05T00:00:00Z",
    "discovery": {"analysisStatus": "FINISHED_SUCCESS", "continuousAnalysis": "ACTIVE",
                  "lastScanTime": "2026-10-01T08:30:00.000001Z"}})");
  occurrence["resourceUri"] =
      "https://europe-docker.pkg.dev/shop/r/cart@sha256:" + std::string(64, '1');
  return occurrence;
}

json operator_report() {
  return json::parse(R"({
    "apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport",
    "metadata": {"creationTimestamp": "2026-09-01T00:00:00Z", "name": "replicaset-cart"},
    "report": {
      "updateTimestamp": "2026-10-01T08:30:00Z",
      "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "0.69.1"},
      "registry": {"server": "registry.example"},
      "artifact": {"repository": "shop/cart", "tag": "1.4",
        "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"},
      "os": {"family": "alpine", "name": "3.22.1"},
      "summary": {"criticalCount": 9},
      "vulnerabilities": [{"vulnerabilityID": "CVE-2026-0001", "severity": "CRITICAL"},
                          {"vulnerabilityID": "CVE-2026-0002", "severity": "UNKNOWN"}]}})");
}

json harbor_addition() {
  return json::parse(R"({"application/vnd.security.vulnerability.report; version=1.1": {
    "generated_at": "2026-10-01T08:30:00Z",
    "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "v0.69.1"},
    "severity": "High",
    "vulnerabilities": [
      {"id": "CVE-2026-0001", "severity": "High", "artifact_digests":
        ["sha256:1111111111111111111111111111111111111111111111111111111111111111"]},
      {"id": "CVE-2026-0002", "severity": "Negligible", "artifact_digests":
        ["sha256:1111111111111111111111111111111111111111111111111111111111111111"]}]}})");
}

json harbor_record() {
  return json::parse(R"({
    "scanclockRecord": "harbor-v2", "registry": "registry.example", "repository": "shop/cart",
    "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "record": {
      "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
      "type": "IMAGE", "manifest_media_type": "application/vnd.oci.image.manifest.v1+json",
      "push_time": "2026-11-01T00:00:00Z", "pull_time": "0001-01-01T00:00:00Z",
      "references": null, "extra_attrs": {"os": "linux", "architecture": "arm64"},
      "scan_overview": {"application/vnd.security.vulnerability.report; version=1.1": {
        "report_id": "5f62c830", "scan_status": "Success", "severity": "High", "duration": 30,
        "summary": {"total": 4, "fixable": 1,
                    "summary": {"Critical": 1, "High": 2, "None": 1}},
        "start_time": "2026-10-01T08:29:30Z", "end_time": "2026-10-01T08:30:00Z",
        "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "v0.69.1"},
        "complete_percent": 100}}}})");
}

json quay_record() {
  return json::parse(R"({
    "scanclockRecord": "quay-secscan", "registry": "quay.example", "repository": "shop/cart",
    "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
    "record": {"status": "scanned", "data": {"Layer": {
      "Name": "sha256:1111111111111111111111111111111111111111111111111111111111111111",
      "ParentName": "", "NamespaceName": "", "IndexedByVersion": 4,
      "Features": [
        {"Name": "openssl", "Version": "3.5", "Vulnerabilities": [
          {"Name": "CVE-2026-0001", "Severity": "Medium"},
          {"Name": "CVE-2026-0002", "Severity": "Defcon1"}]},
        {"Name": "zlib", "Version": "1.3", "Vulnerabilities": []}]}}}})");
}

json ecr_record() {
  json record = ecr_answer();
  record["imageScanFindings"]["imageScanCompletedAt"] = 1790843400.0;
  record["imageScanFindings"]["vulnerabilitySourceUpdatedAt"] = 1790726400;
  return {{"scanclockRecord", "ecr-v2015"},
          {"registry", "ecr"},
          {"repository", "shop/cart"},
          {"digest", record["imageId"]["imageDigest"]},
          {"record", record}};
}

}  // namespace scanclock::testing
