#include "core/domain/trust.hpp"

#include "core/domain/pattern.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using Classes = std::vector<Trust>;

bool has_class(const Classes& classes, Trust trust) {
  return std::find(classes.begin(), classes.end(), trust) != classes.end();
}

bool is_bound_at(const SigningKey& key, const TrustPlace& place) {
  return is_bound(key, place.registry, place.repository);
}

const TrustRule* find_rule(const Policy& policy, const TrustPlace& place) {
  for (const TrustRule& rule : policy.trust_rules) {
    if (any_glob_match(rule.repositories, place.repository)) {
      return &rule;
    }
  }
  return nullptr;
}

/// A key of the development registry must not speak for what also stands in production.
std::vector<TrustPlace> decisive_places(const Policy& policy, const TrustGround& ground) {
  std::vector<TrustPlace> decisive;
  for (const TrustPlace& place : ground.places) {
    if (any_glob_match(policy.match.environments, place.environment)) {
      decisive.push_back(place);
    }
  }
  if (decisive.empty()) {
    decisive = ground.places;
  }
  if (decisive.empty() && ground.found_at) {
    decisive.push_back(*ground.found_at);
  }
  return decisive;
}

std::string describe_objection(const Evidence& evidence, Trust trust, const Policy& policy) {
  std::string text =
      "trust class " + std::string(to_string(trust)) + " is not accepted by policy " + policy.name;
  if (evidence.signature == SignatureState::verified && trust != Trust::signed_) {
    text += evidence.trust == Trust::signed_
                ? " (the key " + evidence.signature_detail + " does not count here, or no longer)"
                : " (it is signed, but not all that it needs is)";
  }
  return text;
}

}  // namespace

Trust trust_of_origin(EvidenceOrigin origin) {
  switch (origin) {
    case EvidenceOrigin::pushed:
    case EvidenceOrigin::spool:
      return Trust::pushed;
    case EvidenceOrigin::platform_api:
      return Trust::platform;
    case EvidenceOrigin::referrer:
    case EvidenceOrigin::fallback_tag:
    case EvidenceOrigin::attestation_tag:
    // Whoever may write objects in a namespace may write this one.
    case EvidenceOrigin::cluster:
      break;
  }
  return Trust::unsigned_;
}

bool has_bound_key(const TrustGround& ground) {
  const std::vector<TrustPlace> own =
      ground.found_at ? std::vector<TrustPlace>(1, *ground.found_at) : ground.places;
  return std::any_of(ground.keys.begin(), ground.keys.end(), [&](const SigningKey& key) {
    return std::any_of(own.begin(), own.end(),
                       [&](const TrustPlace& place) { return is_bound_at(key, place); });
  });
}

bool is_verified_by(const Evidence& evidence, const SigningKey& key) {
  // By the key itself and not by its name, which may stand before another key by now.
  const std::string& label = evidence.signature_detail;
  return evidence.signature == SignatureState::verified &&
         std::string_view(label).substr(label.rfind(' ') + 1) == key.fingerprint &&
         is_valid_at(key, evidence.collected_at) &&
         (!evidence.report.finished_at || is_valid_at(key, *evidence.report.finished_at));
}

Trust present_trust(const Evidence& evidence, std::span<const SigningKey> keys) {
  const bool counts = evidence.trust != Trust::signed_ ||
                      std::any_of(keys.begin(), keys.end(), [&](const SigningKey& key) {
                        return is_verified_by(evidence, key);
                      });
  return counts ? evidence.trust : trust_of_origin(evidence.origin);
}

bool depends_on_ground(const Evidence& evidence, const Policy& policy) {
  return !policy.trust_rules.empty() || evidence.trust == Trust::signed_ ||
         evidence.signature == SignatureState::failed;
}

std::optional<std::string> find_trust_objection(const Evidence& evidence, const Policy& policy,
                                                const TrustGround& ground) {
  const bool by_signature = evidence.trust == Trust::signed_;
  const Trust otherwise = by_signature ? trust_of_origin(evidence.origin) : evidence.trust;
  const auto trust_at = [&](const TrustPlace& place) {
    const bool counts =
        by_signature &&
        std::any_of(ground.keys.begin(), ground.keys.end(), [&](const SigningKey& key) {
          return is_bound_at(key, place) && is_verified_by(evidence, key);
        });
    return counts ? Trust::signed_ : otherwise;
  };
  const std::vector<TrustPlace> places = decisive_places(policy, ground);
  bool any_without_rule = places.empty();
  Trust best = otherwise;
  for (const TrustPlace& place : places) {
    const Trust trust = trust_at(place);
    best = std::min(best, trust);
    const TrustRule* rule = find_rule(policy, place);
    any_without_rule = any_without_rule || rule == nullptr;
    // A repository that a rule singles out takes nobody's word but that of its own keys.
    if (rule != nullptr && !has_class(rule->trust, trust)) {
      return describe_objection(evidence, trust, policy) + " for " + place.repository;
    }
  }
  if (any_without_rule && !has_class(policy.trust, best)) {
    return describe_objection(evidence, best, policy);
  }
  return std::nullopt;
}

}  // namespace scanclock
