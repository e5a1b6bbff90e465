#pragma once

#include "core/domain/evidence.hpp"
#include "core/domain/policy.hpp"
#include "core/domain/signing_key.hpp"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace scanclock {

/// Where an image stands or evidence lies, as far as trust asks. `registry` is the name in the
/// settings, empty for a place outside of them.
struct TrustPlace {
  std::string registry;
  std::string repository;
  std::string environment;

  auto operator<=>(const TrustPlace&) const = default;
};

/// What the trust of evidence is judged by, besides the evidence itself and the policy
/// (docs/decisions/0006-trust.md).
struct TrustGround {
  /// Where the images that the evidence speaks about stand now, each place once.
  std::vector<TrustPlace> places;
  /// Where the evidence lies, or for which place it was pushed; nothing where nobody said so.
  std::optional<TrustPlace> found_at;
  /// Those of the settings, which outlive this.
  std::span<const SigningKey> keys;
};

/// The trust class of evidence by its origin alone, when no signature counts.
Trust trust_of_origin(EvidenceOrigin origin);

/// Whether a key of `ground` is bound where the evidence lies, or, where nobody said so, where one
/// of its images stands. Only there an envelope that no key verifies looks like a forgery.
bool has_bound_key(const TrustGround& ground);

/// Whether this is the key that verified the evidence, and was valid both when the scan finished
/// and when the evidence was collected.
bool is_verified_by(const Evidence& evidence, const SigningKey& key);

/// The class to show: that of the origin where no key of the settings stands behind a signature any
/// more. Places are left out: a decision says for which of them the signature does not count.
Trust present_trust(const Evidence& evidence, std::span<const SigningKey> keys);

/// Whether the decision on the evidence depends on places and keys at all.
bool depends_on_ground(const Evidence& evidence, const Policy& policy);

/// Why `policy` does not take the evidence's trust class; nothing when it does. A signature counts
/// for the images at the places that its key is bound to.
std::optional<std::string> find_trust_objection(const Evidence& evidence, const Policy& policy,
                                                const TrustGround& ground);

}  // namespace scanclock
