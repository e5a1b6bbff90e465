#pragma once

#include "core/domain/time.hpp"
#include "core/workloads/kubernetes_object.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// The three lists of a pod's containers. Names are unique across them.
enum class PodContainerKind { main, init, ephemeral };

/// An element of `spec.containers`, `spec.initContainers` or `spec.ephemeralContainers`.
struct PodContainer {
  PodContainer() = default;
  PodContainerKind kind = PodContainerKind::main;
  std::string name;
  std::string image;
  /// The container's own `restartPolicy`, mostly empty; `Always` makes an init container a sidecar.
  std::string restart_policy;

  bool operator==(const PodContainer&) const = default;
};

/// A volume whose source is an image (`spec.volumes[].image`, KEP-4639).
struct PodImageVolume {
  PodImageVolume() = default;
  std::string name;
  std::string reference;

  bool operator==(const PodImageVolume&) const = default;
};

/// What a container's runtime says of an image volume that is mounted into it
/// (`volumeMounts[].volumeStatus.image`, KEP-5365).
struct PodVolumeStatus {
  PodVolumeStatus() = default;
  /// Of the volume in the spec.
  std::string name;
  std::string image_ref;

  bool operator==(const PodVolumeStatus&) const = default;
};

/// An element of `status.containerStatuses` and of its two siblings.
struct PodContainerStatus {
  PodContainerStatus() = default;
  enum class State {
    /// None is given, or `waiting`; the API defines both to mean the same.
    waiting,
    running,
    terminated,
  };
  PodContainerKind kind = PodContainerKind::main;
  std::string name;
  std::string image;
  std::string image_id;
  std::string container_id;
  std::int64_t restart_count = 0;
  /// The liveliest, should several be given.
  State state = State::waiting;
  std::string waiting_reason;
  std::string terminated_reason;
  std::int64_t exit_code = 0;
  std::optional<TimePoint> started_at;
  /// `lastState.terminated` is given: it ran before.
  bool ran_before = false;
  std::string last_container_id;
  std::optional<TimePoint> last_started_at;
  std::vector<PodVolumeStatus> volumes;

  bool operator==(const PodContainerStatus&) const = default;
};

/// What Scanclock reads of a pod; all else is passed over while parsing. Texts are at most
/// kubernetes_text_bytes_max long, but for those that a digest is read from.
struct KubernetesPod : KubernetesObject {
  KubernetesPod() = default;
  /// `metadata.deletionTimestamp` is set: it is asked to end, and runs until it has.
  bool is_deleting = false;
  /// Its kubelet runs it from a file of its own (annotation `kubernetes.io/config.mirror`).
  bool is_mirror = false;
  /// As KubernetesReadOptions::labels says.
  std::map<std::string, std::string> labels;
  /// Label `pod-template-hash`, whatever labels are kept.
  std::string template_hash;
  std::string node_name;
  std::string runtime_class;
  /// `spec.restartPolicy`; empty means Always.
  std::string restart_policy;
  std::vector<PodContainer> containers;
  std::vector<PodImageVolume> image_volumes;
  std::vector<PodContainerStatus> statuses;
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`, or empty.
  std::string phase;
  std::string reason;

  bool operator==(const KubernetesPod&) const = default;
};

}  // namespace scanclock
