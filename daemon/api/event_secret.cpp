#include "daemon/api/event_secret.hpp"

#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"

#include <stdexcept>
#include <string_view>

namespace scanclock {
namespace {

constexpr std::string_view quay_path = "/api/v1/events/quay";

std::string password_of_basic(std::string_view value) {
  try {
    const std::string pair = base64_decode(value);
    const auto colon = pair.find(':');
    return colon == std::string::npos ? std::string() : pair.substr(colon + 1);
  } catch (const std::invalid_argument&) {
    return {};
  }
}

}  // namespace

bool carries_event_secret(const HttpServerRequest& request, const std::string& secret) {
  constexpr std::string_view bearer = "Bearer ";
  constexpr std::string_view basic = "Basic ";
  if (secret.empty()) {
    return false;
  }
  if (const auto header = request.header("Authorization")) {
    std::string sent(*header);
    if (sent.starts_with(bearer)) {
      sent.erase(0, bearer.size());
    } else if (sent.starts_with(basic)) {
      sent = password_of_basic(header->substr(basic.size()));
    }
    return equal_constant_time(secret, sent);
  }
  const auto question = request.target.find('?');
  if (question == std::string::npos ||
      std::string_view(request.target).substr(0, question) != quay_path) {
    return false;
  }
  const auto query = parse_query(std::string_view(request.target).substr(question + 1));
  const auto sent = query.find("secret");
  return sent != query.end() && equal_constant_time(secret, sent->second);
}

}  // namespace scanclock
