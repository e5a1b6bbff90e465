#include "tests/support/kube_store.hpp"

#include "core/net/url.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr std::size_t kube_events_max = 50'000;

std::string key_of_object(const std::string& namespace_name, const std::string& name) {
  return namespace_name + "/" + name;
}

/// Etcd and the API server put 64 bits of revision and the next key into it, in base64; nobody but
/// the server reads it.
std::string continue_token(std::uint64_t revision, const std::string& next_key) {
  return std::to_string(revision) + ":" + percent_encode(next_key);
}

std::string metadata_only_json(const KubeObject& object) {
  json parsed = json::parse(*object.json);
  json partial;
  partial["metadata"] = parsed.value("metadata", json::object());
  return partial.dump();
}

std::string typed(const std::string& kind, const std::string& group_version,
                  const std::string& body) {
  return R"({"kind":")" + kind + R"(","apiVersion":")" + group_version + "\"," + body.substr(1);
}

std::uint64_t number_of(const std::string& text) { return text.empty() ? 0 : std::stoull(text); }

KubeAnswer too_large_version(std::uint64_t asked, std::uint64_t current) {
  return kube_status(504, "Timeout",
                     "Timeout: Too large resource version: " + std::to_string(asked) +
                         ", current: " + std::to_string(current),
                     R"({"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large )"
                     R"(resource version"}],"retryAfterSeconds":1})");
}

}  // namespace

std::string KubeResource::root() const {
  return (group_version == "v1" ? "/api/" : "/apis/") + group_version;
}

std::string KubeResource::group() const {
  const auto slash = group_version.find('/');
  return slash == std::string::npos ? std::string() : group_version.substr(0, slash);
}

const std::vector<KubeResource>& kube_resources() {
  static const std::vector<KubeResource> all{
      {"pods", "Pod", "v1", true},
      {"nodes", "Node", "v1", false},
      {"replicasets", "ReplicaSet", "apps/v1", true},
      {"jobs", "Job", "batch/v1", true},
      {"vulnerabilityreports", "VulnerabilityReport", "aquasecurity.github.io/v1alpha1", true}};
  return all;
}

const KubeResource* find_kube_resource(std::string_view plural) {
  for (const KubeResource& resource : kube_resources()) {
    if (resource.plural == plural) {
      return &resource;
    }
  }
  return nullptr;
}

KubeAnswer kube_status(int code, std::string_view reason, std::string_view message,
                       std::string_view details) {
  json status{{"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", json::object()},
              {"status", "Failure"}, {"message", message}, {"reason", reason},
              {"code", code}};
  if (!details.empty()) {
    status["details"] = json::parse(details);
  }
  return KubeAnswer{code, status.dump()};
}

void KubeStore::put(const std::string& resource, std::string_view text) {
  json object = json::parse(text);
  object.erase("kind");
  object.erase("apiVersion");
  object["metadata"]["resourceVersion"] = std::to_string(next_revision());
  KubeObject stored;
  stored.namespace_name = object["metadata"].value("namespace", "");
  stored.name = object["metadata"].at("name");
  if (object.contains("status") && object["status"].is_object()) {
    stored.phase = object["status"].value("phase", "");
  }
  if (object.contains("spec") && object["spec"].is_object()) {
    stored.node = object["spec"].value("nodeName", "");
  }
  stored.json = std::make_shared<const std::string>(object.dump());
  put_raw(resource, std::move(stored));
}

void KubeStore::put_raw(const std::string& resource, KubeObject object) {
  Shelf& shelf = shelves_[resource];
  object.resource_version = ++revision_;
  KubeObject& place = shelf.objects[key_of_object(object.namespace_name, object.name)];
  KubeEvent event;
  event.type = place.json ? "MODIFIED" : "ADDED";
  if (place.json) {
    event.before = place;
  }
  place = object;
  event.object = std::move(object);
  record(shelf, std::move(event));
}

