#include "core/registry/push_event.hpp"

#include "core/net/url.hpp"
#include "core/registry/bounded_json.hpp"
#include "core/registry/media_types.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;
using Events = std::vector<PushEvent>;

std::optional<TimePoint> set_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time && is_set(*time) ? time : std::nullopt;
}

Digest digest_field(const json& object, const char* name) {
  return Digest::parse(text_field(object, name)).value_or(Digest());
}

bool is_manifest_type(const std::string& media_type) {
  // Blobs come in the same stream. An event without a type is Azure's of a chart or an artifact.
  return media_type.find("manifest") != std::string::npos || is_index_type(media_type);
}

std::optional<PushEvent> read_distribution_event(const json& item) {
  if (!item.is_object() || text_field(item, "action") != "push") {
    return std::nullopt;
  }
  const json& target = object_field(item, "target");
  PushEvent event;
  event.repository = text_field(target, "repository");
  if (event.repository.empty() || !is_manifest_type(text_field(target, "mediaType"))) {
    return std::nullopt;
  }
  event.host = text_field(object_field(item, "request"), "host");
  if (event.host.empty()) {
    const auto url = parse_url(text_field(target, "url"));
    event.host = url ? url->authority() : std::string();
  }
  event.digest = digest_field(target, "digest");
  event.tag = text_field(target, "tag");
  event.pushed_at = set_time(text_field(item, "timestamp"));
  return event;
}

Events read_distribution_events(const json& body) {
  Events events;
  if (body.contains("action")) {
    if (auto event = read_distribution_event(body)) {
      events.push_back(std::move(*event));
    }
    return events;
  }
  for (const json& item : array_field(body, "events")) {
    if (auto event = read_distribution_event(item)) {
      events.push_back(std::move(*event));
    }
  }
  return events;
}

/// `harbor.example/project/app:1.0` or `…@sha256:…`.
std::string host_of_resource(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::string rest = scheme == std::string::npos ? url : url.substr(scheme + 3);
  const std::size_t slash = rest.find('/');
  return slash == std::string::npos ? std::string() : rest.substr(0, slash);
}

Events read_harbor_event(const json& body) {
  const bool is_cloud_event = body.contains("specversion");
  const std::string type = text_field(body, "type");
  const bool is_push = type == "PUSH_ARTIFACT" || type == "harbor.artifact.pushed";
  const bool is_scan = type == "SCANNING_COMPLETED" || type == "harbor.scan.completed";
  if (!is_push && !is_scan) {
    return {};
  }
  std::optional<TimePoint> at;
  if (is_cloud_event) {
    at = set_time(text_field(body, "time"));
  } else if (const auto seconds = body.find("occur_at");
             seconds != body.end() && seconds->is_number_integer()) {
    constexpr std::int64_t seconds_max = 100'000'000'000;
    const auto count = seconds->get<std::int64_t>();
    if (count > 0 && count < seconds_max) {
      at = TimePoint(std::chrono::seconds(count));
    }
  }
  const json& data = object_field(body, is_cloud_event ? "data" : "event_data");
  Events events;
  for (const json& resource : array_field(data, "resources")) {
    PushEvent event;
    event.repository = text_field(object_field(data, "repository"), "repo_full_name");
    if (!resource.is_object() || event.repository.empty()) {
      continue;
    }
    event.host = host_of_resource(text_field(resource, "resource_url"));
    event.digest = digest_field(resource, "digest");
    // Of an untagged artifact Harbor gives the digest as its tag.
    const std::string tag = text_field(resource, "tag");
    event.tag = tag.find(':') == std::string::npos ? tag : std::string();
    event.pushed_at = is_push ? at : std::nullopt;
    events.push_back(std::move(event));
  }
  return events;
}

Events read_zot_event(const json& body, const CloudEventHead& head) {
  const bool is_structured = body.contains("specversion");
  const std::string type = is_structured ? text_field(body, "type") : head.type;
  const bool is_push = type == "zotregistry.image.updated";
  if (!is_push && type != "zotregistry.image.scanned") {
    return {};
  }
  const json& data = is_structured ? object_field(body, "data") : body;
  PushEvent event;
  event.repository = text_field(data, "name");
  if (event.repository.empty()) {
    return {};
  }
  event.digest = digest_field(data, "digest");
  const std::string reference = text_field(data, "reference");
  event.tag = reference.find(':') == std::string::npos ? reference : std::string();
  if (is_push) {
    event.pushed_at = set_time(is_structured ? text_field(body, "time") : head.time);
  }
  return {event};
}

Events read_quay_event(const json& body) {
  PushEvent event;
  event.repository = text_field(body, "repository");
  if (event.repository.empty()) {
    return {};
  }
  event.host = host_of_resource(text_field(body, "docker_url"));
  Events events;
  // A list of tags, or, in old versions, a map from tags.
  for (const char* name : {"updated_tags", "tags"}) {
    const auto tags = body.find(name);
    if (tags == body.end() || !tags->is_structured()) {
      continue;
    }
    for (const auto& [key, value] : tags->items()) {
      event.tag = tags->is_object() ? key : value.is_string() ? value.get<std::string>() : "";
      events.push_back(event);
    }
  }
  if (events.empty()) {
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

std::optional<PushEventKind> parse_push_event_kind(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, PushEventKind>, 4> kinds{
      {{"distribution", PushEventKind::distribution},
       {"harbor", PushEventKind::harbor},
       {"zot", PushEventKind::zot},
       {"quay", PushEventKind::quay}}};
  for (const auto& [name, kind] : kinds) {
    if (name == text) {
      return kind;
    }
  }
  return std::nullopt;
}

Result<Events, std::string> parse_push_events(PushEventKind kind, std::string_view body,
                                              const CloudEventHead& head) {
  json document;
  std::string defect = parse_registry_object(body, document);
  if (!defect.empty()) {
    return defect;
  }
  Events events;
  switch (kind) {
    case PushEventKind::distribution:
      events = read_distribution_events(document);
      break;
    case PushEventKind::harbor:
      events = read_harbor_event(document);
      break;
    case PushEventKind::zot:
      events = read_zot_event(document, head);
      break;
    case PushEventKind::quay:
      events = read_quay_event(document);
      break;
  }
  if (events.size() > push_events_max) {
    return "more than " + std::to_string(push_events_max) + " events";
  }
  return events;
}

}  // namespace scanclock
