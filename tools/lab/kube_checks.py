"""What Scanclock must say of a real Kubernetes API, with the rights of its manifest and no more.

There are no nodes: what a kubelet would write is written by kubectl.
"""

import hashlib
import json
import pathlib
import time
import urllib.error
import urllib.request

from lab import kube, processes

SEEN_SECONDS = 60
# A watch that breaks is tried again after 30 s at the latest, and half as much jitter.
BACK_SECONDS = 120
NAMESPACE = "web"
STARTED = "2026-01-01T10:00:00Z"


def digest_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def node_status(architecture: str) -> dict:
    unknown = {name: "" for name in ("bootID", "kernelVersion", "kubeProxyVersion",
                                     "kubeletVersion", "machineID", "osImage", "systemUUID")}
    return {"nodeInfo": unknown | {"operatingSystem": "linux", "architecture": architecture,
                                   "containerRuntimeVersion": "containerd://2.1.4"}}


class View:
    """The containers as the daemon tells them, and as they should be."""

    def __init__(self, url: str):
        self.url = url

    def get(self, path: str):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:
                return json.loads(response.read())
        except (urllib.error.URLError, OSError):
            return None

    def containers(self) -> dict:
        answer = self.get("/api/v1/containers?source=cluster&limit=1000") or {"containers": []}
        return {item["container_id"]: item for item in answer["containers"]}

    def source(self) -> dict:
        answer = self.get("/api/v1/sources") or {"sources": []}
        return next((item for item in answer["sources"] if item["name"] == "cluster"), {})

    def differences(self, expected: dict) -> list:
        seen = self.containers()
        found = [f"{key} is not seen" for key in expected.keys() - seen.keys()]
        found += [f"{key} is still seen" for key in seen.keys() - expected.keys()]
        for key in expected.keys() & seen.keys():
            found += [f"{key}: {name} is {seen[key].get(name)}, expected {value}"
                      for name, value in expected[key].items() if seen[key].get(name) != value]
        return found


