#pragma once

#include "core/domain/result.hpp"
#include "core/workloads/bounded_json.hpp"
#include "core/workloads/docker_api.hpp"

#include <string_view>
#include <vector>

namespace scanclock {

/// Marks a pod's infra (pause) container, which holds its namespaces and runs nothing of its own.
/// Podman itself only says so in a field of its API.
inline constexpr const char* podman_infra_label = "io.scanclock.podman.infra";

/// The reference of an infra container without an image: newer Podman runs them from a folder of
/// the host. It begins as the image of older ones, `localhost/podman-pause:4.3.1-0`, does, so that
/// one pattern of `ignore_images` matches both.
inline constexpr const char* podman_pause_without_image = "localhost/podman-pause:none";

/// `GET /libpod/containers/json?all=true&pod=true` (Podman 4.0 and newer). Without `all` Podman
/// leaves paused containers out. As with Docker's list, not a single entry may be unreadable.
Result<std::vector<DockerContainer>, JsonFailure> parse_podman_containers(std::string_view body);

/// `GET /libpod/images/{id}/json`. Its digests are valid for the image; its repositories are left
/// out, for Podman prints every repository with every digest, among them pairs that never existed
/// (reference, edge case 32). `Digest` stays when `podman untag` has emptied RepoDigests.
Result<DockerImage, JsonFailure> parse_podman_image(std::string_view body);

}  // namespace scanclock
