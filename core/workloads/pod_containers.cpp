#include "core/workloads/pod_containers.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/image_id.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace scanclock {
namespace {

using Status = PodContainerStatus;

/// Pod -> ReplicaSet -> Deployment is the longest that is common; owners might be a circle.
constexpr int owner_chain_max = 8;
/// Runtimes use 64 characters and their scheme.
constexpr std::size_t container_id_bytes_max = 256;

bool is_usable_id(std::string_view id) {
  return !id.empty() && id.size() <= container_id_bytes_max &&
         std::all_of(id.begin(), id.end(),
                     [](char character) { return character > ' ' && character < '\x7f'; });
}

void add_pod_digest(std::vector<Digest>& digests, const Digest& digest) {
  if (!digest.empty() && std::find(digests.begin(), digests.end(), digest) == digests.end()) {
    digests.push_back(digest);
  }
}

std::string cut_pod_text(std::string_view text) {
  std::size_t size = std::min(text.size(), kubernetes_text_bytes_max);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  return std::string(text.substr(0, size));
}

const KubernetesNode* node_of(const KubernetesPod& pod, const PodSurroundings& surroundings) {
  return surroundings.node && !pod.node_name.empty() ? surroundings.node(pod.node_name) : nullptr;
}

std::string named(const KubernetesOwner& owner) {
  std::string kind = owner.kind;
  for (char& character : kind) {
    if (character >= 'A' && character <= 'Z') {
      character = static_cast<char>(character - 'A' + 'a');
    }
  }
  return kind + "/" + owner.name;
}

/// `front-5d8f7c9b6` without `-5d8f7c9b6`; empty when the name does not end so.
std::string_view without_template_hash(std::string_view name, std::string_view hash) {
  if (hash.empty() || name.size() <= hash.size() + 1 || !name.ends_with(hash) ||
      name[name.size() - hash.size() - 1] != '-') {
    return {};
  }
  return name.substr(0, name.size() - hash.size() - 1);
}

bool starts_again(const KubernetesPod& pod, const Status& status, const PodContainer* container) {
  if (pod.is_deleting || status.kind == PodContainerKind::ephemeral) {
    return false;
  }
  const bool has_own = container != nullptr && !container->restart_policy.empty();
  const std::string& policy = has_own ? container->restart_policy : pod.restart_policy;
  if (policy == "Never") {
    return false;
  }
  const bool only_after_failure =
      policy == "OnFailure" || (status.kind == PodContainerKind::init && !has_own);
  return !only_after_failure || status.exit_code != 0;
}

bool is_deployed(const KubernetesPod& pod, const Status& status, const PodContainer* container) {
  switch (status.state) {
    case Status::State::running:
      return true;
    case Status::State::waiting:
      return status.ran_before;
    case Status::State::terminated:
      return starts_again(pod, status, container);
  }
  return false;
}

/// As parse_runtime_image_id. The pods of a workload stand near each other in a list and have the
/// same images, and reading their IDs anew costs as much as all else about a container. Valid until
/// the next call.
const RuntimeImageId& recent_image_id(const std::string& text, ContainerRuntime runtime) {
  struct Recent {
    std::string text;
    ContainerRuntime runtime = ContainerRuntime::unknown;
    RuntimeImageId id;
  };
  constexpr std::size_t recent_max = 64;
  constexpr std::size_t kept_text_bytes_max = 512;
  thread_local std::array<Recent, recent_max> recents;
  if (text.size() > kept_text_bytes_max) {
    thread_local RuntimeImageId longest;
    longest = parse_runtime_image_id(text, runtime);
    return longest;
  }
  Recent& recent = recents[std::hash<std::string>{}(text) % recent_max];
  if (recent.text != text || recent.runtime != runtime) {
    recent.id = parse_runtime_image_id(text, runtime);
    recent.runtime = runtime;
    recent.text = text;
  }
  return recent.id;
}

/// Gathers what is observed of one pod.
class PodObserver {
 public:
  PodObserver(const KubernetesPod& pod, const PodSurroundings& surroundings) : pod_(pod) {
    prototype_.namespace_name = pod.namespace_name;
    prototype_.workload = workload_of(pod, surroundings);
    prototype_.node = pod.node_name;
    prototype_.labels = pod.labels;
    prototype_.platform = platform_of(pod, surroundings);
    if (const KubernetesNode* node = node_of(pod, surroundings)) {
      node_runtime_ = container_runtime_of(node->container_runtime);
    }
    observations_.reserve(pod.statuses.size() + pod.image_volumes.size());
  }

  void observe_statuses() {
    for (const Status& status : pod_.statuses) {
      const PodContainer* container = container_named(status.name);
      if (!is_deployed(pod_, status, container)) {
        continue;
      }
      const std::string& container_id =
          status.container_id.empty() ? status.last_container_id : status.container_id;
      ContainerObservation& seen = add(container_id, status.name);
      seen.name = status.name;
      note_image(seen, container != nullptr ? container->image : status.image);
      note_image_id(seen, status.image_id, runtime_of(container_id));
      seen.started_at =
          status.state == Status::State::running ? status.started_at : status.last_started_at;
    }
  }

