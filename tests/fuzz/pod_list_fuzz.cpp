#include "core/workloads/kubernetes_reader.hpp"
#include "core/workloads/pod_containers.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;
using nlohmann::json;

std::size_t elements_of(const json& object, const char* outer, const char* list) {
  const auto found = object.find(outer);
  if (found == object.end() || !found->is_object() || !found->contains(list)) {
    return 0;
  }
  return (*found)[list].size();
}

/// Another parser must not see containers that this one does not.
void compare(const json& item, const KubernetesPod& pod) {
  require(pod.containers.size() == elements_of(item, "spec", "containers") +
                                       elements_of(item, "spec", "initContainers") +
                                       elements_of(item, "spec", "ephemeralContainers"),
          "all containers of the spec are read");
  require(pod.statuses.size() == elements_of(item, "status", "containerStatuses") +
                                     elements_of(item, "status", "initContainerStatuses") +
                                     elements_of(item, "status", "ephemeralContainerStatuses"),
          "all container statuses are read");
}

void check_containers(const KubernetesPod& pod) {
  const auto observed = pod_containers(pod, PodSurroundings());
  std::set<std::string> ids;
  for (const ContainerObservation& seen : observed) {
    require(!seen.id.empty() && ids.insert(seen.id).second, "IDs are unique within a pod");
    require(!seen.workload.empty(), "a container belongs to a workload");
    require(seen.image.size() <= kubernetes_text_bytes_max &&
                seen.image_id.size() <= kubernetes_text_bytes_max,
            "texts are bounded");
    for (const Digest& digest : seen.digests) {
      require(Digest::parse(digest.str()) == digest, "a digest is one");
    }
  }
  const auto running =
      std::count_if(pod.statuses.begin(), pod.statuses.end(), [](const PodContainerStatus& status) {
        return status.state == PodContainerStatus::State::running;
      });
  require(pod.phase == "Succeeded" || pod.phase == "Failed" ||
              observed.size() >= static_cast<std::size_t>(running),
          "what runs is observed");
}

template <class Target>
void read_as(const std::string& page) {
  KubernetesReader<Target> reader;
  std::string text = page;
  const auto head = reader.read_list(PaddedJson(text), [](Target& object) {
    require(!object.uid.empty() && !object.name.empty(), "an object says who it is");
  });
  require(!head || !head->resource_version.empty(), "a list says where to watch from");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string page(fuzzing::text_of(data, size));
  std::vector<KubernetesPod> pods;
  KubernetesReader<KubernetesPod> reader;
  const auto head =
      reader.read_list(PaddedJson(page), [&](KubernetesPod& pod) { pods.push_back(pod); });
  for (const KubernetesPod& pod : pods) {
    check_containers(pod);
  }
  if (!head) {
    require(!head.error().message.empty(), "a refusal is explained");
  } else {
    // The other one is stricter about what nobody reads.
    const json document = json::parse(page, nullptr, false);
    if (!document.is_discarded()) {
      require(document["items"].size() == pods.size(), "all pods are read");
      for (std::size_t index = 0; index < pods.size(); ++index) {
        compare(document["items"][index], pods[index]);
      }
    }
  }
  read_as<KubernetesNode>(page);
  read_as<KubernetesOwned>(page);
  read_as<KubernetesReport>(page);
  return 0;
}
