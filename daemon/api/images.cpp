#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace scanclock {
namespace {

struct ImageFilter {
  std::optional<State> state;
  std::optional<bool> running;
  std::string registry;
  std::string repository;
  std::string owner;
  std::string text;
  /// The images that `text` stands for where it is a digest, an index's or config's among them.
  std::vector<Digest> named;

  bool passes(const ImageRecord& image) const {
    const auto any_location = [&](auto&& predicate) {
      return std::any_of(image.locations.begin(), image.locations.end(),
                         [&](const auto& entry) { return predicate(entry.second); });
    };
    if ((state && image.state != *state) || (running && image.running != *running) ||
        (!owner.empty() && image.owner != owner)) {
      return false;
    }
    if (!registry.empty() && !any_location([&](const Location& location) {
          return location.key.registry == registry || location.host == registry;
        })) {
      return false;
    }
    if (!repository.empty() && !any_location([&](const Location& location) {
          return glob_match(repository, location.key.repository);
        })) {
      return false;
    }
    return text.empty() || image.digest.str().find(text) != std::string::npos ||
           std::binary_search(named.begin(), named.end(), image.digest) ||
           any_location([&](const Location& location) {
             return (location.host + "/" + location.key.repository).find(text) !=
                        std::string::npos ||
                    std::any_of(location.tags.begin(), location.tags.end(),
                                [&](const std::string& tag) {
                                  return (location.key.repository + ":" + tag).find(text) !=
                                         std::string::npos;
                                });
           });
  }
};

HttpResponse list_images(const Inventory& inventory, const ApiRequest& request) {
  auto page = Page::of(request);
  if (!page) {
    return bad_parameter("limit", "a number from 1 to " + std::to_string(page_items_max));
  }
  ImageFilter filter;
  if (const std::string& state = request.parameter("state"); !state.empty()) {
    filter.state = parse_state(state);
    if (!filter.state) {
      return bad_parameter("state", "fresh, due_soon, overdue or never_scanned");
    }
  }
  if (const std::string& running = request.parameter("running"); !running.empty()) {
    if (running != "true" && running != "false") {
      return bad_parameter("running", "true or false");
    }
    filter.running = running == "true";
  }
  filter.registry = request.parameter("registry");
  filter.repository = request.parameter("repository");
  filter.owner = request.parameter("owner");
  filter.text = request.parameter("q");
  if (const auto digest = Digest::parse(filter.text)) {
    filter.named = inventory.images_of(*digest);
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
  route.parameters = {"state", "running", "registry", "repository", "owner", "q", "limit", "next"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return list_images(context.engine.inventory(), request);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