  /// A pod is Running when all its containers were created and one runs, so that silence about one
  /// of them does not mean that it is not there.
  void observe_unmentioned() {
    if (pod_.phase != "Running") {
      return;
    }
    for (const PodContainer& container : pod_.containers) {
      const bool stays =
          container.kind == PodContainerKind::main ||
          (container.kind == PodContainerKind::init && container.restart_policy == "Always");
      const bool is_mentioned =
          std::any_of(pod_.statuses.begin(), pod_.statuses.end(),
                      [&](const Status& status) { return status.name == container.name; });
      if (stays && !is_mentioned) {
        ContainerObservation& seen = add({}, container.name);
        seen.name = container.name;
        note_image(seen, container.image);
      }
    }
  }

  void observe_image_volumes() {
    if (observations_.empty()) {
      return;
    }
    for (const PodImageVolume& volume : pod_.image_volumes) {
      ContainerObservation& seen = add({}, "volume/" + volume.name);
      seen.name = "volume/" + volume.name;
      note_image(seen, volume.reference);
      for (const Status& status : pod_.statuses) {
        for (const PodVolumeStatus& mounted : status.volumes) {
          if (mounted.name == volume.name) {
            note_image_id(seen, mounted.image_ref, runtime_of(status.container_id));
          }
        }
      }
    }
  }

  std::vector<ContainerObservation> take() { return std::move(observations_); }

 private:
  const PodContainer* container_named(const std::string& name) const {
    for (const PodContainer& container : pod_.containers) {
      if (container.name == name) {
        return &container;
      }
    }
    return nullptr;
  }

  ContainerRuntime runtime_of(const std::string& container_id) const {
    const ContainerRuntime runtime = container_runtime_of(container_id);
    return runtime == ContainerRuntime::unknown ? node_runtime_ : runtime;
  }

  ContainerObservation& add(const std::string& container_id, const std::string& name) {
    const auto is_taken = [this](const std::string& id) {
      return std::any_of(observations_.begin(), observations_.end(),
                         [&](const ContainerObservation& other) { return other.id == id; });
    };
    std::string id = container_id;
    if (!is_usable_id(id) || is_taken(id)) {
      const std::string own = pod_.uid + "/" + name;
      id = own;
      for (int number = 2; is_taken(id); ++number) {
        id = own + "/" + std::to_string(number);
      }
    }
    ContainerObservation& added = observations_.emplace_back(prototype_);
    added.id = std::move(id);
    return added;
  }

  static void note_image(ContainerObservation& seen, const std::string& image) {
    seen.image = cut_pod_text(image);
    if (image.find('@') == std::string::npos) {
      return;
    }
    if (const auto reference = parse_image_reference(image)) {
      add_pod_digest(seen.digests, reference->digest);
      add_pod_digest(seen.pullable, reference->digest);
    }
  }

  static void note_image_id(ContainerObservation& seen, const std::string& image_id,
                            ContainerRuntime runtime) {
    if (seen.image_id.empty()) {
      seen.image_id = cut_pod_text(image_id);
    }
    const RuntimeImageId& id = recent_image_id(image_id, runtime);
    add_pod_digest(seen.digests, id.digest);
    if (id.pullable) {
      add_pod_digest(seen.pullable, id.digest);
    }
    if (!id.repository.empty() && std::find(seen.repositories.begin(), seen.repositories.end(),
                                            id.repository) == seen.repositories.end()) {
      seen.repositories.push_back(id.repository);
    }
  }

  const KubernetesPod& pod_;
  ContainerRuntime node_runtime_ = ContainerRuntime::unknown;
  /// What all of them have in common.
  ContainerObservation prototype_;
  std::vector<ContainerObservation> observations_;
};

}  // namespace

std::vector<ContainerObservation> pod_containers(const KubernetesPod& pod,
                                                 const PodSurroundings& surroundings) {
  if (pod.phase == "Succeeded" || pod.phase == "Failed") {
    return {};
  }
  PodObserver observer(pod, surroundings);
  observer.observe_statuses();
  observer.observe_unmentioned();
  observer.observe_image_volumes();
  return observer.take();
}

std::string workload_of(const KubernetesPod& pod, const PodSurroundings& surroundings) {
  if (!pod.controller || pod.controller->kind.empty()) {
    return pod.is_mirror && !pod.node_name.empty() ? "node/" + pod.node_name : "pod/" + pod.name;
  }
  const KubernetesOwner* owner = &*pod.controller;
  for (int link = 0; link < owner_chain_max; ++link) {
    const KubernetesOwned* owned = surroundings.owned ? surroundings.owned(owner->uid) : nullptr;
    if (owned == nullptr) {
      break;
    }
    if (!owned->controller) {
      return named(*owner);
    }
    owner = &*owned->controller;
  }
  if (owner->kind == "ReplicaSet") {
    const std::string_view deployment = without_template_hash(owner->name, pod.template_hash);
    if (!deployment.empty()) {
      return "deployment/" + std::string(deployment);
    }
  }
  return named(*owner);
}

Platform platform_of(const KubernetesPod& pod, const PodSurroundings& surroundings) {
  if (const auto guest = surroundings.runtime_classes.find(pod.runtime_class);
      guest != surroundings.runtime_classes.end()) {
    return guest->second;
  }
  const KubernetesNode* node = node_of(pod, surroundings);
  return node != nullptr ? node->platform : Platform();
}

}  // namespace scanclock
