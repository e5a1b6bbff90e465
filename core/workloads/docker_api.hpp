#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t docker_containers_max = 100'000;

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
  /// Docker tells it in an inspection only, Podman in its list.
  std::optional<TimePoint> started_at;
  /// Name of the Podman pod that it belongs to.
  std::string pod;

  bool operator==(const DockerContainer&) const = default;
};

/// A list of containers, each read by `read_one`, which may throw docker_json::Unreadable. No more
/// than docker_containers_max, and none twice.
Result<std::vector<DockerContainer>, JsonFailure> read_containers(
    std::string_view body, DockerContainer (*read_one)(const nlohmann::json&));

/// `GET /containers/json`. Not a single entry may be unreadable, for a container that is left out
/// would count as ended. Blocking for big lists.
Result<std::vector<DockerContainer>, JsonFailure> parse_docker_containers(std::string_view body);

/// `GET /containers/{id}/json`.
Result<DockerContainer, JsonFailure> parse_docker_container(std::string_view body);

/// True when the list shows an ID in the place of the name, so that the name must be asked for.
bool image_name_is_lost(const DockerContainer& container);

/// A platform manifest in an image of the containerd store.
struct DockerManifest {
  Digest digest;
  Platform platform;

  bool operator==(const DockerManifest&) const = default;
};

/// What the daemon knows of an image. Facts of one image ID are united over time, because
/// `docker rmi` empties RepoDigests under a running container.
struct DockerImage {
  std::set<Digest> digests;
  /// Those that are manifests or indexes: of RepoDigests, and the Id itself in the containerd
  /// store, which an image shows by its Descriptor (API 1.48).
  std::set<Digest> repository_digests;
  /// By container ID, of Manifests[].ImageData.Containers (containerd store, API 1.48): containers
  /// that an older daemon created have no ImageManifestDescriptor. Attestations run nothing.
  std::map<std::string, DockerManifest> manifests_in_use;
  /// `host/repository`, Docker Hub's short names completed.
  std::set<std::string> repositories;
  Platform platform;

  void unite(const DockerImage& newer);
  bool operator==(const DockerImage&) const = default;
};

/// `GET /images/{id}/json`.
Result<DockerImage, JsonFailure> parse_docker_image(std::string_view body);

/// Joins what the container and its image say. `image` is null when the daemon no longer knows it.
/// The namespace is the Compose project, the Swarm stack or the Podman pod; the workload is the
/// Compose or Swarm service or the systemd unit of a Podman container, else the container's name.
ContainerObservation docker_observation(const DockerContainer& container, const DockerImage* image,
                                        const std::string& node);

}  // namespace scanclock
