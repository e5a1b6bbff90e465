#include "alerts/standard_webhooks.hpp"

#include "core/runtime/hashing.hpp"

#include <stdexcept>

namespace scanclock::alerts {
namespace {

std::string seconds_text(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return std::to_string(seconds.count());
}

}  // namespace

std::string decode_signing_secret(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (secret.starts_with(prefix)) {
    secret.remove_prefix(prefix.size());
  }
  std::string key;
  try {
    key = base64_decode(secret);
  } catch (const std::invalid_argument&) {
    // The message of the decoder could show a piece of the secret.
    key.clear();
  }
  if (key.size() < signing_key_bytes_min || key.size() > signing_key_bytes_max) {
    throw std::invalid_argument(
        "the signing secret is not whsec_ and the base64 form of 24 to 64 bytes\n"
        "HINT: make one with: echo whsec_$(openssl rand -base64 32)");
  }
  return key;
}

std::string webhook_signature(const std::vector<std::string>& keys, std::string_view id,
                              TimePoint attempt_at, std::string_view body) {
  std::string message(id);
  message += '.';
  message += seconds_text(attempt_at);
  message += '.';
  message += body;
  std::string signature;
  for (const std::string& key : keys) {
    signature += signature.empty() ? "v1," : " v1,";
    signature += base64_encode(hmac_sha256(key, message));
  }
  return signature;
}

std::vector<HttpHeader> webhook_headers(const std::vector<std::string>& keys, std::string_view id,
                                        TimePoint attempt_at, std::string_view body) {
  std::vector<HttpHeader> headers;
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("webhook-id", std::string(id));
  headers.emplace_back("webhook-timestamp", seconds_text(attempt_at));
  if (!keys.empty()) {
    headers.emplace_back("webhook-signature", webhook_signature(keys, id, attempt_at, body));
  }
  return headers;
}

}  // namespace scanclock::alerts
