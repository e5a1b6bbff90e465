#pragma once

#include "core/domain/digest.hpp"

#include <string>
#include <string_view>

namespace scanclock {

/// Who printed an image ID; it decides what the repository in it is worth.
enum class ContainerRuntime { unknown, docker, containerd, crio, podman };

/// From the scheme of a Kubernetes containerID or containerRuntimeVersion: `containerd://2.1.4`.
ContainerRuntime container_runtime_of(std::string_view text);

/// What the image ID of a runtime says (reference R1).
struct RuntimeImageId {
  RuntimeImageId() = default;
  /// Of whatever kind: index, manifest or config, which the text does not tell. Empty when there is
  /// none that can be read; then nothing is known of the image, and raw text is all there is.
  Digest digest;
  /// The digest stood behind a repository name, so that it is a manifest's or an index's that some
  /// registry gave; false for image IDs and for what was imported from a file.
  bool pullable = false;
  /// `host/repository` where the digest may be asked for, completed as parse_image_reference does.
  /// Empty where the runtime makes names up: CRI-O and Podman print every repository with every
  /// digest, and imports are named after their day.
  std::string repository;

  bool operator==(const RuntimeImageId&) const = default;
};

/// Reads `docker-pullable://repo@alg:hex`, `docker://alg:hex`, `repo@alg:hex`, `alg:hex` and 64 hex
/// digits alone (CRI-O 1.28). Upper-case hex becomes lower case. All else gives no digest.
/// The forms and who prints them: Kubernetes `status.containerStatuses[].imageID`, Docker
/// `ImageID` and `RepoDigests`, CRI `image_ref`.
RuntimeImageId parse_runtime_image_id(std::string_view text, ContainerRuntime runtime);

}  // namespace scanclock
