#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/platform.hpp"
#include "core/domain/time.hpp"

#include <map>
#include <optional>
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

  bool operator==(const ContainerObservation&) const = default;
};

/// One look at a source. Only a complete report can end containers (design.md, rule 8).
struct WorkloadReport {
  std::string source;
  TimePoint observed_at;
  bool complete = false;
  std::vector<ContainerObservation> containers;
};

}  // namespace scanclock