void KubeStore::remove(const std::string& resource, const std::string& namespace_name,
                       const std::string& name) {
  Shelf& shelf = shelves_[resource];
  const auto found = shelf.objects.find(key_of_object(namespace_name, name));
  if (found == shelf.objects.end()) {
    throw std::logic_error("no object " + namespace_name + "/" + name);
  }
  // A deletion has a revision of its own, which the last object carries.
  KubeObject last = found->second;
  json object = json::parse(*last.json);
  object["metadata"]["resourceVersion"] = std::to_string(next_revision());
  last.json = std::make_shared<const std::string>(object.dump());
  remove_raw(resource, std::move(last));
}

void KubeStore::remove_raw(const std::string& resource, KubeObject last) {
  Shelf& shelf = shelves_[resource];
  const auto found = shelf.objects.find(key_of_object(last.namespace_name, last.name));
  if (found == shelf.objects.end()) {
    throw std::logic_error("no object " + last.namespace_name + "/" + last.name);
  }
  KubeEvent event;
  event.type = "DELETED";
  event.before = std::move(found->second);
  shelf.objects.erase(found);
  last.resource_version = ++revision_;
  event.object = std::move(last);
  record(shelf, std::move(event));
}

void KubeStore::record(Shelf& shelf, KubeEvent event) {
  event.resource_version = revision_;
  shelf.events.push_back(std::move(event));
  if (shelf.events.size() > kube_events_max) {
    oldest_ = std::max(oldest_, shelf.events.front().resource_version);
    shelf.events.pop_front();
  }
}

void KubeStore::turn_back(std::uint64_t revision) {
  revision_ = revision;
  oldest_ = std::min(oldest_, revision);
  for (auto& [name, shelf] : shelves_) {
    std::erase_if(shelf.events,
                  [&](const KubeEvent& event) { return event.resource_version > revision; });
  }
}

void KubeStore::forget_events() {
  for (auto& [name, shelf] : shelves_) {
    shelf.events.clear();
  }
  // A revision of its own, so that even who is up to date is too old.
  oldest_ = ++revision_;
}

KubeAnswer KubeStore::list(const KubeQuery& query) const {
  const std::uint64_t asked = number_of(query.parameter("resourceVersion"));
  if (asked > revision_) {
    return too_large_version(asked, revision_);
  }
  std::uint64_t revision = revision_;
  std::string start;
  if (const std::string token = query.parameter("continue"); !token.empty()) {
    const auto colon = token.find(':');
    const auto key = percent_decode(token.substr(colon + 1));
    if (colon == std::string::npos || !key) {
      return kube_status(400, "BadRequest", "invalid continue token");
    }
    revision = std::stoull(token.substr(0, colon));
    if (is_too_old(revision)) {
      return kube_status(410, "Expired",
                         "The provided continue parameter is too old to display a consistent "
                         "list result.");
    }
    start = *key;
  }
  const std::size_t limit = number_of(query.parameter("limit"));
  std::string items;
  std::size_t count = 0;
  std::string next;
  const auto shelf = shelves_.find(query.resource->plural);
  if (shelf != shelves_.end()) {
    const auto& objects = shelf->second.objects;
    for (auto entry = objects.lower_bound(start); entry != objects.end(); ++entry) {
      if (!query.selects(entry->second)) {
        continue;
      }
      if (limit != 0 && count == limit) {
        next = continue_token(revision, entry->first);
        break;
      }
      items += count++ == 0 ? "" : ",";
      items += query.metadata_only ? typed("PartialObjectMetadata", "meta.k8s.io/v1",
                                           metadata_only_json(entry->second))
                                   : *entry->second.json;
    }
  }
  std::string head = query.metadata_only
                         ? R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1")"
                         : R"({"kind":")" + query.resource->kind + R"(List","apiVersion":")" +
                               query.resource->group_version + "\"";
  head += R"(,"metadata":{"resourceVersion":")" + std::to_string(revision) + "\"";
  if (!next.empty()) {
    head += R"(,"continue":)" + json(next).dump();
  }
  return KubeAnswer{200, head + R"(},"items":[)" + items + "]}\n"};
}

