#include "config/public_key_file.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <optional>

namespace scanclock {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

/// One block of a PEM file.
struct PemBlock {
  std::string name;
  std::string der;
};

std::optional<PemBlock> read_block(BIO* bio) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  if (PEM_read_bio(bio, &name, &header, &data, &length) != 1) {
    return std::nullopt;
  }
  PemBlock block;
  block.name = name;
  block.der.assign(reinterpret_cast<const char*>(data), static_cast<std::size_t>(length));
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<std::size_t>(length));
  return block;
}

PublicKeyFault fault(std::string cause, std::string hint) {
  return PublicKeyFault{std::move(cause), std::move(hint)};
}

PublicKeyFault wrong_block(const std::string& name) {
  if (name == "CERTIFICATE") {
    return fault("holds a certificate, not a public key",
                 "take the key out of it: openssl x509 -in FILE -noout -pubkey");
  }
  if (name.ends_with("PRIVATE KEY")) {
    return fault("holds a private key, which does not belong on this host",
                 "take the public part of it: openssl pkey -in FILE -pubout");
  }
  return fault("holds no block named PUBLIC KEY",
               "write it as SubjectPublicKeyInfo: openssl pkey -pubin -in FILE -pubout");
}

std::string curve_of(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  const int known = EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(),
                                                   name.size(), &length);
  return known == 1 ? std::string(name.data(), length) : std::string();
}

std::optional<KeyAlgorithm> algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      return KeyAlgorithm::ed25519;
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= rsa_key_bits_min ? std::optional(KeyAlgorithm::rsa)
                                                        : std::nullopt;
    case EVP_PKEY_EC: {
      const std::string curve = curve_of(key);
      if (curve == "prime256v1" || curve == "P-256") {
        return KeyAlgorithm::ecdsa_p256;
      }
      if (curve == "secp384r1" || curve == "P-384") {
        return KeyAlgorithm::ecdsa_p384;
      }
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::string kind_of(const EVP_PKEY* key) {
  const char* const type = EVP_PKEY_get0_type_name(key);
  const std::string curve = curve_of(key);
  return std::string(type == nullptr ? "an unknown kind" : type) +
         (curve.empty() ? " with " + std::to_string(EVP_PKEY_get_bits(key)) + " bits"
                        : " on " + curve);
}

/// The first digits of the hash, enough to tell the keys of one file of settings apart.
std::string fingerprint_of(const std::string& der) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t bytes_shown = 8;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  std::string text = "sha256:";
  if (EVP_Digest(der.data(), der.size(), hash.data(), &length, EVP_sha256(), nullptr) == 1) {
    for (std::size_t at = 0; at < bytes_shown; ++at) {
      text.push_back(digits[hash.at(at) >> 4]);
      text.push_back(digits[hash.at(at) & 15]);
    }
  }
  return text;
}

Result<SigningKey, PublicKeyFault> read_key(const PemBlock& block) {
  const auto* data = reinterpret_cast<const unsigned char*>(block.der.data());
  const auto* const end = data + block.der.size();
  const std::unique_ptr<EVP_PKEY, Free> key(
      d2i_PUBKEY(nullptr, &data, static_cast<long>(block.der.size())));
  if (!key || data != end) {
    return fault("holds no readable public key", "make the file anew from the key");
  }
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm) {
    return fault("holds a key of a kind that is not supported: " + kind_of(key.get()),
                 "use ECDSA on P-256 or P-384, RSA with at least 2048 bits, or Ed25519");
  }
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) {
    return fault("holds a public key that cannot be one", "make the file anew from the key");
  }
  SigningKey result;
  result.algorithm = *algorithm;
  result.public_key = block.der;
  result.fingerprint = fingerprint_of(block.der);
  return result;
}

}  // namespace

Result<SigningKey, PublicKeyFault> parse_public_key(std::string_view pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto block = read_block(bio.get());
  const auto second = block ? read_block(bio.get()) : std::nullopt;
  const auto finished = [](auto outcome) -> Result<SigningKey, PublicKeyFault> {
    // What is left in the queue would be taken for the failure of somebody else's call.
    ERR_clear_error();
    return outcome;
  };
  if (!block) {
    return finished(fault("holds no PEM block", "write it as SubjectPublicKeyInfo in PEM"));
  }
  if (block->name != "PUBLIC KEY") {
    return finished(wrong_block(block->name));
  }
  if (second) {
    return finished(fault("holds more than one block", "name one file a key"));
  }
  return finished(read_key(*block));
}

}  // namespace scanclock
