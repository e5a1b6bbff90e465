#include "daemon/api/context.hpp"

#include <nlohmann/json.hpp>

#include <cctype>

namespace scanclock {
namespace {

nlohmann::json parameter_json(const std::string& name, std::string_view place, bool required) {
  nlohmann::json item;
  item["name"] = name;
  item["in"] = place;
  item["required"] = required;
  item["schema"]["type"] = "string";
  return item;
}

std::string in_lower_case(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return text;
}

/// The description is made from the routes themselves, so that it cannot fall behind them.
nlohmann::json describe(const std::vector<Route>& routes) {
  nlohmann::json document;
  document["openapi"] = "3.0.3";
  document["info"]["title"] = "Scanclock";
  document["info"]["version"] = SCANCLOCK_VERSION;
  document["paths"] = nlohmann::json::object();
  nlohmann::json bearer;
  bearer["type"] = "http";
  bearer["scheme"] = "bearer";
  document["components"]["securitySchemes"]["token"] = std::move(bearer);
  for (const Route& route : routes) {
    nlohmann::json operation;
    operation["summary"] = route.summary;
    operation["parameters"] = nlohmann::json::array();
    if (const auto open = route.path.find('{'); open != std::string::npos) {
      const std::string name = route.path.substr(open + 1, route.path.find('}') - open - 1);
      operation["parameters"].push_back(parameter_json(name, "path", true));
    }
    for (const std::string& parameter : route.parameters) {
      operation["parameters"].push_back(parameter_json(parameter, "query", false));
    }
    if (route.role && *route.role != Role::read) {
      nlohmann::json requirement;
      requirement["token"] = nlohmann::json::array();
      operation["security"].push_back(std::move(requirement));
    }
    if (route.method == "POST") {
      nlohmann::json any;
      any["*/*"]["schema"]["type"] = "string";
      operation["requestBody"]["content"] = std::move(any);
    }
    operation["responses"]["200"]["description"] = "The answer.";
    operation["responses"]["default"]["description"] = "Problem details (RFC 9457).";
    document["paths"][route.path][in_lower_case(route.method)] = std::move(operation);
  }
  return document;
}

}  // namespace

void add_openapi_call(Router& router) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/openapi.json";
  route.summary = "This description.";
  route.role = Role::read;
  std::vector<Route> described = router.routes();
  described.push_back(route);
  const std::string text = describe(described).dump(2) + "\n";
  route.handle = [text](ApiRequest) -> asio::awaitable<HttpResponse> {
    co_return text_response(200, "application/json", text);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
