#include "daemon/api/context.hpp"

#include <utility>

namespace scanclock {

void add_call(Router& router, ApiContext& context, std::string method, std::string path,
              ApiCall call, std::string summary, std::vector<std::string> parameters) {
  Route route;
  route.role = method == "GET" ? Role::read : Role::admin;
  route.method = std::move(method);
  route.path = std::move(path);
  route.summary = std::move(summary);
  route.parameters = std::move(parameters);
  route.handle = [&context, call](ApiRequest request) { return call(context, std::move(request)); };
  router.add(std::move(route));
}

}  // namespace scanclock
