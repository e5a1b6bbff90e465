#include "core/domain/image_reference.hpp"
#include "core/workloads/docker_api.hpp"
#include "core/workloads/image_id.hpp"

#include <algorithm>
#include <initializer_list>

namespace scanclock {
namespace {

/// The container's own descriptor first, then what its image says of it.
DockerManifest manifest_in_use(const DockerContainer& container, const DockerImage* image) {
  DockerManifest manifest;
  manifest.digest = container.manifest;
  manifest.platform = container.manifest_platform;
  if (image != nullptr && manifest.digest.empty()) {
    const auto found = image->manifests_in_use.find(container.id);
    return found == image->manifests_in_use.end() ? manifest : found->second;
  }
  return manifest;
}

const std::string& first_docker_label(const std::map<std::string, std::string>& labels,
                                      std::initializer_list<const char*> keys,
                                      const std::string& otherwise) {
  for (const char* key : keys) {
    if (const auto found = labels.find(key); found != labels.end() && !found->second.empty()) {
      return found->second;
    }
  }
  return otherwise;
}

void add_docker_digest(std::vector<Digest>& digests, const Digest& digest) {
  if (!digest.empty() && std::find(digests.begin(), digests.end(), digest) == digests.end()) {
    digests.push_back(digest);
  }
}

}  // namespace

bool image_name_is_lost(const DockerContainer& container) {
  return container.image.empty() || Digest::parse(container.image).has_value();
}

void DockerImage::unite(const DockerImage& newer) {
  digests.insert(newer.digests.begin(), newer.digests.end());
  repository_digests.insert(newer.repository_digests.begin(), newer.repository_digests.end());
  repositories.insert(newer.repositories.begin(), newer.repositories.end());
  for (const auto& [container, manifest] : newer.manifests_in_use) {
    manifests_in_use[container] = manifest;
  }
  if (!newer.platform.os.empty()) {
    platform = newer.platform;
  }
}

ContainerObservation docker_observation(const DockerContainer& container, const DockerImage* image,
                                        const std::string& node) {
  ContainerObservation observation;
  observation.id = container.id;
  observation.name = container.name.empty() ? container.id.substr(0, 12) : container.name;
  observation.namespace_name = first_docker_label(
      container.labels, {"com.docker.compose.project", "com.docker.stack.namespace"},
      container.pod);
  observation.workload = first_docker_label(
      container.labels,
      {"com.docker.compose.service", "com.docker.swarm.service.name", "PODMAN_SYSTEMD_UNIT"},
      observation.name);
  observation.node = node;
  observation.labels = container.labels;
  observation.image = container.image;
  observation.image_id = container.image_id;
  const DockerManifest manifest = manifest_in_use(container, image);
  add_docker_digest(observation.digests,
                    parse_runtime_image_id(container.image_id, ContainerRuntime::docker).digest);
  add_docker_digest(observation.digests, manifest.digest);
  add_docker_digest(observation.pullable, manifest.digest);
  if (const auto reference = parse_image_reference(container.image)) {
    add_docker_digest(observation.digests, reference->digest);
    add_docker_digest(observation.pullable, reference->digest);
  }
  if (image != nullptr) {
    for (const Digest& digest : image->digests) {
      add_docker_digest(observation.digests, digest);
    }
    for (const Digest& digest : image->repository_digests) {
      add_docker_digest(observation.pullable, digest);
    }
    observation.repositories.assign(image->repositories.begin(), image->repositories.end());
    observation.platform = image->platform;
  }
  if (!manifest.platform.os.empty()) {
    observation.platform = manifest.platform;
  }
  observation.started_at = container.started_at;
  return observation;
}

}  // namespace scanclock
