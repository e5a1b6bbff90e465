#include "tests/support/kube_objects.hpp"

#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* kube_object_created = "2026-11-01T10:00:00Z";

std::string kube_hex(std::string_view seed) {
  const std::string text = sha256(seed).str();
  return text.substr(text.find(':') + 1);
}

json kube_metadata(const std::string& kind, const std::string& namespace_name,
                   const std::string& name) {
  json metadata{{"name", name},
                {"uid", kube_object_uid(kind, namespace_name, name)},
                {"creationTimestamp", kube_object_created}};
  if (!namespace_name.empty()) {
    metadata["namespace"] = namespace_name;
  }
  return metadata;
}

json kube_owner(const std::string& group_version, const std::string& kind,
                const std::string& namespace_name, const std::string& name) {
  return json::array({{{"apiVersion", group_version},
                       {"kind", kind},
                       {"name", name},
                       {"uid", kube_object_uid(kind, namespace_name, name)},
                       {"controller", true},
                       {"blockOwnerDeletion", true}}});
}

}  // namespace

std::string kube_object_uid(const std::string& kind, const std::string& namespace_name,
                            const std::string& name) {
  const std::string hex = kube_hex(kind + "/" + namespace_name + "/" + name);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

std::string kube_digest(std::string_view seed) { return "sha256:" + kube_hex(seed); }

std::string kube_container_id(const std::string& namespace_name, const std::string& pod,
                              int container, const std::string& suffix) {
  return kube_hex("container/" + namespace_name + "/" + pod + "/" + std::to_string(container) +
                  suffix);
}

std::string kube_pod(const std::string& namespace_name, const std::string& name,
                     const KubePodShape& shape) {
  json metadata = kube_metadata("Pod", namespace_name, name);
  metadata["labels"] = {{"app", "front"}};
  metadata["managedFields"] = json::array({{{"manager", "kubelet"}, {"operation", "Update"}}});
  if (!shape.replica_set.empty()) {
    metadata["labels"]["pod-template-hash"] =
        shape.replica_set.substr(shape.replica_set.rfind('-') + 1);
    metadata["ownerReferences"] =
        kube_owner("apps/v1", "ReplicaSet", namespace_name, shape.replica_set);
  }
  json specified = json::array();
  json statuses = json::array();
  for (int number = 0; number < shape.containers; ++number) {
    const std::string container = "c" + std::to_string(number);
    specified.push_back({{"name", container}, {"image", shape.image}});
    json status{{"name", container},
                {"image", shape.image},
                {"imageID", shape.image_id},
                {"ready", true},
                {"restartCount", 0}};
    if (shape.phase == "Running") {
      status["containerID"] =
          "containerd://" + kube_container_id(namespace_name, name, number, shape.container_suffix);
      status["state"]["running"]["startedAt"] = "2026-11-01T10:00:05Z";
      if (shape.image_id.empty()) {
        status["imageID"] = "registry.example/team/app@" + kube_digest("index/" + shape.image);
      }
    } else {
      status["state"]["waiting"]["reason"] = "ContainerCreating";
    }
    statuses.push_back(std::move(status));
  }
  json pod;
  pod["metadata"] = std::move(metadata);
  pod["spec"] = {{"nodeName", shape.node}, {"containers", specified}};
  pod["status"] = {{"phase", shape.phase}, {"containerStatuses", statuses}};
  return pod.dump();
}

std::string kube_node(const std::string& name, const std::string& architecture) {
  json node;
  node["metadata"] = kube_metadata("Node", "", name);
  node["metadata"]["labels"] = {{"kubernetes.io/arch", architecture},
                                {"kubernetes.io/os", "linux"}};
  node["status"]["nodeInfo"] = {{"operatingSystem", "linux"},
                                {"architecture", architecture},
                                {"containerRuntimeVersion", "containerd://2.1.4"}};
  return node.dump();
}

std::string kube_replica_set(const std::string& namespace_name, const std::string& name,
                             const std::string& deployment) {
  json object;
  object["metadata"] = kube_metadata("ReplicaSet", namespace_name, name);
  object["metadata"]["ownerReferences"] =
      kube_owner("apps/v1", "Deployment", namespace_name, deployment);
  object["spec"]["replicas"] = 1;
  return object.dump();
}

std::string kube_job(const std::string& namespace_name, const std::string& name,
                     const std::string& cron_job) {
  json object;
  object["metadata"] = kube_metadata("Job", namespace_name, name);
  object["metadata"]["ownerReferences"] =
      kube_owner("batch/v1", "CronJob", namespace_name, cron_job);
  return object.dump();
}

std::string kube_vulnerability_report(const std::string& namespace_name, const std::string& name,
                                      const std::string& digest, const std::string& updated_at) {
  json object;
  object["metadata"] = kube_metadata("VulnerabilityReport", namespace_name, name);
  object["metadata"]["labels"] = {{"trivy-operator.container.name", "c0"}};
  object["report"] = {
      {"artifact", {{"digest", digest}, {"repository", "team/app"}, {"tag", "1.4"}}},
      {"registry", {{"server", "registry.example"}}},
      {"os", {{"family", "debian"}, {"name", "12.5"}}},
      {"scanner", {{"name", "Trivy"}, {"vendor", "Aqua Security"}, {"version", "0.58.1"}}},
      {"summary",
       {{"criticalCount", 0},
        {"highCount", 1},
        {"lowCount", 0},
        {"mediumCount", 0},
        {"noneCount", 0},
        {"unknownCount", 0}}},
      {"updateTimestamp", updated_at},
      {"vulnerabilities", json::array({{{"vulnerabilityID", "CVE-2026-0001"},
                                        {"severity", "HIGH"},
                                        {"resource", "libc6"},
                                        {"installedVersion", "2.36-9"},
                                        {"fixedVersion", "2.36-10"},
                                        {"title", "a defect"}}})}};
  return object.dump();
}

}  // namespace scanclock
