"""Writes OCI image layouts around the statically linked busybox.

Format: opencontainers/image-spec, image-layout.md, image-index.md, manifest.md and config.md.
"""

import gzip
import hashlib
import io
import json
import pathlib
import tarfile

BUSYBOX = pathlib.Path("/bin/busybox")
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
IN_TOTO = "application/vnd.in-toto+json"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer_tar(name: str) -> bytes:
    """A root file system of busybox and a file that makes the content unique."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, data, mode in (
            ("bin/busybox", BUSYBOX.read_bytes(), 0o755),
            ("bin/sleep", None, 0),
            ("etc/image-name", name.encode(), 0o644),
        ):
            entry = tarfile.TarInfo(path)
            if data is None:
                entry.type = tarfile.SYMTYPE
                entry.linkname = "busybox"
                tar.addfile(entry)
            else:
                entry.size = len(data)
                entry.mode = mode
                tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


class Layout:
    """An image layout with one index: amd64, arm64 and BuildKit's attestation manifest."""

    def __init__(self, folder: pathlib.Path, name: str):
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        tar = layer_tar(name)
        layer = self.blob(gzip.compress(tar, 1, mtime=0), LAYER)
        self.images = {}
        entries = []
        for architecture in ("amd64", "arm64"):
            config = {
                "architecture": architecture,
                "os": "linux",
                "config": {"Cmd": ["/bin/sleep", "1000000"], "Labels": {"image": name}},
                "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
            }
            descriptor = self.manifest(self.json_blob(config, CONFIG), [layer])
            self.images[architecture] = descriptor["digest"]
            entries.append(
                descriptor | {"platform": {"architecture": architecture, "os": "linux"}}
            )
        entries.append(self.attestation(entries[0]["digest"]))
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        self.index = self.json_blob(index, INDEX)
        (folder / "index.json").write_text(
            json.dumps({"schemaVersion": 2, "manifests": [self.index]})
        )

    def blob(self, data: bytes, media_type: str) -> dict:
        digest = digest_of(data)
        (self.folder / "blobs" / "sha256" / digest.split(":")[1]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def json_blob(self, value: dict, media_type: str) -> dict:
        return self.blob(json.dumps(value).encode(), media_type)

    def manifest(self, config: dict, layers: list) -> dict:
        value = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
        return self.json_blob(value, MANIFEST)

    def attestation(self, subject: str) -> dict:
        statement = {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": "_", "digest": {"sha256": subject.split(":")[1]}}],
            "predicate": {},
        }
        config = {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        descriptor = self.manifest(
            self.json_blob(config, CONFIG), [self.json_blob(statement, IN_TOTO)]
        )
        return descriptor | {
            "platform": {"architecture": "unknown", "os": "unknown"},
            "annotations": {
                "vnd.docker.reference.digest": subject,
                "vnd.docker.reference.type": "attestation-manifest",
            },
        }
