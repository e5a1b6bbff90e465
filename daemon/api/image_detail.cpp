#include "core/domain/image_reference.hpp"
#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/evidence_json.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/evidence_view.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace scanclock {
namespace {

/// Of the evidence of an image, the newest first, and of its containers, of which
/// /api/v1/containers?image= lists all.
constexpr std::size_t detail_items_max = 500;

nlohmann::json graph_json(const Inventory& inventory, const Digest& image) {
  nlohmann::json indexes = nlohmann::json::array();
  for (const Digest& index : inventory.graph().indexes_above(image)) {
    nlohmann::json item;
    item["digest"] = index.str();
    item["platforms"] = nlohmann::json::array();
    for (const ManifestChild& child : inventory.graph().runnable_children(index)) {
      nlohmann::json entry;
      entry["digest"] = child.digest.str();
      entry["platform"] = to_string(child.platform);
      item["platforms"].push_back(std::move(entry));
    }
    indexes.push_back(std::move(item));
  }
  nlohmann::json graph;
  graph["manifest"] = image.str();
  graph["config"] = inventory.graph().find(image)->config.str();
  graph["config_identifies"] = inventory.graph().find(image)->config_identifies;
  graph["indexes"] = std::move(indexes);
  return graph;
}

/// Images and their evidence stay where they are; what they say may change during a pause.
asio::awaitable<std::string> evidence_text(const Inventory& inventory, const ImageRecord& image) {
  const std::vector<const EvidenceRecord*> records = inventory.evidence_of(image.digest);
  const std::size_t listed = std::min(records.size(), detail_items_max);
  std::string text = ",\"evidence_total\":" + std::to_string(records.size()) + ",\"evidence\":[";
  for (std::size_t index = 0; index < listed; ++index) {
    const EvidenceRecord& record = *records[index];
    nlohmann::json item = evidence_json(record, inventory.scope());
    item["covers"] = covers_image(inventory, image, record);
    item["is_last_scan"] = image.last_scan == key_of(record.evidence);
    item["why"] = why_it_counts(inventory, image, record);
    text += (index == 0 ? "" : ",") + json_text(item);
    if (index % json_items_at_once == 0) {
      co_await let_others_run();
    }
  }
  co_return text + "]";
}

asio::awaitable<std::string> containers_text(ApiContext& context, Digest image) {
  const Inventory& inventory = context.engine.inventory();
  std::vector<ContainerKey> keys;
  const std::vector<const ContainerRecord*> running = inventory.containers_of(image);
  std::string text = ",\"containers_total\":" + std::to_string(running.size());
  for (std::size_t index = 0; index < std::min(running.size(), detail_items_max); ++index) {
    keys.push_back(running[index]->key());
  }
  text += ",\"containers\":[";
  std::size_t listed = 0;
  for (const ContainerKey& key : keys) {
    // It may have ended during a pause.
    const ContainerRecord* container = inventory.containers().find(key.source, key.id);
    if (container == nullptr) {
      continue;
    }
    text += (listed == 0 ? "" : ",") +
            json_text(container_json(inventory, context.engine.sources(), *container));
    if (++listed % json_items_at_once == 0) {
      co_await let_others_run();
    }
  }
  co_return text + "]";
}

asio::awaitable<HttpResponse> image_detail(ApiContext& context, std::string argument) {
  const Inventory& inventory = context.engine.inventory();
  const auto digest = Digest::parse(argument);
  const ImageRecord* image = digest ? inventory.image(*digest) : nullptr;
  if (image == nullptr) {
    co_return problem(404, "unknown_image",
                      "no unique image has this digest; indexes and tags are found with "
                      "/api/v1/images?q=");
  }
  nlohmann::json body = image_json(inventory, *image);
  body["graph"] = graph_json(inventory, image->digest);
  body["alerts"] = nlohmann::json::array();
  for (const Alert* alert : context.alerting.alerts_in_place()) {
    if (alert->key.subject == argument) {
      body["alerts"].push_back(alert_json(*alert, {}));
    }
  }
  std::string text = json_text(body);
  text.pop_back();
  text += co_await evidence_text(inventory, *image);
  text += co_await containers_text(context, image->digest);
  co_return text_response(200, "application/json", text + "}\n");
}

asio::awaitable<HttpResponse> refresh_image(ApiContext& context, ApiRequest request) {
  const auto digest = Digest::parse(request.argument);
  if (!digest) {
    co_return bad_parameter("digest", "sha256:<64 hex digits>");
  }
  std::set<RepositoryKey> places;
  if (const auto reference = parse_image_reference(request.parameter("image"))) {
    for (const RegistryScope& registry : context.engine.inventory().scope().registries) {
      if (registry.host == reference->host) {
        places.insert({registry.name, reference->repository});
      }
    }
  }
  for (const Digest& known : context.engine.inventory().images_of(*digest)) {
    if (const ImageRecord* image = context.engine.inventory().image(known)) {
      for (const auto& [key, location] : image->locations) {
        places.insert(key);
      }
    }
  }
  if (places.empty()) {
    co_return problem(404, "unknown_image",
                      "nothing is known of this digest; name its repository with ?image=REF");
  }
  nlohmann::json body;
  body["asked"] = nlohmann::json::array();
  body["failures"] = nlohmann::json::array();
  for (const RepositoryKey& place : places) {
    std::string failure = co_await context.refresh(place, digest->str());
    body["asked"].push_back(place.registry + "/" + place.repository);
    if (!failure.empty()) {
      body["failures"].push_back(std::move(failure));
    }
  }
  const bool stored = co_await context.engine.stored(std::chrono::seconds(10));
  body["stored"] = stored;
  co_return json_response(body["failures"].empty() ? 200 : 502, body);
}

}  // namespace

void add_image_detail_calls(Router& router, ApiContext& context) {
  Route detail;
  detail.method = "GET";
  detail.path = "/api/v1/images/{digest}";
  detail.summary = "One unique image with its evidence, decisions, graph, containers and alerts.";
  detail.role = Role::read;
  detail.handle = [&context](ApiRequest request) {
    return image_detail(context, std::move(request.argument));
  };
  router.add(std::move(detail));

  Route refresh;
  refresh.method = "POST";
  refresh.path = "/api/v1/images/{digest}/refresh";
  refresh.summary = "Asks the registry and the evidence sources about this digest now.";
  refresh.parameters = {"image"};
  refresh.role = Role::submit;
  refresh.handle = [&context](ApiRequest request) {
    return refresh_image(context, std::move(request));
  };
  router.add(std::move(refresh));
}

}  // namespace scanclock
