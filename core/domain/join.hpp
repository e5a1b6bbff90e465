#pragma once

#include "core/domain/digest_graph.hpp"
#include "core/domain/workload.hpp"

#include <string>
#include <vector>

namespace scanclock {

enum class JoinOutcome { resolved, ambiguous, conflict, unresolved };

struct JoinResult {
  JoinOutcome outcome = JoinOutcome::unresolved;
  /// The unique image, when resolved.
  Digest image;
  /// For people: which digests stood for what.
  std::string reason;

  bool operator==(const JoinResult&) const = default;
};

/// What is known of a container's image.
struct JoinQuestion {
  JoinQuestion() = default;
  Platform platform;
  std::vector<Digest> digests;
  /// Digests that the same container had before; they count as candidates.
  std::vector<Digest> earlier;
  /// As the user wrote it, for reasons.
  std::string reference;
};

/// Joins a container to its unique image on content (design.md, rule 6; reference R1–R7): every
/// digest is looked up as config, manifest and index. Candidates that project onto different
/// content are a conflict; an index without exactly one runnable entry for the platform is
/// ambiguous unless another digest proves the image.
JoinResult join_digests(const DigestGraph& graph, const JoinQuestion& question);
JoinResult join_container(const DigestGraph& graph, const ContainerObservation& container,
                          const std::vector<Digest>& earlier);

}  // namespace scanclock
