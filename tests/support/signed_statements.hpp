#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/signing_key.hpp"
#include "tests/support/child_process.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A key pair made by the `openssl` program, and signatures that it makes: independent of the code
/// under test. Files lie in a folder of the test's.
class OpensslKey {
 public:
  enum class Kind { p256, p384, p521, rsa, ed25519 };

  /// Throws std::runtime_error when openssl is missing or refuses.
  OpensslKey(const TemporaryFolder& folder, std::string name, Kind kind = Kind::p256);

  /// `-----BEGIN PUBLIC KEY-----`.
  std::filesystem::path public_file() const;
  std::filesystem::path private_file() const;
  /// As the loader of the settings would make it, bound to all repositories.
  const SigningKey& settings() const { return settings_; }

  /// Raw signature. `hash` and `options` are openssl's own (`-sha1`, `-sigopt …`); Ed25519 has
  /// neither.
  std::string sign(std::string_view message, const std::string& hash = "-sha256",
                   const std::vector<std::string>& options = {}) const;

 private:
  std::filesystem::path folder_;
  std::string name_;
  Kind kind_;
  SigningKey settings_;
};

inline constexpr std::string_view in_toto_payload_type = "application/vnd.in-toto+json";

/// The pre-authentication encoding (secure-systems-lab/dsse protocol.md).
std::string dsse_message(std::string_view payload, std::string_view type = in_toto_payload_type);

/// An in-toto statement with cosign's vulnerability predicate around `report`, which may be null.
nlohmann::json vulnerability_statement(const std::vector<Digest>& subjects,
                                       const std::string& finished_at,
                                       const nlohmann::json& report);

/// An envelope of these signatures, standard base64.
nlohmann::json dsse_envelope(std::string_view payload, const std::vector<std::string>& signatures,
                             std::string_view type = in_toto_payload_type);

/// The envelope of one good signature.
std::string signed_envelope(const OpensslKey& key, const nlohmann::json& statement);

/// A Sigstore bundle with a public key's hint (sigstore/protobuf-specs sigstore_bundle.proto).
nlohmann::json sigstore_bundle(const nlohmann::json& envelope, const std::string& media_type);

/// `text` in the URL-safe alphabet, padded or not.
std::string url_safe_base64(std::string text, bool padded);

}  // namespace scanclock
