#pragma once

#include "core/domain/container_id.hpp"
#include "core/domain/digest.hpp"
#include "core/domain/platform.hpp"
#include "core/domain/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// A running container as an orchestrator prints it. `id` is unique within its source.
struct ContainerObservation {
  std::string id;
  std::string namespace_name;
  std::string workload;
  std::string name;
  std::string node;
  std::map<std::string, std::string> labels;
  /// The reference the user wrote, as printed.
  std::string image;
  /// Every digest the runtime gives for the image, of whatever kind: image ID, repository digests,
  /// manifest descriptor, the digest of a pinned reference.
  std::vector<Digest> digests;
  /// Those of `digests` that are known to be manifests or indexes, which a registry can be asked
  /// for; an image ID usually is a config digest. Empty where the source cannot tell.
  std::vector<Digest> pullable;
  /// Repositories from the runtime's RepoDigests: where a digest might be asked for.
  std::vector<std::string> repositories;
  Platform platform;
  std::optional<TimePoint> started_at;
  /// The image as the runtime printed it (Kubernetes imageID, Docker ImageID, ...), for people and
  /// as evidence; whatever is a digest in it is in `digests`. Empty where the source has none.
  std::string image_id;
  /// The digests were not printed by a runtime for this container: they come from a reference that
  /// may have moved since it started (reference R11).
  bool assumed = false;

  bool operator==(const ContainerObservation&) const = default;
};

/// One look at a source. Only a complete report can end containers (design.md, rule 8).
struct WorkloadReport {
  std::string source;
  TimePoint observed_at;
  bool complete = false;
  /// Where set, the source may see only these namespaces: a complete report ends containers of
  /// these alone, and the view is a partial one.
  std::optional<std::set<std::string>> namespaces;
  std::vector<ContainerObservation> containers;
  /// IDs of containers that run as the source told before, so that a large view need not be told
  /// again as a whole. Those that are not known to run are to be told anew (Inventory::untold).
  std::vector<ContainerId> unchanged;
};

/// What a source saw change between two looks. It says nothing of containers that it does not name.
struct WorkloadChanges {
  std::string source;
  TimePoint observed_at;
  /// Containers that run, new or changed.
  std::vector<ContainerObservation> running;
  /// IDs of containers that the source saw end; unknown ones are ignored.
  std::vector<std::string> ended;
};

}  // namespace scanclock
