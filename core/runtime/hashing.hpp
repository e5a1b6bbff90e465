#pragma once

#include "core/domain/digest.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// sha256 of the bytes (OpenSSL EVP).
Digest sha256(std::string_view bytes);

/// True when `bytes` hash to `digest` under its own algorithm, sha256 or sha512.
bool digest_matches(const Digest& digest, std::string_view bytes);

/// HMAC-SHA256, raw 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

std::string base64_encode(std::string_view bytes);

/// Standard and URL-safe alphabets, with or without padding (DSSE demands both). Throws
/// std::invalid_argument for anything else. `spare_bytes` is the least capacity behind the bytes.
std::string base64_decode(std::string_view text, std::size_t spare_bytes = 0);

/// A random UUID, version 4, from the system's generator.
std::string random_uuid();

/// Compares in time that depends on the lengths alone.
bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace scanclock
