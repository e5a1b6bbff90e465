#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_types.hpp"
#include "core/net/url.hpp"

#include <string>

namespace scanclock {

/// A request that was checked and put into the form of the wire.
struct PreparedRequest {
  PreparedRequest() = default;
  Url url;
  std::string unix_socket;
  /// See HttpRequest::led_by_host; empty for that host itself.
  std::string led_by_host;
  /// Connections are shared among requests with the same key.
  std::string origin_key;
  /// Request line and header.
  std::string head;
  std::string body;
  /// `GET https://host/path`, without the query, for messages.
  std::string description;
  bool is_head = false;
  bool idempotent = false;
  std::size_t body_bytes_max = 0;
};

enum class ConnectionUse { shared, own };

/// Refuses, as bad_url, what would not reach the wire as it was meant: line breaks in particular.
Result<PreparedRequest, HttpFailure> prepare_request(HttpRequest request,
                                                     const std::string& user_agent,
                                                     ConnectionUse use);

HttpFailure make_http_failure(HttpFailureReason reason, const std::string& description,
                              const std::string& cause);

}  // namespace scanclock
