#pragma once

#include "core/domain/time.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t http_body_bytes_default_max = std::size_t{8} << 20;
inline constexpr Duration http_timeout_default = std::chrono::seconds(30);

struct HttpHeader {
  HttpHeader() = default;
  HttpHeader(std::string header_name, std::string header_value)
      : name(std::move(header_name)), value(std::move(header_value)) {}
  std::string name;
  std::string value;
};

/// Compares names and tokens as HTTP does: ASCII letters without case.
bool equal_without_case(std::string_view left, std::string_view right);

/// First value of a header, names compared without case; nothing when absent.
std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers,
                                            std::string_view name);

/// A request to `url`, which is absolute: `http://`, `https://`, or, for a Unix socket,
/// `http://localhost/path` with `unix_socket` set.
struct HttpRequest {
  HttpRequest() = default;
  std::string method = "GET";
  std::string url;
  std::string unix_socket;
  std::vector<HttpHeader> headers;
  std::string body;
  /// The host whose answer named this URL, when it was not ours to choose: no address is connected
  /// to that is nearer to us than that host's own (core/net/address_class.hpp). Empty: any address.
  std::string led_by_host;
  /// For the whole exchange, name resolution, connecting and reading included.
  Duration timeout = http_timeout_default;
  /// Cap on the body as received and, separately, on what it expands to; enforced while reading.
  std::size_t body_bytes_max = http_body_bytes_default_max;
};

class HttpBodySource;

struct HttpResponse {
  HttpResponse() = default;
  int status = 0;
  std::vector<HttpHeader> headers;
  /// Decoded: gzip was expanded. Empty for HEAD.
  std::string body;
  /// The server's answers only: what follows the body, without a copy of its own.
  std::vector<std::shared_ptr<const std::string>> pieces;
  /// The server's answers only: what follows the pieces, made while it is sent
  /// (core/net/http_body_source.hpp). Copies of the answer share it, and one of them can be sent.
  std::shared_ptr<HttpBodySource> source;

  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// Why no usable answer came. The text forms are metric labels.
enum class HttpFailureReason {
  bad_url,
  resolve,
  connect,
  tls,
  timeout,
  reset,
  malformed,
  body_too_large,
  too_many_requests,
  cancelled,
};

std::string_view to_string(HttpFailureReason reason);

struct HttpFailure {
  HttpFailure() = default;
  HttpFailureReason reason = HttpFailureReason::connect;
  /// Trying again later may help.
  bool retryable = false;
  /// Lower case, names method and URL without its query, never a header.
  std::string message;
};

}  // namespace scanclock
