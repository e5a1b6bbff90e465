#include "bench/stub_pods.hpp"

#include "tests/support/kube_objects.hpp"

#include <nlohmann/json.hpp>

#include <cctype>
#include <memory>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr int namespaces_count = 200;
constexpr int images_count = 10'000;
constexpr int pods_a_workload = 10;
constexpr int variables_a_container = 22;
constexpr int managed_fields = 26;

/// Pods of one workload have their namespace and their image alike.
int workload_of(int place) { return place / pods_a_workload; }

std::string pod_name(const StubPod& pod) {
  return StubPods::replica_set(pod.place) + "-" + std::to_string(pod.place) + "-" +
         std::to_string(pod.generation);
}

std::string image_of(int place) {
  return "registry.example/team/app-" + std::to_string(workload_of(place) % images_count) + ":1.4";
}

json managed(const std::string& manager) {
  json fields;
  for (int number = 0; number < managed_fields; ++number) {
    fields["f:spec"]["f:field-" + std::to_string(number)] = {{"f:name", json::object()},
                                                             {".", json::object()}};
  }
  return {{"manager", manager},     {"operation", "Update"},    {"apiVersion", "v1"},
          {"time", "@T@"},          {"fieldsType", "FieldsV1"}, {"fieldsV1", fields},
          {"subresource", "status"}};
}

json condition(const std::string& type, bool holds) {
  return {{"type", type},
          {"status", holds ? "True" : "False"},
          {"lastProbeTime", nullptr},
          {"lastTransitionTime", "@T@"}};
}

/// `@X@` stands where X is filled in; StubPods::object() has the letters.
std::string pod_template(int containers, StubPodStage stage) {
  const bool runs = stage == StubPodStage::running || stage == StubPodStage::ending;
  KubePodShape shape;
  shape.node = "@H@";
  shape.phase = runs ? "Running" : "Pending";
  shape.replica_set = "@R@-5d8f7c";
  shape.image = "@I@";
  shape.image_id = runs ? "registry.example/team/app@@D@" : "";
  shape.containers = containers;
  json pod = json::parse(kube_pod("@N@", "@P@", shape));
  json& metadata = pod["metadata"];
  metadata["uid"] = "@U@";
  metadata["resourceVersion"] = "@V@";
  metadata["ownerReferences"][0]["uid"] = "@O@";
  metadata["managedFields"] = json::array({managed("kube-controller-manager"), managed("kubelet")});
  if (stage == StubPodStage::ending) {
    metadata["deletionTimestamp"] = "2026-11-01T12:00:00Z";
  }
  json environment = json::array();
  for (int number = 0; number < variables_a_container; ++number) {
    environment.push_back({{"name", "SETTING_" + std::to_string(number)},
                           {"value", "what the container is told about it"}});
  }
  pod["spec"]["containers"][0]["env"] = environment;
  if (stage == StubPodStage::pending) {
    pod["spec"].erase("nodeName");
    pod["status"].erase("containerStatuses");
  }
  json& status = pod["status"];
  status["conditions"] = json::array({condition("Ready", runs), condition("ContainersReady", runs),
                                      condition("Initialized", true),
                                      condition("PodScheduled", stage != StubPodStage::pending)});
  for (int number = 0; runs && number < containers; ++number) {
    status["containerStatuses"][static_cast<std::size_t>(number)]["containerID"] =
        "containerd://@" + std::string(number == 0 ? "A" : "B") + "@";
  }
  return pod.dump();
}

/// A second apart in the order of revisions.
std::string time_of(std::uint64_t revision) {
  std::string text = "2026-11-01T10:00:00Z";
  text[14] = static_cast<char>('0' + revision / 600 % 6);
  text[15] = static_cast<char>('0' + revision / 60 % 10);
  text[17] = static_cast<char>('0' + revision / 10 % 6);
  text[18] = static_cast<char>('0' + revision % 10);
  return text;
}

}  // namespace

bool StubPods::begins_workload(int place) { return place % pods_a_workload == 0; }

std::string StubPods::namespace_name(int place) {
  return "team-" + std::to_string(workload_of(place) % namespaces_count);
}

std::string StubPods::deployment(int place) {
  return "front-" + std::to_string(workload_of(place));
}

std::string StubPods::replica_set(int place) { return deployment(place) + "-5d8f7c"; }

std::string StubPods::container_id(const StubPod& pod) {
  return "containerd://" + kube_container_id(namespace_name(pod.place), pod_name(pod), 0);
}

StubPods::Template StubPods::split(std::string_view text) {
  Template pieces(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_place = at + 2 < text.size() && text[at] == '@' && text[at + 2] == '@' &&
                          std::isupper(static_cast<unsigned char>(text[at + 1])) != 0;
    if (is_place) {
      pieces.back().letter = text[at + 1];
      pieces.emplace_back();
      at += 2;
    } else {
      pieces.back().text += text[at];
    }
  }
  return pieces;
}

StubPods::StubPods(int nodes) : nodes_(nodes) {
  for (const StubPodStage stage : {StubPodStage::running, StubPodStage::ending,
                                   StubPodStage::pending, StubPodStage::creating}) {
    for (std::size_t extra = 0; extra < templates_.size(); ++extra) {
      templates_[extra][static_cast<std::size_t>(stage)] =
          split(pod_template(static_cast<int>(extra) + 1, stage));
    }
  }
}

KubeObject StubPods::object(const StubPod& pod, std::uint64_t revision) const {
  KubeObject object;
  object.namespace_name = namespace_name(pod.place);
  object.name = pod_name(pod);
  object.phase = pod.stage == StubPodStage::running || pod.stage == StubPodStage::ending
                     ? "Running"
                     : "Pending";
  object.node = pod.stage == StubPodStage::pending ? std::string()
                                                   : "node-" + std::to_string(pod.place % nodes_);
  const std::string image = image_of(pod.place);
  std::array<std::string, 26> filled;
  const auto fill = [&](char letter, std::string text) {
    filled[static_cast<std::size_t>(letter - 'A')] = std::move(text);
  };
  fill('N', object.namespace_name);
  fill('P', object.name);
  fill('H', object.node);
  fill('R', deployment(pod.place));
  fill('I', image);
  fill('D', kube_digest("index/" + image));
  fill('U', kube_object_uid("Pod", object.namespace_name, object.name));
  fill('O', kube_object_uid("ReplicaSet", object.namespace_name, replica_set(pod.place)));
  fill('V', std::to_string(revision));
  fill('T', time_of(revision));
  fill('A', kube_container_id(object.namespace_name, object.name, 0));
  fill('B', kube_container_id(object.namespace_name, object.name, 1));
  auto text = std::make_shared<std::string>();
  const std::size_t extra = static_cast<std::size_t>(containers(pod.place)) - 1;
  text->reserve(std::size_t{8} << 10);
  for (const Piece& piece : templates_[extra][static_cast<std::size_t>(pod.stage)]) {
    *text += piece.text;
    if (piece.letter != 0) {
      *text += filled[static_cast<std::size_t>(piece.letter - 'A')];
    }
  }
  text->shrink_to_fit();
  object.json = std::move(text);
  return object;
}

}  // namespace scanclock
