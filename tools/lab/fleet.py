"""The demo's images, what was scanned when, what runs, and what Scanclock must conclude."""

import base64
import datetime
import json
import pathlib
import subprocess
import urllib.error
import urllib.request

from . import evidence, images, processes

# name, days since the scan (None: never), how the evidence is attached, whether it runs, and the
# state that follows under the 30 days of the default policy.
IMAGES = [
    ("team/web", 2, "attestation", True, "fresh"),
    ("team/api", 26, "sarif", True, "due_soon"),
    ("team/pay", 33, "attestation", True, "overdue"),
    ("team/batch", None, "", True, "never_scanned"),
    ("team/shop", 5, "attestation", True, "fresh"),
    ("team/tools", 12, "attestation", False, "fresh"),
    ("team/old", 45, "attestation", False, "overdue"),
]
OVERDUE = "team/pay"
# What a Swarm runs as a service, where one can run.
SERVICE = "team/shop"
REPLICAS = 2
TAG = "1.0"
VULNERABILITIES = [("CVE-2026-1001", "HIGH"), ("CVE-2026-1002", "LOW")]


class Fleet:
    def __init__(self, folder: pathlib.Path, port: int, now: datetime.datetime):
        self.folder = folder
        self.port = port
        self.now = now
        self.url = ""
        self.layouts = {}
        self.running = [name for name, _, _, runs, _ in IMAGES if runs]
        self.swarm = False

    def reference(self, name: str) -> str:
        return f"127.0.0.1:{self.port}/{name}:{TAG}"

    def overdue_name(self) -> str:
        return self.reference(OVERDUE)

    def repository(self, name: str) -> evidence.Repository:
        return evidence.Repository(f"http://127.0.0.1:{self.port}", name)

    def push_images(self) -> None:
        for name, *_ in IMAGES:
            layout = images.Layout(self.folder / "layouts" / name, name)
            self.layouts[name] = layout
            result = subprocess.run(
                ["skopeo", "--insecure-policy", "copy", "--quiet", "--all",
                 "--dest-tls-verify=false", f"oci:{layout.folder}",
                 f"docker://{self.reference(name)}"],
                capture_output=True, text=True, timeout=120, check=False,
            )
            if result.returncode != 0:
                raise processes.StartError(f"skopeo copy {name}: {result.stderr.strip()}")

    def attestation(self, name: str, finished_at: datetime.datetime) -> bytes:
        digest = self.layouts[name].images["amd64"]
        report = evidence.trivy_report(
            f"127.0.0.1:{self.port}/{name}", digest, finished_at, VULNERABILITIES
        )
        return evidence.cosign_vulnerability_attestation(digest, finished_at, report)

    def attach_evidence(self) -> None:
        for name, days, how, *_ in IMAGES:
            if days is None:
                continue
            finished_at = self.now - datetime.timedelta(days=days)
            digest = self.layouts[name].images["amd64"]
            if how == "attestation":
                self.repository(name).attach_attestation(
                    digest, [self.attestation(name, finished_at)]
                )
            else:
                subject = {"mediaType": images.MANIFEST, "digest": digest, "size": 0}
                blob = self.layouts[name].folder / "blobs" / "sha256" / digest.split(":")[1]
                subject["size"] = blob.stat().st_size
                self.repository(name).attach_referrer(
                    subject, evidence.sarif_report(finished_at), evidence.SARIF
                )

    def scan_overdue_image(self) -> None:
        finished_at = datetime.datetime.now(datetime.timezone.utc)
        digest = self.layouts[OVERDUE].images["amd64"]
        old = self.attestation(OVERDUE, self.now - datetime.timedelta(days=33))
        new = self.attestation(OVERDUE, finished_at)
        self.repository(OVERDUE).attach_attestation(digest, [old, new])

    def run_in_engine(self, engine: processes.Engine) -> None:
        for name in self.running:
            if name != SERVICE:
                engine.run(name.replace("/", "-"), self.reference(name))

    def run_in_swarm(self, engine: processes.Engine) -> None:
        engine.begin_swarm()
        engine.run_service(SERVICE.split("/")[1], self.reference(SERVICE), REPLICAS)
        self.swarm = True

    def run_without_swarm(self, engine: processes.Engine) -> None:
        engine.run(SERVICE.replace("/", "-"), self.reference(SERVICE))

    def docker_settings(self, engine: processes.Engine) -> str:
        entry = "  - {{name: {}, type: {}, url: 'unix://{}', poll_every: 5s}}\n"
        settings = entry.format("demo-host", "docker", engine.socket)
        if self.swarm:
            settings += entry.format("demo-swarm", "swarm", engine.socket)
        return settings

    def file_settings(self) -> str:
        path = self.folder / "workloads.json"
        containers = [
            {
                "id": f"demo-{index}",
                "namespace": "demo",
                "workload": f"deployment/{name.split('/')[1]}",
                "name": name.replace("/", "-"),
                "node": "demo-host",
                "image": self.reference(name),
                "image_digest": self.layouts[name].index["digest"],
                "platform": "linux/amd64",
                "started_at": evidence.stamp(self.now),
            }
            for index, name in enumerate(self.running)
        ]
        document = {
            "source": "demo-host",
            "observed_at": evidence.stamp(self.now),
            "complete": True,
            "containers": containers,
        }
        path.write_text(json.dumps(document))
        # Nobody refreshes the file during the demo.
        return (f"  - {{name: demo-host, type: file, path: {path}, poll_every: 5s, "
                "blind_after: 12h}\n")

    def write_settings(self, workloads: str, receiver_port: int, secret: bytes) -> pathlib.Path:
        secret_file = self.folder / "webhook-secret"
        secret_file.write_text("whsec_" + base64.b64encode(secret).decode() + "\n")
        secret_file.chmod(0o600)
        config = self.folder / "scanclock.yaml"
        config.write_text(
            "database:\n"
            f"  embedded: {{data_dir: {self.folder / 'postgresql'}}}\n"
            "server: {listen: '127.0.0.1:0'}\n"
            "registries:\n"
            "  - name: demo\n"
            f"    url: http://127.0.0.1:{self.port}\n"
            "    poll: {tags_every: 5s, evidence_every: 5s}\n"
            "workloads:\n" + workloads + "owners:\n"
            "  - {match: {repositories: ['team/pay']}, owner: payments}\n"
            "  - {match: {repositories: ['team/**']}, owner: platform}\n"
            "receivers:\n"
            "  - name: demo-receiver\n"
            f"    webhook: {{url: 'http://127.0.0.1:{receiver_port}/hook', "
            "signing_secret_file: webhook-secret}\n"
            "  - name: demo-oncall\n"
            f"    webhook: {{url: 'http://127.0.0.1:{receiver_port}/oncall', "
            "signing_secret_file: webhook-secret}\n"
            "routes:\n"
            "  - {receivers: [demo-receiver], continue: true}\n"
            "  - {receivers: [demo-oncall], group_by: [environment], group_wait: 5s, "
            "group_interval: 5s}\n"
        )
        return config

    def get(self, path: str):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:
                return response.read()
        except (urllib.error.URLError, OSError):
            return None

    def ready(self) -> bool:
        return self.get("/-/ready") is not None

    def differences(self) -> list:
        """What the daemon says otherwise than it must."""
        body = self.get("/api/v1/images?limit=1000")
        if body is None:
            return ["the API does not answer"]
        known = {image["digest"]: image for image in json.loads(body)["images"]}
        found = []
        for name, _, _, runs, state in IMAGES:
            image = known.get(self.layouts[name].images["amd64"])
            if image is None:
                found.append(f"{name} is not known")
            elif image["state"] != state or image["running"] != runs:
                found.append(
                    f"{name} is {image['state']}, running {image['running']}; expected {state}, "
                    f"running {runs}"
                )
        return found

    def replicas(self) -> list:
        """What the API says of the service, which the Swarm's manager tells."""
        body = self.get("/api/v1/containers?source=demo-swarm&limit=1000")
        containers = [] if body is None else json.loads(body)["containers"]
        service = "service/" + SERVICE.split("/")[1]
        return [each for each in containers if each["workload"] == service]

    def service_is_seen(self) -> bool:
        """Every replica, joined to its image by the index that the service is pinned to."""
        found = self.replicas()
        return len(found) == REPLICAS and all(
            each["verdict"] == "compliant"
            and each["namespace"] == "shop"
            and each["resolved_digest"] == self.layouts[SERVICE].images["amd64"]
            for each in found
        )

    def sources_answer(self) -> bool:
        body = self.get("/api/v1/sources")
        return body is not None and all(
            source["status"] == "ok" for source in json.loads(body)["sources"]
        )

    def seen(self) -> bool:
        return not self.differences()
