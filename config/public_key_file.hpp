#pragma once

#include "core/domain/result.hpp"
#include "core/domain/signing_key.hpp"

#include <string>
#include <string_view>

namespace scanclock {

inline constexpr int rsa_key_bits_min = 2048;

/// What a file says that should hold a public key.
struct PublicKeyFault {
  /// Without the name of the file; never a part of its content.
  std::string cause;
  std::string hint;
};

/// Fills in algorithm, public key and fingerprint. Takes one SubjectPublicKeyInfo in PEM
/// (`-----BEGIN PUBLIC KEY-----`, RFC 7468) of ECDSA on P-256 or P-384, RSA with at least
/// rsa_key_bits_min bits, or Ed25519. Pure.
Result<SigningKey, PublicKeyFault> parse_public_key(std::string_view pem);

}  // namespace scanclock
