#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

/// Container IDs hold no blank, so the two parts of a key come apart again.
std::string page_key(const ContainerKey& key) { return key.source + " " + key.id; }

ContainerKey key_of_page(const std::string& text) {
  const auto blank = text.rfind(' ');
  return {text.substr(0, blank), blank == std::string::npos ? "" : text.substr(blank + 1)};
}

HttpResponse list_containers(const Inventory& inventory, const ApiRequest& request) {
  auto page = Page::of(request);
  if (!page) {
    return bad_parameter("limit", "a number from 1 to " + std::to_string(page_items_max));
  }
  std::optional<Verdict> verdict;
  if (const std::string& text = request.parameter("verdict"); !text.empty()) {
    verdict = parse_verdict(text);
    if (!verdict) {
      return bad_parameter("verdict",
                           "compliant, expiring, overdue, never_scanned, platform_unproven, "
                           "ambiguous, conflict or unresolved");
    }
  }
  const std::string& source = request.parameter("source");
  const std::string& namespace_name = request.parameter("namespace");
  const std::string& owner = request.parameter("owner");
  auto position = inventory.containers().begin();
  if (!page->after().empty()) {
    position = inventory.containers().upper_bound(key_of_page(page->after()));
  }
  for (; position != inventory.containers().end(); ++position) {
    const ContainerRecord& container = position->second;
    const bool passes =
        !container.ended_at && (!verdict || container.verdict == *verdict) &&
        (source.empty() || container.key.source == source) &&
        (namespace_name.empty() || container.observation.namespace_name == namespace_name) &&
        (owner.empty() || container.owner == owner);
    if (passes && !page->add(page_key(container.key), container_json(inventory, container))) {
      break;
    }
  }
  return std::move(*page).response("containers");
}

}  // namespace

void add_container_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/containers";
  route.summary = "Running containers, the image each was joined to, and the verdict.";
  route.parameters = {"verdict", "source", "namespace", "owner", "limit", "next"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return list_containers(context.engine.inventory(), request);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
