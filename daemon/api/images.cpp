#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/image_filter.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

asio::awaitable<HttpResponse> list_images(ApiContext& context, ApiRequest request) {
  const Inventory& inventory = context.engine.inventory();
  auto page = Page::of(request, "images");
  if (!page) {
    co_return bad_limit();
  }
  ImageFilter filter;
  if (const auto refusal = read_image_filter(request.query, inventory, filter)) {
    co_return bad_parameter(refusal->parameter, refusal->expected);
  }
  std::optional<Digest> after;
  if (!page->after().empty()) {
    after = Digest::parse(page->after());
    if (!after) {
      co_return bad_parameter("next", "the value of next in the page before");
    }
  }
  const auto list = [&](const ImageRecord& image) {
    WalkStep step;
    if (!filter.passes(image)) {
      return step;
    }
    step.is_last = !page->begin(image.digest.str());
    if (!step.is_last) {
      page->add(image_json(inventory, image));
      step.cost = json_visits;
    }
    return step;
  };
  co_await walk_images(inventory, after, list);
  co_return std::move(*page).response();
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
  route.handle = [&context](ApiRequest request) {
    return list_images(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
