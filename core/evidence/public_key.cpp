#include "core/evidence/public_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

namespace scanclock::evidence {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using HashContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hash_of(const EVP_MD* algorithm, std::string_view head, std::string_view rest) {
  const HashContext context(EVP_MD_CTX_new());
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  if (!context || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), head.data(), head.size()) != 1 ||
      EVP_DigestUpdate(context.get(), rest.data(), rest.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), hash.data(), &length) != 1) {
    throw std::runtime_error("cannot hash a signed message: openssl refused");
  }
  return std::string(reinterpret_cast<const char*>(hash.data()), length);
}

/// Over a hash that was made already, so that a large payload is hashed once for all keys.
bool verifies_hash(EVP_PKEY* key, const EVP_MD* algorithm, std::string_view hash,
                   std::string_view signature) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), algorithm) != 1) {
    return false;
  }
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) {
    return false;
  }
  return EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(hash),
                         hash.size()) == 1;
}

bool verifies_whole(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const HashContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

}  // namespace

SignedMessage::SignedMessage(std::string_view payload_type, std::string_view payload)
    : head_("DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) +
            " " + std::to_string(payload.size()) + " "),
      payload_(payload) {}

const std::string& SignedMessage::sha256() {
  if (!sha256_) {
    sha256_ = hash_of(EVP_sha256(), head_, payload_);
  }
  return *sha256_;
}

const std::string& SignedMessage::sha384() {
  if (!sha384_) {
    sha384_ = hash_of(EVP_sha384(), head_, payload_);
  }
  return *sha384_;
}

const std::string& SignedMessage::whole() {
  if (!whole_) {
    whole_ = head_ + std::string(payload_);
  }
  return *whole_;
}

void PublicKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

PublicKey::PublicKey(const SigningKey& key) : algorithm_(key.algorithm) {
  const unsigned char* data = octets(key.public_key);
  key_.reset(d2i_PUBKEY(nullptr, &data, static_cast<long>(key.public_key.size())));
  ERR_clear_error();
  if (!key_) {
    throw std::invalid_argument("the key " + key.name + " holds no public key");
  }
}

bool PublicKey::verifies(SignedMessage& message, std::string_view signature) const {
  if (signature.empty()) {
    return false;
  }
  bool good = false;
  switch (algorithm_) {
    case KeyAlgorithm::ecdsa_p256:
    case KeyAlgorithm::rsa:
      good = verifies_hash(key_.get(), EVP_sha256(), message.sha256(), signature);
      break;
    case KeyAlgorithm::ecdsa_p384:
      good = verifies_hash(key_.get(), EVP_sha256(), message.sha256(), signature) ||
             verifies_hash(key_.get(), EVP_sha384(), message.sha384(), signature);
      break;
    case KeyAlgorithm::ed25519:
      good = verifies_whole(key_.get(), message.whole(), signature);
      break;
  }
  // What is left in the queue would be taken for the failure of somebody else's call.
  ERR_clear_error();
  return good;
}

}  // namespace scanclock::evidence
