#pragma once

#include "core/domain/platform.hpp"
#include "core/workloads/kubernetes_object.hpp"

#include <string>
#include <string_view>

namespace scanclock {

/// A node: what its containers' images must fit.
struct KubernetesNode : KubernetesObject {
  KubernetesNode() = default;
  /// `status.nodeInfo`, or the labels kubernetes.io/os and kubernetes.io/arch where that says
  /// nothing. `os_version` is the label node.kubernetes.io/windows-build, `10.0.20348`, without the
  /// revision that an index states behind it.
  Platform platform;
  /// `containerd://2.1.4`.
  std::string container_runtime;

  bool operator==(const KubernetesNode&) const = default;
};

/// An object of which nothing but its metadata is read: a ReplicaSet or a Job, for its controller.
/// Lists and watches ask for PartialObjectMetadata.
struct KubernetesOwned : KubernetesObject {
  KubernetesOwned() = default;

  bool operator==(const KubernetesOwned&) const = default;
};

/// A VulnerabilityReport or ClusterVulnerabilityReport of the Trivy Operator.
struct KubernetesReport : KubernetesObject {
  KubernetesReport() = default;
  /// The whole object as it came, for the evidence reader of its format. Valid as long as the text
  /// that it was read from.
  std::string_view json;

  bool operator==(const KubernetesReport&) const = default;
};

}  // namespace scanclock
