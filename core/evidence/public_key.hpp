#pragma once

#include "core/domain/signing_key.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace scanclock::evidence {

/// What a DSSE signature is made over (secure-systems-lab/dsse protocol.md): the pre-authentication
/// encoding of type and payload. Hashes it once, however many keys are tried. Keeps views: both
/// texts must outlive it.
class SignedMessage {
 public:
  SignedMessage(std::string_view payload_type, std::string_view payload);

  const std::string& sha256();
  const std::string& sha384();
  /// Copies the payload, which only Ed25519 needs: it takes the message whole.
  const std::string& whole();

 private:
  std::string head_;
  std::string_view payload_;
  std::optional<std::string> sha256_;
  std::optional<std::string> sha384_;
  std::optional<std::string> whole_;
};

/// A key made ready for checking. Safe on any thread, one at a time.
class PublicKey {
 public:
  /// Throws std::invalid_argument for a key that the loader cannot have passed.
  explicit PublicKey(const SigningKey& key);

  /// As cosign and its peers sign: ECDSA in ASN.1 DER over SHA-256, on P-384 over SHA-384, too; RSA
  /// as PKCS#1 v1.5 over SHA-256; Ed25519 over the message itself. False for anything else, never
  /// throws for a bad signature.
  bool verifies(SignedMessage& message, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  KeyAlgorithm algorithm_;
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace scanclock::evidence
