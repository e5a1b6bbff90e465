"""Registries that `make conformance` fills: docker-registry, zot, and two small ones in Go."""

import functools
import json
import pathlib
import subprocess

from . import images, processes

TAG = "1.0"
STAND_INS = ("ociregistry", "go-containerregistry")


class Registry:
    """One that runs, and the images that were pushed to it."""

    def __init__(self, name: str, port: int, native: bool):
        self.name = name
        self.host = f"127.0.0.1:{port}"
        self.native = native
        self.layouts = {}

    def push(self, case, folder: pathlib.Path) -> None:
        # The name makes the content unique, for evidence is united over all places of an image.
        name = f"{self.name}/{case.name}"
        layout = images.Layout(folder / "layouts" / name, name)
        self.layouts[case.name] = layout
        result = subprocess.run(
            ["skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--dest-tls-verify=false",
             f"oci:{layout.folder}", f"docker://{self.host}/{case.name}:{TAG}"],
            capture_output=True, text=True, timeout=120, check=False,
        )
        if result.returncode != 0:
            raise processes.StartError(f"skopeo copy {name}: {result.stderr.strip()}")

    def digest(self, case) -> str:
        return self.layouts[case.name].images["amd64"]

    def reference(self, case) -> str:
        return f"{self.host}/{case.name}@{self.digest(case)}"

    def settings(self) -> str:
        return (f"  - name: {self.name}\n    url: http://{self.host}\n    poll: {{tags_every: 2s, "
                "evidence_every: 5s, max_requests_per_second: 500}\n")


def start_docker_registry(folder: pathlib.Path) -> tuple:
    server, port = processes.start_registry(folder)
    return server, Registry("docker-registry", port, native=False)


def start_native(name: str, command, folder: pathlib.Path) -> tuple:
    """One with the referrers API; `command` makes its command line of the port."""
    port = processes.free_port()
    server = processes.Server(name, command(port), folder)
    try:
        processes.wait_for(name, lambda: processes.listens(port), 20, server.process)
    except processes.StartError:
        server.stop()
        raise
    return server, Registry(name, port, native=True)


def start_zot(program: pathlib.Path, folder: pathlib.Path) -> tuple:
    def command(port: int) -> list:
        config = folder / "zot.json"
        config.write_text(json.dumps({
            "storage": {"rootDirectory": str(folder / "zot")},
            "http": {"address": "127.0.0.1", "port": str(port)},
            "log": {"level": "warn"},
        }))
        return [program, "serve", config]

    return start_native("zot", command, folder)


def start_stand_in(program: pathlib.Path, name: str, folder: pathlib.Path) -> tuple:
    return start_native(name, lambda port: [program, name, f"127.0.0.1:{port}"], folder)


def starters(programs: dict) -> list:
    """A function of a folder for each registry that can be had; it gives the server and it."""
    found = [start_docker_registry]
    if "zot" in programs:
        found.append(functools.partial(start_zot, programs["zot"]))
    if "native_registry" in programs:
        found += [functools.partial(start_stand_in, programs["native_registry"], name)
                  for name in STAND_INS]
    return found
