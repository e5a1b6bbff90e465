#include "alerts/standard_webhooks.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanclock::alerts {
namespace {

// Computed with Python's hmac and hashlib over the sample of the specification.
constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* other_secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr const char* id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* body = "{\"test\": 2432232314}";
constexpr const char* signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr const char* other_signature = "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI=";
constexpr TimePoint attempt_at{std::chrono::seconds(1614265330)};

TEST(WebhookSignature, IsTheOneOfTheSpecification) {
  EXPECT_EQ(webhook_signature({decode_signing_secret(secret)}, id, attempt_at, body), signature);
}

TEST(WebhookSignature, IsGivenForEveryKeyDuringARotation) {
  const std::vector<std::string> keys{decode_signing_secret(secret),
                                      decode_signing_secret(other_secret)};
  EXPECT_EQ(webhook_signature(keys, id, attempt_at, body),
            std::string(signature) + " " + other_signature);
}

TEST(WebhookSignature, IsOverWholeSecondsOfTheAttempt) {
  const std::vector<std::string> keys{decode_signing_secret(secret)};
  EXPECT_EQ(webhook_signature(keys, id, attempt_at + std::chrono::milliseconds(999), body),
            signature);
  EXPECT_NE(webhook_signature(keys, id, attempt_at + std::chrono::seconds(1), body), signature);
}

TEST(WebhookHeaders, NameTheMessageTheAttemptAndTheSignature) {
  const auto headers = webhook_headers({decode_signing_secret(secret)}, id, attempt_at, body);
  EXPECT_EQ(find_header(headers, "webhook-id"), id);
  EXPECT_EQ(find_header(headers, "webhook-timestamp"), "1614265330");
  EXPECT_EQ(find_header(headers, "webhook-signature"), signature);
  EXPECT_EQ(find_header(headers, "content-type"), "application/json");
}

TEST(WebhookHeaders, HaveNoSignatureWithoutASecret) {
  EXPECT_FALSE(find_header(webhook_headers({}, id, attempt_at, body), "webhook-signature"));
}

TEST(SigningSecret, MayLackItsPrefix) {
  EXPECT_EQ(decode_signing_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            decode_signing_secret(secret));
}

TEST(SigningSecret, IsRefusedWithoutBeingShown) {
  const std::string short_key = "whsec_c2hvcnQ=";
  const std::string long_key = "whsec_" + std::string(88, 'A');
  for (const std::string& bad :
       {short_key, long_key, std::string("whsec_%%%secret%%%"), std::string()}) {
    try {
      decode_signing_secret(bad);
      ADD_FAILURE() << "accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("c2hvcnQ"), std::string::npos);
      EXPECT_EQ(std::string(error.what()).find("%%%"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace scanclock::alerts
