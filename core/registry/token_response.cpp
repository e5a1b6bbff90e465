#include "core/registry/token_response.hpp"

#include "core/registry/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {

Result<TokenResponse, std::string> parse_token_response(std::string_view body) {
  if (body.size() > token_bytes_max) {
    return "token answer over " + std::to_string(token_bytes_max) + " bytes";
  }
  nlohmann::json parsed;
  const std::string defect = parse_registry_object(body, parsed);
  if (!defect.empty()) {
    return "token answer is " + defect;
  }
  TokenResponse response;
  response.token = text_field(parsed, "token");
  if (response.token.empty()) {
    response.token = text_field(parsed, "access_token");
  }
  if (response.token.empty()) {
    return std::string("token answer holds no token");
  }
  // A line break would end the header that the token is put into.
  if (response.token.find_first_of("\r\n") != std::string::npos) {
    return std::string("token answer holds a token with a line break");
  }
  const auto expires = parsed.find("expires_in");
  if (expires != parsed.end() && expires->is_number()) {
    const double seconds = std::clamp(expires->get<double>(), 0.0, 86400.0);
    response.lifetime = std::clamp<Duration>(std::chrono::seconds(static_cast<long>(seconds)),
                                             token_lifetime_min, token_lifetime_max);
  }
  return response;
}

}  // namespace scanclock
