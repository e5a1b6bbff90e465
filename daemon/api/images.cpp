#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/image_filter.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

HttpResponse list_images(const Inventory& inventory, const ApiRequest& request) {
  auto page = Page::of(request);
  if (!page) {
    return bad_parameter("limit", "a number from 1 to " + std::to_string(page_items_max));
  }
  ImageFilter filter;
  if (const auto refusal = read_image_filter(request.query, inventory, filter)) {
    return bad_parameter(refusal->parameter, refusal->expected);
  }
  auto position = inventory.images().begin();
  if (!page->after().empty()) {
    const auto after = Digest::parse(page->after());
    if (!after) {
      return bad_parameter("next", "the value of next in the page before");
    }
    position = inventory.images().upper_bound(*after);
  }
  for (; position != inventory.images().end(); ++position) {
    const ImageRecord& image = position->second;
    if (filter.passes(image) && !page->add(image.digest.str(), image_json(inventory, image))) {
      break;
    }
  }
  return std::move(*page).response("images");
}

}  // namespace

void add_image_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/images";
  route.summary = "Unique images with their state, places and newest scan.";
  route.parameters = {"state", "running", "registry", "repository", "owner",
                      "q",     "due_on",  "limit",    "next"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return list_images(context.engine.inventory(), request);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
