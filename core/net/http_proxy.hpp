#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_connection.hpp"
#include "core/net/prepared_request.hpp"
#include "core/net/url.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// A proxy that opens tunnels (RFC 9110 section 9.3.6).
struct HttpProxy {
  HttpProxy() = default;
  Url url;
  /// The value of Proxy-Authorization; empty where the URL holds no user.
  std::string authorization;
};

/// Reads `http://[user:password@]host[:port]`; user and password may be percent-encoded. Other
/// schemes and anything behind the port but a slash are refused. The failure shows no credentials.
Result<HttpProxy, std::string> parse_http_proxy(std::string_view text);

/// Asks the proxy at the other end of `connection` for a tunnel to the request's host. Nothing when
/// it stands; the failure names the proxy and its status.
asio::awaitable<std::optional<HttpFailure>> open_tunnel(HttpConnection& connection,
                                                        const HttpProxy& proxy,
                                                        const PreparedRequest& request);

}  // namespace scanclock
