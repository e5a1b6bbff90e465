#pragma once

#include "core/domain/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

enum class KeyAlgorithm { ecdsa_p256, ecdsa_p384, rsa, ed25519 };

std::string_view to_string(KeyAlgorithm algorithm);

/// Predicate types of statements that scans are read from. The last two are cosign's for anything
/// at all, so a key is bound to them only where the settings say so.
inline constexpr std::string_view signable_predicate_types[] = {
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    "https://in-toto.io/attestation/vulns/v0.1",
    "https://in-toto.io/attestation/vulns/v0.2",
    "https://cosign.sigstore.dev/attestation/v1",
    "cosign.sigstore.dev/attestation/v1",
};

/// All of the above that say by themselves that they are about vulnerabilities.
std::vector<std::string> default_predicate_types();

/// A public key of the settings and what its owner may speak about.
struct SigningKey {
  std::string name;
  KeyAlgorithm algorithm = KeyAlgorithm::ecdsa_p256;
  /// SubjectPublicKeyInfo in DER (RFC 5280); checked by the loader.
  std::string public_key;
  /// `sha256:` and the first 16 hex digits of the hash of `public_key`.
  std::string fingerprint;
  /// Names in the settings; empty: every registry.
  std::vector<std::string> registries;
  /// Patterns of glob_match.
  std::vector<std::string> repositories;
  std::vector<std::string> predicate_types = default_predicate_types();
  std::optional<TimePoint> valid_from;
  /// The first moment at which it is no longer valid.
  std::optional<TimePoint> valid_until;

  bool operator==(const SigningKey&) const = default;
};

/// How evidence names the key that verified it: `name fingerprint`.
std::string label_of(const SigningKey& key);

bool is_valid_at(const SigningKey& key, TimePoint time);

/// A key that names registries speaks for no place whose registry is unknown (empty).
bool is_bound(const SigningKey& key, std::string_view registry, std::string_view repository);

bool is_bound_to_type(const SigningKey& key, std::string_view predicate_type);

}  // namespace scanclock