class KubernetesChecks:
    def __init__(self, cluster: kube.Cluster, build: pathlib.Path, folder: pathlib.Path, checks):
        self.cluster = cluster
        self.build = build
        self.folder = folder
        self.checks = checks
        self.daemon = None
        self.view = None
        self.expected = {}

    def fill(self) -> None:
        """Two nodes, a Deployment's ReplicaSet with two pods, one of them with a sidecar, and a pod
        of nobody."""
        cluster = self.cluster
        manifest = pathlib.Path(__file__).resolve().parents[2] / "systemd" / "kubernetes-rbac.yaml"
        cluster.must("apply", "--validate=false", "-f", str(manifest))
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        for name, architecture in (("node-1", "amd64"), ("node-2", "arm64")):
            cluster.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
            cluster.set_status(f"/api/v1/nodes/{name}", node_status(architecture))
        template = {"metadata": {"labels": {"app": "front"}},
                    "spec": {"containers": [{"name": "main", "image": "x"}]}}
        body = {"replicas": 2, "selector": {"matchLabels": {"app": "front"}}, "template": template}
        deployment = cluster.create({"apiVersion": "apps/v1", "kind": "Deployment",
                                     "metadata": {"name": "front", "namespace": NAMESPACE},
                                     "spec": body})
        owned = cluster.create({
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": body,
            "metadata": {"name": "front-5d8f7c", "namespace": NAMESPACE,
                         "ownerReferences": [self.reference(deployment)]}})
        self.add_pod("front-5d8f7c-a", "node-1", "linux/amd64", owned)
        self.add_pod("front-5d8f7c-b", "node-2", "linux/arm64", owned, sidecar=True)
        self.add_pod("alone", "node-2", "linux/arm64")

    @staticmethod
    def reference(owner: dict) -> dict:
        return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True,
                "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}

    def add_pod(self, name: str, node: str, platform: str, owner=None, sidecar=False) -> None:
        image = f"registry.example/team/{name}:1"
        metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app": "front"}}
        workload = f"pod/{name}"
        if owner is not None:
            metadata["ownerReferences"] = [self.reference(owner)]
            workload = "deployment/front"
        spec = {"nodeName": node, "containers": [{"name": "main", "image": image}]}
        place = {"workload": workload, "node": node, "platform": platform}
        status = {"phase": "Running",
                  "containerStatuses": [self.running(name, "main", image, place)]}
        if sidecar:
            proxy = "registry.example/proxy:2"
            spec["initContainers"] = [{"name": "proxy", "image": proxy, "restartPolicy": "Always"}]
            status["initContainerStatuses"] = [self.running(name, "proxy", proxy, place)]
        self.cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        self.cluster.set_status(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}", status)

    def running(self, pod: str, name: str, image: str, place: dict) -> dict:
        container_id = "containerd://" + digest_of(f"{pod}/{name}").removeprefix("sha256:")
        digest = digest_of(image)
        self.expected[container_id] = {
            "namespace": NAMESPACE, "name": name, "image": image, "image_digest": digest, **place}
        return {"name": name, "image": image, "imageID": f"{image.rsplit(':', 1)[0]}@{digest}",
                "containerID": container_id, "ready": True, "started": True, "restartCount": 0,
                "state": {"running": {"startedAt": STARTED}}}

    def remove_pod(self, name: str) -> None:
        """By force, for no kubelet will say that it has ended."""
        self.cluster.must("delete", "pod", name, "-n", NAMESPACE, "--grace-period=0", "--force")
        own = {digest_of(f"{name}/{part}") for part in ("main", "proxy")}
        self.expected = {key: value for key, value in self.expected.items()
                         if key.replace("containerd://", "sha256:") not in own}

    def start_daemon(self) -> None:
        token = self.folder / "cluster.token"
        token.write_text(self.cluster.token_of("scanclock", "scanclock"))
        config = self.folder / "kubernetes.yaml"
        config.write_text(
            f"database:\n  embedded: {{data_dir: {self.folder / 'kubernetes-postgresql'}}}\n"
            "server: {listen: '127.0.0.1:0'}\nworkloads:\n"
            "  - {name: cluster, type: kubernetes, blind_after: 1s, kubeconfig: "
            f"{self.cluster.kubeconfig('scanclock', {'tokenFile': str(token)})}}}\n"
        )
        logs = self.folder / "kubernetes-daemon"
        logs.mkdir()
        self.daemon = processes.start_scanclockd(self.build, config, logs)
        self.view = View(processes.scanclockd_url(self.daemon, SEEN_SECONDS))

    def judge(self, what: str, differences, seconds: float = SEEN_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        found = differences()
        while found and time.monotonic() < deadline and self.daemon.process.poll() is None:
            time.sleep(0.2)
            found = differences()
        self.checks.judge(f"kubernetes: {what}", found)

    def judge_view(self, what: str, seconds: float = SEEN_SECONDS) -> None:
        self.judge(what, lambda: self.view.differences(self.expected), seconds)

    def source_differences(self, status: str, reason: str) -> list:
        source = self.view.source()
        found = []
        for name, value in (("status", status), ("reason", reason)):
            if source.get(name) != value:
                found.append(f"{name} is {source.get(name)}, expected {value}")
        return found

    def judge_source(self, what: str, status: str, reason: str,
                     seconds: float = SEEN_SECONDS) -> None:
        self.judge(what, lambda: self.source_differences(status, reason), seconds)

    def change(self) -> None:
        self.add_pod("later", "node-1", "linux/amd64")
        self.judge_view("a pod that starts is seen")
        self.remove_pod("front-5d8f7c-b")
        self.judge_view("a pod that is removed has ended, its sidecar, too")
        self.cluster.set_status("/api/v1/nodes/node-1", node_status("arm64"))
        for item in self.expected.values():
            if item["node"] == "node-1":
                item["platform"] = "linux/arm64"
        self.judge_view("pods have the platform of the machine that took their node's name")

    def lose_history(self) -> None:
        """What happens meanwhile is in no watch any more: only a new list shows it."""
        self.cluster.forget_history()
        self.cluster.restart_server()
        self.remove_pod("alone")
        self.add_pod("after", "node-2", "linux/arm64")
        self.judge_view("after a restart with compacted history the view is right", BACK_SECONDS)
        self.judge_source("and the source answers", "ok", "")

    def lose_rights(self) -> None:
        binding = json.loads(
            self.cluster.must("get", "clusterrolebinding", "scanclock", "-o", "json"))
        self.cluster.must("delete", "clusterrolebinding", "scanclock")
        self.cluster.restart_server()
        self.judge_source("without its rights the source is blind", "blind", "forbidden",
                          BACK_SECONDS)
        self.judge_view("and what ran is still believed to run")
        for name in ("uid", "resourceVersion", "creationTimestamp", "annotations"):
            binding["metadata"].pop(name, None)
        self.cluster.create(binding)
        self.judge_source("with its rights again it answers", "ok", "", BACK_SECONDS)

    def run(self) -> None:
        self.fill()
        self.start_daemon()
        self.judge_view(f"{len(self.expected)} containers with image, platform and workload")
        self.judge_source("with the rights of systemd/kubernetes-rbac.yaml it answers", "ok", "")
        self.change()
        self.lose_history()
        self.lose_rights()

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.stop(90)
