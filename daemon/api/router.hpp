#pragma once

#include "config/settings.hpp"
#include "core/net/http_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A request after routing and authentication.
struct ApiRequest {
  ApiRequest() = default;
  HttpServerRequest http;
  /// What stood for `{…}` in the route's path, decoded.
  std::string argument;
  std::map<std::string, std::string> query;
  /// Name of the token that was sent; empty for anonymous requests.
  std::string principal;

  /// The query parameter, empty when absent.
  const std::string& parameter(const std::string& name) const;
};

/// One call of the API; also the source of its OpenAPI description.
struct Route {
  std::string method;
  /// `/api/v1/images/{digest}`; at most one argument, which may hold anything but a slash.
  std::string path;
  std::string summary;
  std::vector<std::string> parameters;
  /// The role that a token must have at least; nothing: open to everybody, always.
  std::optional<Role> role;
  /// The shared secret of push events opens it, too.
  bool takes_event_secret = false;
  std::function<boost::asio::awaitable<HttpResponse>(ApiRequest)> handle;
};

/// Finds the route of a request and checks the right to call it. Errors are problem details
/// (RFC 9457). HEAD is answered like GET.
class Router {
 public:
  void add(Route route);
  const std::vector<Route>& routes() const { return routes_; }

  /// Tokens and anonymous reading may change on reload.
  void set_access(std::vector<TokenSettings> tokens, bool anonymous_read);
  void set_event_secret(Secret secret) { event_secret_ = std::move(secret); }

  boost::asio::awaitable<HttpResponse> handle(HttpServerRequest request) const;

 private:
  std::optional<HttpResponse> refuse(const Route& route, const HttpServerRequest& request,
                                     std::string& principal) const;

  std::vector<Route> routes_;
  std::vector<TokenSettings> tokens_;
  bool anonymous_read_ = true;
  Secret event_secret_;
};

HttpResponse json_response(int status, const nlohmann::json& body);
/// `reason` is a stable word for programs, `detail` a sentence for people.
HttpResponse problem(int status, std::string_view reason, std::string_view detail);
HttpResponse text_response(int status, std::string content_type, std::string body);

}  // namespace scanclock
