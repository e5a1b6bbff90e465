#include "core/net/http_proxy.hpp"

#include "core/net/http_exchange.hpp"
#include "core/runtime/hashing.hpp"

#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view proxy_scheme = "http://";

/// `host:port`, the port always there (RFC 9112 section 3.2.3).
std::string tunnel_target(const Url& url) {
  const bool is_v6 = url.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

std::optional<std::string> basic_authorization(std::string_view user_info) {
  const std::size_t colon = user_info.find(':');
  const auto user = percent_decode(user_info.substr(0, colon));
  const auto password = percent_decode(
      colon == std::string_view::npos ? std::string_view() : user_info.substr(colon + 1));
  if (!user || !password || user->find(':') != std::string::npos) {
    return std::nullopt;
  }
  return "Basic " + base64_encode(*user + ":" + *password);
}

}  // namespace

Result<HttpProxy, std::string> parse_http_proxy(std::string_view text) {
  constexpr std::string_view wanted = "write http://host:port or http://user:password@host:port";
  if (!text.starts_with(proxy_scheme)) {
    return "is not the http:// URL of a proxy; " + std::string(wanted);
  }
  HttpProxy proxy;
  std::string_view authority = text.substr(proxy_scheme.size());
  const std::size_t end = authority.find_first_of("/?#");
  if (end != std::string_view::npos && authority.substr(end) != "/") {
    return "has something behind the proxy's port; " + std::string(wanted);
  }
  authority = authority.substr(0, end);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    auto authorization = basic_authorization(authority.substr(0, at));
    if (!authorization) {
      return "has a user or password that is not percent-encoded well; " + std::string(wanted);
    }
    proxy.authorization = std::move(*authorization);
    authority.remove_prefix(at + 1);
  }
  auto url = parse_url(std::string(proxy_scheme) + std::string(authority));
  if (!url) {
    return "names no host that can be a proxy's; " + std::string(wanted);
  }
  proxy.url = std::move(*url);
  return proxy;
}

asio::awaitable<std::optional<HttpFailure>> open_tunnel(HttpConnection& connection,
                                                        const HttpProxy& proxy,
                                                        const PreparedRequest& request) {
  PreparedRequest asked;
  const std::string target = tunnel_target(request.url);
  asked.description = request.description + " through proxy " + proxy.url.origin();
  asked.head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.authorization.empty()) {
    asked.head += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  }
  asked.head += "\r\n";
  // The answer that opens a tunnel has no body, whatever its header says.
  asked.is_head = true;
  auto head = co_await exchange_head(connection, asked);
  if (!head) {
    co_return std::move(head).error();
  }
  const int status = head->parser->start_line().status;
  if (status < 200 || status > 299) {
    std::string cause = "the proxy refused with status " + std::to_string(status);
    if (status == 407) {
      cause += proxy.authorization.empty()
                   ? ": it wants a user and a password"
                   : ": it does not take the user and password it was given";
    }
    co_return make_http_failure(HttpFailureReason::connect, asked.description, cause);
  }
  if (!connection.buffer.empty()) {
    co_return make_http_failure(HttpFailureReason::malformed, asked.description,
                                "the proxy sent bytes that belong to nobody");
  }
  co_return std::nullopt;
}

}  // namespace scanclock
