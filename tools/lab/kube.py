"""A Kubernetes of our own without nodes: etcd and kube-apiserver on the loopback.

kubectl's word stands for that of kubelets: pods are created bound to a node, and their status is
written.
"""

import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

from lab import processes

PROGRAMS = ("etcd", "kube-apiserver", "kubectl")
START_SECONDS = 120
RUN_SECONDS_MAX = 60
TOKEN_SECONDS = 3600


class KubeError(Exception):
    """A program of the cluster refused; the text is its own."""


def find_programs() -> dict:
    """Where they are: in $KUBEBUILDER_ASSETS, in PATH, or where kubebuilder puts them."""
    path = os.pathsep.join([os.environ.get("KUBEBUILDER_ASSETS", ""), os.environ.get("PATH", ""),
                            "/usr/local/kubebuilder/bin"])
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    return {name: place for name, place in found.items() if place}


def version_of(program: str) -> str:
    result = subprocess.run([program, "--version"], capture_output=True, text=True,
                            timeout=RUN_SECONDS_MAX, check=False)
    first = (result.stdout.splitlines() or [""])[0]
    return first.split()[-1] if first else "of unknown version"


class Certificates:
    """An authority, a server for 127.0.0.1, an administrator, and a key for service accounts."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir()
        self.authority = self.run("req", "-x509", *self.new_key("ca"), "-subj", "/CN=conformance",
                                  "-days", "2", "-out", "ca.pem") / "ca.pem"
        self.sign("server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.sign("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth")
        self.run("genrsa", "-out", "accounts.key", "2048")

    def run(self, *arguments: str) -> pathlib.Path:
        result = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True,
                                text=True, timeout=RUN_SECONDS_MAX, check=False)
        if result.returncode != 0:
            raise KubeError(f"openssl {arguments[0]}: {result.stderr.strip()[-200:]}")
        return self.folder

    @staticmethod
    def new_key(name: str) -> tuple:
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{name}.key")

    def sign(self, name: str, subject: str, extension: str) -> None:
        (self.folder / f"{name}.ext").write_text(extension)
        self.run("req", *self.new_key(name), "-subj", subject, "-out", f"{name}.csr")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
                 "-out", f"{name}.pem")


class Cluster:
    def __init__(self, programs: dict, folder: pathlib.Path):
        self.programs = programs
        self.folder = folder / "kubernetes"
        self.folder.mkdir()
        self.certificates = Certificates(self.folder / "pki")
        self.store_port = processes.free_port()
        self.port = processes.free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.admin = self.kubeconfig("admin", {
            "client-certificate": str(self.certificates.folder / "admin.pem"),
            "client-key": str(self.certificates.folder / "admin.key")})
        self.store = None
        self.server = None

    def start(self) -> None:
        store = f"http://127.0.0.1:{self.store_port}"
        peers = f"http://127.0.0.1:{processes.free_port()}"
        self.store = processes.Server("etcd", [
            self.programs["etcd"], "--name=default", f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={store}", f"--advertise-client-urls={store}",
            f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ], self.folder)
        processes.wait_for("etcd", lambda: processes.listens(self.store_port), START_SECONDS,
                           self.store.process)
        self.start_server()

    def start_server(self) -> None:
        pki = self.certificates.folder
        self.server = processes.Server("kube-apiserver", [
            self.programs["kube-apiserver"],
            f"--etcd-servers=http://127.0.0.1:{self.store_port}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}", "--service-cluster-ip-range=10.0.0.0/24",
            "--endpoint-reconciler-type=none", f"--cert-dir={self.folder}",
            f"--tls-cert-file={pki / 'server.pem'}",
            f"--tls-private-key-file={pki / 'server.key'}",
            f"--client-ca-file={self.certificates.authority}",
            f"--service-account-issuer={self.url}",
            f"--service-account-key-file={pki / 'accounts.key'}",
            f"--service-account-signing-key-file={pki / 'accounts.key'}",
            "--authorization-mode=RBAC",
            # Nobody makes the default service account that it demands.
            "--disable-admission-plugins=ServiceAccount",
        ], self.folder)
        processes.wait_for("kube-apiserver", self.is_ready, START_SECONDS, self.server.process)

    def is_ready(self) -> bool:
        return self.run("get", "--raw", "/readyz").returncode == 0

    def restart_server(self) -> None:
        """Its new watch cache begins now, so that watches from before are told that they are too
        old."""
        self.server.stop()
        self.start_server()

    def stop(self, seconds: float = 20) -> None:
        for server in (self.server, self.store):
            if server is not None:
                server.stop(seconds)

    def kubeconfig(self, name: str, user: dict) -> pathlib.Path:
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {
                "server": self.url, "certificate-authority": str(self.certificates.authority)}}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": name}}],
        }))
        return path

    def run(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.programs["kubectl"], f"--kubeconfig={self.admin}",
             f"--cache-dir={self.folder / 'cache'}", *arguments],
            input=text, capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False)

    def must(self, *arguments: str, text: str = "") -> str:
        result = self.run(*arguments, text=text)
        if result.returncode != 0:
            raise KubeError(f"kubectl {arguments[0]}: {result.stderr.strip()[-300:]}")
        return result.stdout

    def create(self, item: dict) -> dict:
        return json.loads(self.must("create", "-f", "-", "-o", "json", text=json.dumps(item)))

    def set_status(self, path: str, status: dict) -> None:
        """By the status subresource, as a kubelet does; kubectl before 1.24 has no word for it."""
        item = json.loads(self.must("get", "--raw", path))
        item.setdefault("status", {}).update(status)
        self.must("replace", "--raw", f"{path}/status", "-f", "-", text=json.dumps(item))

    def token_of(self, namespace: str, account: str) -> str:
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                   "spec": {"expirationSeconds": TOKEN_SECONDS}}
        answer = self.must(
            "create", "--raw", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            "-f", "-", text=json.dumps(request))
        return json.loads(answer)["status"]["token"]

    def forget_history(self) -> None:
        """Compacts etcd up to now, by its JSON gateway."""
        base = f"http://127.0.0.1:{self.store_port}/v3/kv"
        newest = json.loads(post(f"{base}/range", {"key": "AA=="}))["header"]["revision"]
        post(f"{base}/compaction", {"revision": newest, "physical": True})


def post(url: str, body: dict) -> bytes:
    request = urllib.request.Request(url, data=json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=RUN_SECONDS_MAX) as answer:
        return answer.read()
