#include "tests/support/webhook_receiver.hpp"

#include "core/runtime/hashing.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace scanclock {
namespace {

constexpr int key_bytes = 32;
constexpr long age_seconds_max = 300;

}  // namespace

std::string WebhookReceiver::Message::text(const char* field) const {
  const nlohmann::json& value = body.at("data").at(field);
  return value.is_string() ? value.get<std::string>() : std::string();
}

WebhookReceiver::WebhookReceiver() : key_(key_bytes, '\0') {
  RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), key_bytes);
  server_ = std::make_unique<BlockingServer>(
      [this](const ServedConnection& connection, const ServedRequest& request) {
        return take(connection, request);
      });
}

std::string WebhookReceiver::secret() const { return "whsec_" + base64_encode(key_); }

void WebhookReceiver::decide_by(Decide decide) {
  const std::lock_guard lock(mutex_);
  decide_ = std::move(decide);
}

bool WebhookReceiver::is_signed(const ServedRequest& request) const {
  const std::string sent_at = request.header("webhook-timestamp");
  const std::string text = request.header("webhook-id") + "." + sent_at + "." + request.body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key_.data(), key_bytes, reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &length);
  const std::string expected =
      "v1," + base64_encode({reinterpret_cast<const char*>(digest.data()), length});
  const long age = static_cast<long>(std::time(nullptr)) - std::atol(sent_at.c_str());
  return !request.header("webhook-id").empty() && std::labs(age) <= age_seconds_max &&
         request.header("webhook-signature") == expected;
}

bool WebhookReceiver::take(const ServedConnection& connection, const ServedRequest& request) {
  int status = 204;
  {
    const std::lock_guard lock(mutex_);
    Message message;
    message.id = request.header("webhook-id");
    message.body = nlohmann::json::parse(request.body);
    bad_signatures_ += is_signed(request) ? 0 : 1;
    if (decide_) {
      status = decide_(message.body);
    }
    if (status / 100 == 2) {
      messages_.push_back(std::move(message));
    } else {
      refused_.push_back(message.id);
    }
  }
  std::vector<HttpHeader> headers;
  if (status / 100 != 2 && retry_after_ > 0) {
    headers.emplace_back("Retry-After", std::to_string(retry_after_));
  }
  connection.answer(status, headers, {});
  return true;
}

std::vector<WebhookReceiver::Message> WebhookReceiver::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<WebhookReceiver::Message> WebhookReceiver::messages(const std::string& type,
                                                                const std::string& rule,
                                                                const std::string& digest) const {
  std::vector<Message> found;
  for (Message& message : messages()) {
    const nlohmann::json& image = message.body.at("data").at("image");
    if ((type.empty() || message.type() == "scanclock.alert." + type) &&
        (rule.empty() || message.text("rule") == rule) &&
        (digest.empty() || (image.is_object() && image.at("digest") == digest))) {
      found.push_back(std::move(message));
    }
  }
  return found;
}

std::vector<std::string> WebhookReceiver::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

int WebhookReceiver::bad_signatures() const {
  const std::lock_guard lock(mutex_);
  return bad_signatures_;
}

}  // namespace scanclock
