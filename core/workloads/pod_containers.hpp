#pragma once

#include "core/domain/platform.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/kubernetes_metadata.hpp"
#include "core/workloads/kubernetes_pods.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// What pods are joined with. All may be empty: a pod is never left out because something about it
/// is not known yet.
struct PodSurroundings {
  PodSurroundings() = default;
  /// By name; null when it is not known.
  std::function<const KubernetesNode*(std::string_view name)> node;
  /// A ReplicaSet or Job by UID; null when it is not known.
  std::function<const KubernetesOwned*(std::string_view uid)> owned;
  /// The guest's platform for runtime classes that run another one than their node has (reference
  /// R4), by the name of the class.
  std::map<std::string, Platform, std::less<>> runtime_classes;
};

/// The containers of a pod that run, and its image volumes when any container does (reference R13):
///
/// - running now, whatever list they stand in, and whether the pod is asked to end or its node is
///   lost;
/// - waiting with a last state (CrashLoopBackOff), and terminated where the restart policy will
///   start it again: deployed, and not to flap with every crash;
/// - named by a Running pod whose status says nothing of them.
///
/// Not: what never started, completed init containers, and Succeeded and Failed pods.
///
/// `id` is the runtime's containerID, `UID/NAME` where it gives none, and for a volume
/// `UID/volume/NAME`; unique within the pod. Statuses and specs are matched by name. Digests are
/// those of imageID and of a pinned reference. A pure function.
std::vector<ContainerObservation> pod_containers(const KubernetesPod& pod,
                                                 const PodSurroundings& surroundings);

/// `deployment/front`: the last controller above the pod that is known, its kind in lower case;
/// `node/NAME` for static pods, `pod/NAME` for pods of nobody. A ReplicaSet that is not known (any
/// more) is taken for that of the Deployment whose name is left without the pod-template-hash.
std::string workload_of(const KubernetesPod& pod, const PodSurroundings& surroundings);

/// The platform of the runtime class where it is configured, else the node's.
Platform platform_of(const KubernetesPod& pod, const PodSurroundings& surroundings);

}  // namespace scanclock