std::optional<KubeAnswer> KubeStore::refuse_watch(const KubeQuery& query) const {
  if (!query.parameter("sendInitialEvents").empty() && !streams_lists) {
    return kube_status(422, "Invalid",
                       "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: "
                       "sendInitialEvents is forbidden for watch");
  }
  const std::uint64_t asked = number_of(query.parameter("resourceVersion"));
  if (asked > revision_) {
    return too_large_version(asked, revision_);
  }
  return std::nullopt;
}

std::string KubeStore::document(const KubeQuery& query, std::string_view type,
                                const KubeObject& object) const {
  const std::string body =
      query.metadata_only
          ? typed("PartialObjectMetadata", "meta.k8s.io/v1", metadata_only_json(object))
          : typed(query.resource->kind, query.resource->group_version, *object.json);
  return R"({"type":")" + std::string(type) + R"(","object":)" + body + "}\n";
}

std::vector<std::string> KubeStore::initial_documents(const KubeQuery& query) const {
  std::vector<std::string> documents;
  const bool streaming = !query.parameter("sendInitialEvents").empty();
  if (number_of(query.parameter("resourceVersion")) != 0 && !streaming) {
    return documents;
  }
  const auto shelf = shelves_.find(query.resource->plural);
  if (shelf != shelves_.end()) {
    for (const auto& [key, object] : shelf->second.objects) {
      if (query.selects(object)) {
        documents.push_back(document(query, "ADDED", object));
      }
    }
  }
  if (streaming) {
    documents.push_back(bookmark(query, true));
  }
  return documents;
}

std::vector<std::string> KubeStore::documents_after(const KubeQuery& query,
                                                    std::uint64_t& revision) const {
  std::vector<std::string> documents;
  const auto shelf = shelves_.find(query.resource->plural);
  if (shelf == shelves_.end()) {
    return documents;
  }
  const std::deque<KubeEvent>& events = shelf->second.events;
  const auto first = std::upper_bound(
      events.begin(), events.end(), revision,
      [](std::uint64_t value, const KubeEvent& event) { return value < event.resource_version; });
  for (auto event = first; event != events.end(); ++event) {
    revision = event->resource_version;
    const bool is_in = event->type != "DELETED" && query.selects(event->object);
    const bool was_in = event->before && query.selects(*event->before);
    if (is_in) {
      documents.push_back(document(query, was_in ? "MODIFIED" : "ADDED", event->object));
    } else if (was_in) {
      // What leaves the selection is deleted as far as this watch goes, in its new form.
      documents.push_back(document(query, "DELETED", event->object));
    }
  }
  return documents;
}

std::string KubeStore::bookmark(const KubeQuery& query, bool ends_initial_events) const {
  std::string metadata =
      R"("resourceVersion":")" + std::to_string(revision_) + R"(","creationTimestamp":null)";
  if (ends_initial_events) {
    metadata += R"(,"annotations":{"k8s.io/initial-events-end":"true"})";
  }
  const bool is_pod = query.resource->kind == "Pod" && !query.metadata_only;
  return R"({"type":"BOOKMARK","object":{"kind":")" +
         (query.metadata_only ? "PartialObjectMetadata" : query.resource->kind) +
         R"(","apiVersion":")" +
         (query.metadata_only ? "meta.k8s.io/v1" : query.resource->group_version) +
         R"(","metadata":{)" + metadata + "}" +
         (is_pod ? R"(,"spec":{"containers":null},"status":{})" : "") + "}}\n";
}

std::string KubeStore::expired_document(std::uint64_t revision) const {
  const KubeAnswer status = kube_status(410, "Expired",
                                        "too old resource version: " + std::to_string(revision) +
                                            " (" + std::to_string(oldest_) + ")");
  return R"({"type":"ERROR","object":)" + status.body + "}\n";
}

}  // namespace scanclock
