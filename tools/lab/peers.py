"""Installs programs of others by Go, and drives the clients among them.

Each program is built by a throwaway module that requires it at a pinned version, for `go install`
refuses modules with replacements and asks for more than the version that it builds. Go checks every
download against its checksum database.
"""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class Pinned:
    module: str
    version: str
    package: str
    options: tuple = ()
    environment: tuple = ()


PROGRAMS = {
    # The options of its own minimal build: the registry without extensions.
    "zot": Pinned("zotregistry.dev/zot/v2", "v2.1.20", "cmd/zot",
                  ("-tags", "containers_image_openpgp"), (("CGO_ENABLED", "0"),)),
    "cosign": Pinned("github.com/sigstore/cosign/v3", "v3.1.3", "cmd/cosign"),
    "oras": Pinned("oras.land/oras", "v1.2.3", "cmd/oras"),
}
NATIVE_REGISTRY = pathlib.Path(__file__).resolve().parent / "native_registry"
# cosign and zot are a thousand packages each.
BUILD_SECONDS_MAX = 3600
RUN_SECONDS_MAX = 120


class PeerError(Exception):
    """A program of others refused; the text is its own."""


def find_go():
    """The go command, also where its installer puts it and no PATH has it."""
    return shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")


def build(go: str, arguments: list, folder: pathlib.Path, environment=()) -> None:
    """Runs `go build` politely; throws PeerError with its last words."""
    environment = dict(os.environ) | {"GOWORK": "off"} | dict(environment)
    try:
        result = subprocess.run(
            ["nice", go, "build", *map(str, arguments)], cwd=folder, env=environment,
            capture_output=True, text=True, timeout=BUILD_SECONDS_MAX, check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"not built within {BUILD_SECONDS_MAX} s") from error
    if result.returncode != 0:
        # Where a download was tried depends on the machine and says nothing.
        text = re.sub(r"reading https?://\S+: ", "", result.stderr)
        lines = [line.strip() for line in text.splitlines()
                 if line.strip() and not line.startswith("go: downloading")]
        raise PeerError("; ".join(lines[-2:]) or f"go build ended with {result.returncode}")


def install(go: str, name: str, bin_folder: pathlib.Path) -> pathlib.Path:
    """The program at its pinned version, built unless it is there."""
    pinned = PROGRAMS[name]
    program = bin_folder / f"{name}-{pinned.version}"
    if program.exists():
        return program
    bin_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scanclock-peer-") as made:
        folder = pathlib.Path(made)
        (folder / "go.mod").write_text(
            f"module throwaway\n\ngo 1.24\n\nrequire {pinned.module} {pinned.version}\n"
        )
        built = folder / "program"
        arguments = ["-mod=mod", *pinned.options, "-o", built, f"{pinned.module}/{pinned.package}"]
        build(go, arguments, folder, pinned.environment)
        shutil.copy2(built, program)
    return program


def install_native_registry(go: str, bin_folder: pathlib.Path) -> pathlib.Path:
    bin_folder.mkdir(parents=True, exist_ok=True)
    program = bin_folder / "native_registry"
    build(go, ["-mod=readonly", "-o", program, "."], NATIVE_REGISTRY)
    return program


class Program:
    """A command of others that sees nothing of its user's: no home, no credentials."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path):
        self.program = program
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.environment = {
            "PATH": os.environ.get("PATH", ""), "HOME": str(folder),
            "DOCKER_CONFIG": str(folder), "COSIGN_PASSWORD": "",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.program, *map(str, arguments)], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS_MAX,
            check=False,
        )

    def must(self, *arguments: str) -> str:
        result = self.run(*arguments)
        if result.returncode != 0:
            words = (result.stderr or result.stdout).strip().splitlines()[-1:]
            raise PeerError(f"{self.program.name} {arguments[0]}: {''.join(words)}")
        return result.stdout


class Cosign(Program):
    """Signs with keys of its own and asks neither a log nor any other server."""

    def make_key(self, name: str) -> pathlib.Path:
        self.must("generate-key-pair", "--output-key-prefix", name)
        return self.folder / f"{name}.pub"

    def attest(self, reference: str, predicate: dict, key: str, bundle: bool, kind: str) -> None:
        """Attaches a bundle as a referrer, or adds an envelope to the `.att` tag."""
        path = self.folder / "predicate.json"
        path.write_text(json.dumps(predicate))
        self.must(
            "attest", "--yes", "--key", f"{key}.key", "--type", kind, "--predicate", path,
            "--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry",
            f"--new-bundle-format={str(bundle).lower()}", reference,
        )

    def verifies(self, reference: str, key: str, bundle: bool) -> bool:
        result = self.run(
            "verify-attestation", "--key", f"{key}.pub", "--type", "vuln",
            "--insecure-ignore-tlog=true", "--allow-http-registry",
            f"--new-bundle-format={str(bundle).lower()}", reference,
        )
        return result.returncode == 0


class Oras(Program):
    def attach(self, reference: str, data: bytes, artifact_type: str, layer_type: str = "") -> None:
        """Without a layer type oras takes its own, which says nothing of the content."""
        (self.folder / "report.json").write_bytes(data)
        self.must(
            "attach", "--plain-http", "--artifact-type", artifact_type, reference,
            f"report.json:{layer_type}" if layer_type else "report.json",
        )

    def copy(self, source: str, target: str) -> None:
        self.must("cp", "--from-plain-http", "--to-plain-http", source, target)

    def referrers(self, reference: str) -> set:
        found = json.loads(
            self.must("discover", "--plain-http", "--format", "json", reference)
        )
        return {entry["digest"] for entry in found.get("manifests") or []}
