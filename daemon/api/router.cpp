#include "daemon/api/router.hpp"

#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"
#include "daemon/api/event_secret.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view bearer_prefix = "Bearer ";

std::string_view status_title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

/// The argument when `path` fits the route, which may be empty; nothing when it does not.
std::optional<std::string> match_path(std::string_view route, std::string_view path) {
  const auto open = route.find('{');
  if (open == std::string_view::npos) {
    return route == path ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view prefix = route.substr(0, open);
  const std::string_view suffix = route.substr(route.find('}') + 1);
  if (path.size() <= prefix.size() + suffix.size() || !path.starts_with(prefix) ||
      !path.ends_with(suffix)) {
    return std::nullopt;
  }
  const std::string_view argument =
      path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  if (argument.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  return percent_decode(argument);
}

}  // namespace

const std::string& ApiRequest::parameter(const std::string& name) const {
  static const std::string absent;
  const auto found = query.find(name);
  return found == query.end() ? absent : found->second;
}

void Router::add(Route route) { routes_.push_back(std::move(route)); }

void Router::set_access(std::vector<TokenSettings> tokens, bool anonymous_read) {
  tokens_ = std::move(tokens);
  anonymous_read_ = anonymous_read;
}

std::optional<HttpResponse> Router::refuse(const Route& route, const HttpServerRequest& request,
                                           std::string& principal) const {
  if (!route.role) {
    return std::nullopt;
  }
  if (route.takes_event_secret && carries_event_secret(request, event_secret_.reveal())) {
    return std::nullopt;
  }
  const auto header = request.header("Authorization");
  if (!header) {
    if (*route.role == Role::read && anonymous_read_) {
      return std::nullopt;
    }
    if (route.method != "GET") {
      return problem(403, "token_required",
                     "changing anything needs a token of server.tokens: Authorization: Bearer …");
    }
    HttpResponse response =
        problem(401, "token_required", "reading needs a token: Authorization: Bearer …");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"scanclock\"");
    return response;
  }
  const TokenSettings* known = nullptr;
  if (header->starts_with(bearer_prefix)) {
    const std::string_view sent = header->substr(bearer_prefix.size());
    for (const TokenSettings& token : tokens_) {
      if (equal_constant_time(token.token.reveal(), sent)) {
        known = &token;
      }
    }
  }
  if (known == nullptr) {
    HttpResponse response =
        problem(401, "token_unknown", "this token is not among those of server.tokens");
    response.headers.emplace_back("WWW-Authenticate",
                                  "Bearer realm=\"scanclock\", error=\"invalid_token\"");
    return response;
  }
  if (known->role < *route.role) {
    return problem(403, "role_too_low", "token " + known->name + " may not do this");
  }
  principal = known->name;
  return std::nullopt;
}

boost::asio::awaitable<HttpResponse> Router::handle(HttpServerRequest request) const {
  const auto question = request.target.find('?');
  const std::string path = request.target.substr(0, question);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  bool path_known = false;
  for (const Route& route : routes_) {
    auto argument = match_path(route.path, path);
    if (!argument) {
      continue;
    }
    path_known = true;
    if (route.method != method) {
      continue;
    }
    ApiRequest call;
    if (auto refusal = refuse(route, request, call.principal)) {
      co_return std::move(*refusal);
    }
    call.argument = std::move(*argument);
    if (question != std::string::npos) {
      call.query = parse_query(std::string_view(request.target).substr(question + 1));
    }
    call.http = std::move(request);
    co_return co_await route.handle(std::move(call));
  }
  if (path_known) {
    co_return problem(405, "method_not_allowed", method + " is not possible on " + path);
  }
  co_return problem(404, "no_such_path", "nothing is served at this path");
}

HttpResponse json_response(int status, const nlohmann::json& body) {
  return text_response(status, "application/json",
                       body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

HttpResponse problem(int status, std::string_view reason, std::string_view detail) {
  nlohmann::json body;
  body["type"] = "about:blank";
  body["title"] = status_title(status);
  body["status"] = status;
  body["reason"] = reason;
  body["detail"] = detail;
  HttpResponse response = json_response(status, body);
  response.headers.front().value = "application/problem+json";
  return response;
}

HttpResponse text_response(int status, std::string content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

}  // namespace scanclock
