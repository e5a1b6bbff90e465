#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/bounded_json.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t docker_containers_max = 100'000;
/// Longer labels, and those beyond the count, are left out of the observation.
inline constexpr std::size_t docker_label_bytes_max = 4096;
inline constexpr std::size_t docker_labels_max = 256;

/// A container, from the list or from an inspection.
struct DockerContainer {
  std::string id;
  std::string name;
  /// What the user wrote; the list puts the image ID here once the name means another image.
  std::string image;
  /// Config digest in the classic store, index or manifest digest in the containerd store.
  std::string image_id;
  std::map<std::string, std::string> labels;
  /// ImageManifestDescriptor: the platform manifest in use (containerd store, API 1.48).
  Digest manifest;
  Platform manifest_platform;
  /// Running, paused or restarting.
  bool running = true;
  /// From an inspection only.
  std::optional<TimePoint> started_at;

  bool operator==(const DockerContainer&) const = default;
};

/// `GET /containers/json`. Not a single entry may be unreadable, for a container that is left out
/// would count as ended. Blocking for big lists.
Result<std::vector<DockerContainer>, JsonFailure> parse_docker_containers(std::string_view body);

/// `GET /containers/{id}/json`.
Result<DockerContainer, JsonFailure> parse_docker_container(std::string_view body);

/// True when the list shows an ID in the place of the name, so that the name must be asked for.
bool image_name_is_lost(const DockerContainer& container);

/// What the daemon knows of an image. Facts of one image ID are united over time, because
/// `docker rmi` empties RepoDigests under a running container.
struct DockerImage {
  std::set<Digest> digests;
  /// Those of RepoDigests: manifests and indexes.
  std::set<Digest> repository_digests;
  /// `host/repository`, Docker Hub's short names completed.
  std::set<std::string> repositories;
  Platform platform;

  void unite(const DockerImage& newer);
  bool operator==(const DockerImage&) const = default;
};

/// `GET /images/{id}/json`.
Result<DockerImage, JsonFailure> parse_docker_image(std::string_view body);

/// Joins what the container and its image say. `image` is null when the daemon no longer knows it.
/// The namespace is the Compose project or the Swarm stack, the workload the Compose or Swarm
/// service, else the container's name.
ContainerObservation docker_observation(const DockerContainer& container, const DockerImage* image,
                                        const std::string& node);

}  // namespace scanclock
