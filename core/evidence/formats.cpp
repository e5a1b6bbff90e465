#include "core/evidence/reader.hpp"

namespace scanclock {
namespace {

// Sources: aquasecurity/trivy pkg/types/report.go and pkg/report/sarif.go, anchore/grype
// grype/presenter/models, OASIS SARIF 2.1.0, sigstore/cosign specs/COSIGN_VULN_ATTESTATION_SPEC.md,
// in-toto/attestation spec/predicates/vuln.md and vulns_02.md, secure-systems-lab/dsse envelope.md,
// sigstore/protobuf-specs sigstore_bundle.proto.

constexpr FormatInfo trivy_json{
    .name = "trivy-json",
    .detection =
        "an object with SchemaVersion (1 or 2) and ArtifactName, ArtifactType, Metadata or "
        "Results; a cluster report (ClusterName); the array of results of before 2021",
    .finished_at = "CreatedAt",
    .subjects =
        "Metadata.RepoDigests[] and, as the image ID, Metadata.ImageID, for ArtifactType "
        "container_image; platform from Metadata.ImageConfig",
    .scanner = "trivy, Trivy.Version",
    .database_built_at = "not in the format",
    .counts = "Results[].Vulnerabilities[].Severity",
    .defects =
        "no Results entry of Class os-pkgs or lang-pkgs with packages: no_packages; other classes "
        "only: not_a_vulnerability_scan; no Metadata.OS.Family and no lang-pkgs: unsupported_os; "
        "another ArtifactType: no_subject; a cluster report: unknown_format. The format does not "
        "record which scanners ran, so a licence scan that lists packages cannot be told apart",
};

constexpr FormatInfo grype_json{
    .name = "grype-json",
    .detection = "an object with matches and descriptor",
    .finished_at = "descriptor.timestamp",
    .subjects =
        "source.target.repoDigests[], source.target.manifestDigest and, as the image ID, "
        "source.target.imageID, for source.type image; platform from source.target.os and "
        "source.target.architecture",
    .scanner = "grype, descriptor.version",
    .database_built_at = "descriptor.db.status.built (v6), else descriptor.db.built",
    .counts = "matches[].vulnerability.severity; Negligible counts as unknown",
    .defects =
        "the format lists no packages, so a report without matches is proof only when "
        "distro.name is one that Grype has data for: else unsupported_os; a string in "
        "source.target (folder, SBOM): no_subject; descriptor.db.error or "
        "descriptor.db.status.error: scan_failed",
};

constexpr FormatInfo sarif{
    .name = "sarif",
    .detection = "an object with runs, and version or $schema",
    .finished_at =
        "runs[i].invocations[j].endTimeUtc: the latest of a run, the earliest of the "
        "runs. startTimeUtc where an invocation has no end: it can only make the scan "
        "look older. A time without a zone is UTC, as the name says. No "
        "time at all where one of several runs gives none",
    .subjects =
        "runs[i].properties.repoDigests[] and, as the image ID, runs[i].properties.imageID "
        "(Trivy writes them); SARIF itself has no place for an image",
    .scanner = "runs[i].tool.driver.name and version, else semanticVersion",
    .database_built_at = "not in the format",
    .counts =
        "runs[i].results[]: the severity word in the rule's tags, else the rule's "
        "security-severity (CVSS bands), else the level; suppressed, absent and passed "
        "results do not count",
    .defects =
        "no run of a vulnerability scanner, known by its name, by rule ids such as CVE- or "
        "GHSA-, or by the tag vulnerability: not_a_vulnerability_scan. security-severity "
        "alone is no sign, for source code analysers write it too. An invocation with "
        "executionSuccessful false: scan_failed. No results: no_packages, for nothing "
        "shows that any package was matched",
};

constexpr FormatInfo cosign_vuln{
    .name = "cosign-vuln",
    .detection = "a statement with predicateType https://cosign.sigstore.dev/attestation/vuln/v1",
    .finished_at =
        "the earliest of predicate.metadata.scanFinishedOn and the time of the report in "
        "predicate.scanner.result (predicate.scanner.result.CreatedAt, …): an old "
        "report wrapped today is old. scanStartedOn is no end",
    .subjects =
        "subject[].digest.sha256 and sha512; the image ID and the platform from the report "
        "in predicate.scanner.result, whose digests, the image ID included, go to inner_subjects",
    .scanner =
        "predicate.scanner.uri (a package URL gives name and version) and "
        "predicate.scanner.version, else the report in predicate.scanner.result",
    .database_built_at =
        "the earliest of predicate.scanner.db.version, where it is an RFC 3339 "
        "time, and what the report in predicate.scanner.result gives",
    .counts = "as the report in predicate.scanner.result; zero for a report of another format",
    .defects =
        "those of the report in predicate.scanner.result, except its missing time or "
        "subject; no result at all: no_packages",
};

constexpr FormatInfo in_toto_vulns{
    .name = "in-toto-vulns",
    .detection = "a statement with predicateType https://in-toto.io/attestation/vulns/v0.1 or v0.2",
    .finished_at = "predicate.metadata.scanFinishedOn",
    .subjects = "subject[].digest.sha256 and sha512",
    .scanner =
        "predicate.scanner.uri (a package URL gives name and version) and "
        "predicate.scanner.version",
    .database_built_at = "predicate.scanner.db.lastUpdate",
    .counts =
        "predicate.scanner.result[].severity[].score: the gravest of the words and the CVSS "
        "scores; CVSS vectors count as unknown",
    .defects = "no result list: no_packages. An empty list says that nothing was found",
};

constexpr FormatInfo in_toto{
    .name = "in-toto",
    .detection = "_type https://in-toto.io/Statement/v0.1 or v1",
    .finished_at = "as the predicate",
    .subjects = "subject[].digest.sha256 and sha512",
    .scanner = "as the predicate",
    .database_built_at = "as the predicate",
    .counts = "as the predicate",
    .defects = "a predicate type that is not one of the above, exactly: not_a_vulnerability_scan",
};

constexpr FormatInfo dsse{
    .name = "dsse",
    .detection = "payloadType and payload",
    .finished_at = "as the statement in payload",
    .subjects = "as the statement in payload",
    .scanner = "as the statement in payload",
    .database_built_at = "as the statement in payload",
    .counts = "as the statement in payload",
    .defects =
        "a payloadType other than application/vnd.in-toto+json and "
        "application/vnd.in-toto.<predicate>+json: not_a_vulnerability_scan",
};

constexpr FormatInfo sigstore_bundle{
    .name = "sigstore-bundle",
    .detection =
        "mediaType application/vnd.dev.sigstore.bundle+json;version=0.1, 0.2 or 0.3, or "
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    .finished_at = "as the envelope in dsseEnvelope",
    .subjects = "as the envelope in dsseEnvelope",
    .scanner = "as the envelope in dsseEnvelope",
    .database_built_at = "as the envelope in dsseEnvelope",
    .counts = "as the envelope in dsseEnvelope",
    .defects =
        "messageSignature instead of dsseEnvelope: not_a_vulnerability_scan; another "
        "version: unknown_format",
};

}  // namespace

const std::vector<FormatInfo>& formats() {
  static const std::vector<FormatInfo> table = {trivy_json,    grype_json, sarif, cosign_vuln,
                                                in_toto_vulns, in_toto,    dsse,  sigstore_bundle};
  return table;
}

}  // namespace scanclock
