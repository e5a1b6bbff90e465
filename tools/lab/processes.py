"""Starts servers of its own and ends them, each by its process id."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time


class StartError(Exception):
    """A server did not come up; the text says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: str, condition, seconds: float, process=None):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise StartError(f"{what} ended with code {process.returncode}")
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise StartError(f"{what} was not there after {seconds:.0f} s")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process with its log file."""

    def __init__(self, name: str, command: list, folder: pathlib.Path, environment=None):
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | (environment or {}),
                start_new_session=True,
            )

    def stop(self, seconds: float = 20) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def start_registry(folder: pathlib.Path) -> tuple:
    port = free_port()
    config = folder / "registry.yml"
    config.write_text(
        "version: 0.1\n"
        "log: {level: warn}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'registry'}}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    server = Server("docker-registry", ["docker-registry", "serve", config], folder)
    wait_for("docker-registry", lambda: listens(port), 20, server.process)
    return server, port


def start_scanclockd(build: pathlib.Path, config: pathlib.Path, folder: pathlib.Path) -> Server:
    return Server("scanclockd", [build / "daemon" / "scanclockd", "--config", config], folder)


def scanclockd_url(server: Server, seconds: float) -> str:
    """Where it listens, by its log, for it picks a free port."""

    def address():
        for line in server.log.read_text(errors="replace").splitlines():
            if "listening on " in line:
                return line.rsplit("listening on ", 1)[1].strip()
        return None

    return "http://" + wait_for("scanclockd", address, seconds, server.process)


class Engine:
    """A Docker Engine of our own, which touches nothing outside its folder."""

    def __init__(self, folder: pathlib.Path):
        if os.geteuid() != 0 or shutil.which("dockerd") is None:
            raise StartError("Docker Engine needs root and the package docker.io")
        self.folder = folder / "docker"
        self.folder.mkdir()
        self.socket = self.folder / "docker.sock"
        self.in_swarm = False
        self.server = Server(
            "dockerd",
            [
                "dockerd",
                "--iptables=false",
                "--ip6tables=false",
                "--bridge=none",
                f"--data-root={self.folder / 'data'}",
                f"--exec-root={self.folder / 'exec'}",
                f"--pidfile={self.folder / 'docker.pid'}",
                f"--host=unix://{self.socket}",
            ],
            folder,
        )
        try:
            wait_for("Docker Engine", self.answers, 30, self.server.process)
        except StartError as error:
            self.server.stop()
            raise StartError(f"{error}: {self.server.log_tail(1)}") from error

    def docker(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["docker", "--host", f"unix://{self.socket}", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def answers(self) -> bool:
        return self.docker("version").returncode == 0

    def run(self, name: str, image: str) -> None:
        result = self.docker(
            "run", "--detach", "--network", "host", "--init=false", "--name", name, image
        )
        if result.returncode != 0:
            raise StartError(f"container {name}: {result.stderr.strip().splitlines()[-1]}")

    def begin_swarm(self) -> None:
        """Makes it the manager of a Swarm of one node, reached on the loopback only."""
        result = self.docker(
            "swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:0"
        )
        if result.returncode != 0:
            raise StartError(f"Swarm: {result.stderr.strip().splitlines()[-1]}")
        self.in_swarm = True

    def run_service(self, name: str, image: str, replicas: int) -> None:
        """The client resolves the tag, so that the service is pinned to the index."""
        result = self.docker(
            "service", "create", "--detach", "--name", name, "--replicas", str(replicas),
            "--network", "host", "--stop-grace-period", "1s",
            "--label", f"com.docker.stack.namespace={name}", image,
        )
        if result.returncode != 0:
            raise StartError(f"service {name}: {result.stderr.strip().splitlines()[-1]}")

    def stop(self) -> None:
        if self.in_swarm:
            # Tasks would otherwise be started anew while their containers are removed.
            self.docker("swarm", "leave", "--force")
        running = self.docker("ps", "--quiet").stdout.split()
        if running:
            self.docker("rm", "--force", *running)
        self.server.stop()
        # dockerd leaves the mount of its network namespace, which keeps the folder from going.
        for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
            place = line.split()[1]
            if place.startswith(f"{self.folder}/"):
                subprocess.run(["umount", place], check=False)
