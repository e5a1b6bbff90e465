#include "core/runtime/hashing.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace scanclock {
namespace {

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text.push_back(digits[value >> 4]);
    text.push_back(digits[value & 15]);
  }
  return text;
}

std::string hash_hex(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, algorithm, nullptr) != 1) {
    throw std::runtime_error("cannot hash: openssl refused");
  }
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), length));
}

constexpr std::uint8_t not_base64 = 0xff;

std::uint8_t base64_value(char character) {
  if (character >= 'A' && character <= 'Z') {
    return static_cast<std::uint8_t>(character - 'A');
  }
  if (character >= 'a' && character <= 'z') {
    return static_cast<std::uint8_t>(character - 'a' + 26);
  }
  if (character >= '0' && character <= '9') {
    return static_cast<std::uint8_t>(character - '0' + 52);
  }
  if (character == '+' || character == '-') {
    return 62;
  }
  if (character == '/' || character == '_') {
    return 63;
  }
  return not_base64;
}

}  // namespace

Digest sha256(std::string_view bytes) {
  return Digest::from_trusted("sha256:" + hash_hex(EVP_sha256(), bytes));
}

bool digest_matches(const Digest& digest, std::string_view bytes) {
  if (digest.algorithm() == "sha256") {
    return hash_hex(EVP_sha256(), bytes) == digest.hex();
  }
  if (digest.algorithm() == "sha512") {
    return hash_hex(EVP_sha512(), bytes) == digest.hex();
  }
  return false;
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
           &length) == nullptr) {
    throw std::runtime_error("cannot compute an hmac: openssl refused");
  }
  return std::string(reinterpret_cast<const char*>(digest.data()), length);
}

std::string base64_encode(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = group << 8 | (index < count ? static_cast<unsigned char>(bytes[at + index]) : 0U);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      text.push_back(index <= count ? alphabet[group >> (18 - 6 * index) & 63] : '=');
    }
  }
  return text;
}

std::string base64_decode(std::string_view text, std::size_t spare_bytes) {
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  const std::size_t rest = text.size() % 4;
  if (rest == 1 || (padding != 0 && (rest + padding) % 4 != 0)) {
    throw std::invalid_argument("not base64: wrong length");
  }
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4 + spare_bytes);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char character : text) {
    const std::uint8_t value = base64_value(character);
    if (value == not_base64) {
      throw std::invalid_argument("not base64: character outside the alphabet");
    }
    group = group << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(group >> bits & 0xff));
    }
  }
  return bytes;
}

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("cannot make a uuid: the system gave no random bytes");
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text =
      to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  for (const std::size_t at : {20, 16, 12, 8}) {
    text.insert(at, "-");
  }
  return text;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace scanclock
