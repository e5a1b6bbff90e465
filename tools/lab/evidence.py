"""Makes scan evidence and attaches it as an OCI client would.

Formats: Trivy's JSON report; cosign's ATTESTATION_SPEC.md and COSIGN_VULN_ATTESTATION_SPEC.md;
distribution-spec, "Referrers Tag Schema".
"""

import base64
import json
import urllib.request

from . import images

DSSE = "application/vnd.dsse.envelope.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
SARIF = "application/sarif+json"


def json_bytes(value) -> bytes:
    return json.dumps(value).encode()


def stamp(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def trivy_report(name: str, digest: str, finished_at, vulnerabilities: list) -> dict:
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.66.0"},
        "CreatedAt": stamp(finished_at),
        "ArtifactName": name,
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "alpine", "Name": "3.20.3"},
            "RepoDigests": [f"{name}@{digest}"],
        },
        "Results": [
            {
                "Target": f"{name} (alpine 3.20.3)",
                "Class": "os-pkgs",
                "Type": "alpine",
                "Vulnerabilities": [
                    {"VulnerabilityID": identifier, "PkgName": "busybox", "Severity": severity}
                    for identifier, severity in vulnerabilities
                ],
            }
        ],
    }


def cosign_vulnerability_predicate(finished_at, report: dict) -> dict:
    return {
        "invocation": {},
        "scanner": {
            "uri": "pkg:github/aquasecurity/trivy@0.66.0",
            "version": "0.66.0",
            "db": {"uri": "", "version": ""},
            "result": report,
        },
        "metadata": {
            "scanStartedOn": stamp(finished_at),
            "scanFinishedOn": stamp(finished_at),
        },
    }


def in_toto_vulnerability_predicate(finished_at, database_built_at) -> dict:
    """Format: in-toto/attestation, spec/predicates/vuln.md, version 0.2."""
    return {
        "scanner": {
            "uri": "pkg:github/aquasecurity/trivy@0.66.0",
            "version": "0.66.0",
            "db": {"uri": "", "version": "2", "lastUpdate": stamp(database_built_at)},
            "result": [
                {"id": "CVE-2026-1001", "severity": [{"method": "nvd", "score": "high"}]},
            ],
        },
        "metadata": {
            "scanStartedOn": stamp(finished_at),
            "scanFinishedOn": stamp(finished_at),
        },
    }


def cosign_vulnerability_attestation(digest: str, finished_at, report: dict) -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://cosign.sigstore.dev/attestation/vuln/v1",
        "subject": [{"name": "image", "digest": {"sha256": digest.split(":")[1]}}],
        "predicate": cosign_vulnerability_predicate(finished_at, report),
    }
    envelope = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64.b64encode(json.dumps(statement).encode()).decode(),
        "signatures": [{"keyid": "", "sig": ""}],
    }
    return json.dumps(envelope).encode()


def sarif_report(finished_at) -> bytes:
    """Grype's shape, with the invocation time that SARIF allows and Grype leaves out."""
    return json.dumps(
        {
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "grype",
                            "version": "0.94.0",
                            "rules": [
                                {
                                    "id": "CVE-2026-1003-busybox",
                                    "properties": {"security-severity": "5.0"},
                                }
                            ],
                        }
                    },
                    "invocations": [
                        {"executionSuccessful": True, "endTimeUtc": stamp(finished_at)}
                    ],
                    "results": [
                        {
                            "ruleId": "CVE-2026-1003-busybox",
                            "ruleIndex": 0,
                            "level": "warning",
                            "message": {"text": "busybox 1.36.1 is affected by CVE-2026-1003"},
                        }
                    ],
                }
            ],
        }
    ).encode()


class Repository:
    """A repository of a registry that asks for no login."""

    def __init__(self, base: str, name: str):
        self.base = base
        self.name = name

    def request(self, method: str, path: str, data=None, headers=None):
        url = path if path.startswith("http") else f"{self.base}/v2/{self.name}{path}"
        request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
        with urllib.request.urlopen(request, timeout=20) as response:
            return dict(response.headers), response.read()

    def put_blob(self, data: bytes, media_type: str) -> dict:
        digest = images.digest_of(data)
        headers, _ = self.request("POST", "/blobs/uploads/", data=b"")
        location = headers["Location"]
        separator = "&" if "?" in location else "?"
        self.request(
            "PUT",
            f"{location}{separator}digest={digest}",
            data=data,
            headers={"Content-Type": "application/octet-stream"},
        )
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def put_manifest(self, reference: str, value: dict) -> dict:
        data = json.dumps(value).encode()
        self.request(
            "PUT", f"/manifests/{reference}", data=data, headers={"Content-Type": value["mediaType"]}
        )
        return {
            "mediaType": value["mediaType"],
            "digest": images.digest_of(data),
            "size": len(data),
        }

    def attach_attestation(self, subject: str, envelopes: list) -> None:
        """cosign's `.att` tag: one layer an attestation."""
        config = self.put_blob(
            b'{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
            images.CONFIG,
        )
        layers = [self.put_blob(envelope, DSSE) for envelope in envelopes]
        self.put_manifest(
            subject.replace(":", "-") + ".att",
            {
                "schemaVersion": 2,
                "mediaType": images.MANIFEST,
                "config": config,
                "layers": layers,
            },
        )

    def attach_referrer(self, subject: dict, data: bytes, artifact_type: str) -> None:
        """By the fallback tag, for this registry has no referrers API."""
        layer = self.put_blob(data, artifact_type)
        manifest = {
            "schemaVersion": 2,
            "mediaType": images.MANIFEST,
            "artifactType": artifact_type,
            "config": self.put_blob(b"{}", EMPTY),
            "layers": [layer],
            "subject": subject,
        }
        descriptor = self.put_manifest(
            images.digest_of(json.dumps(manifest).encode()), manifest
        )
        self.put_manifest(
            subject["digest"].replace(":", "-"),
            {
                "schemaVersion": 2,
                "mediaType": images.INDEX,
                "manifests": [descriptor | {"artifactType": artifact_type}],
            },
        )
