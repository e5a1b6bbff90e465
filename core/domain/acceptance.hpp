#pragma once

#include "core/domain/digest_graph.hpp"
#include "core/domain/evidence.hpp"
#include "core/domain/policy.hpp"
#include "core/domain/trust.hpp"

#include <optional>
#include <string>

namespace scanclock {

/// What a policy made of a piece of evidence. Append-only: a new policy version decides anew.
struct Decision {
  bool accepted = false;
  std::optional<Rejection> reason;
  /// For people: what was compared with what.
  std::string detail;

  bool operator==(const Decision&) const = default;
};

/// Judges evidence under a policy (design.md, rules 1–3). "Now" is the moment of collection, so
/// that the outcome does not change by waiting. `ground` matters only where depends_on_ground says
/// so.
Decision decide(const Evidence& evidence, const Policy& policy, const DigestGraph& graph,
                const TrustGround& ground = {});

enum class Coverage {
  none,
  /// The scan names an index of the image, but not the image's platform (rule 5).
  platform_unproven,
  covered,
};

/// Whether accepted evidence speaks about `image`.
Coverage coverage(const Evidence& evidence, const DigestGraph& graph, const Digest& image);

}  // namespace scanclock
