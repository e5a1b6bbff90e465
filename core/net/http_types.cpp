#include "core/net/http_types.hpp"

#include <algorithm>

namespace scanclock {
namespace {

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

}  // namespace

bool equal_without_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers,
                                            std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (equal_without_case(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

std::string_view to_string(HttpFailureReason reason) {
  switch (reason) {
    case HttpFailureReason::bad_url:
      return "bad_url";
    case HttpFailureReason::resolve:
      return "resolve";
    case HttpFailureReason::connect:
      return "connect";
    case HttpFailureReason::tls:
      return "tls";
    case HttpFailureReason::timeout:
      return "timeout";
    case HttpFailureReason::reset:
      return "reset";
    case HttpFailureReason::malformed:
      return "malformed";
    case HttpFailureReason::body_too_large:
      return "body_too_large";
    case HttpFailureReason::too_many_requests:
      return "too_many_requests";
    case HttpFailureReason::cancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace scanclock
