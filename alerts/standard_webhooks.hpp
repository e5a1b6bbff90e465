#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// Standard Webhooks 1.0: a key has from 24 to 64 bytes.
inline constexpr std::size_t signing_key_bytes_min = 24;
inline constexpr std::size_t signing_key_bytes_max = 64;

/// The key within `whsec_<base64>`; the prefix may be left out. Throws std::invalid_argument,
/// which never holds the secret, for anything else.
std::string decode_signing_secret(std::string_view secret);

/// `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`, one a key, blank-separated, so that a
/// receiver that still has the old key accepts the message.
std::string webhook_signature(const std::vector<std::string>& keys, std::string_view id,
                              TimePoint attempt_at, std::string_view body);

/// Content-Type, webhook-id, webhook-timestamp (seconds, of this attempt) and, with keys,
/// webhook-signature.
std::vector<HttpHeader> webhook_headers(const std::vector<std::string>& keys, std::string_view id,
                                        TimePoint attempt_at, std::string_view body);

}  // namespace scanclock::alerts
