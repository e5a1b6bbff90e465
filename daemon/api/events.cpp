#include "core/net/url.hpp"
#include "core/registry/push_event.hpp"
#include "core/runtime/log.hpp"
#include "daemon/api/context.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <utility>

namespace scanclock {
namespace {

struct EventOutcome {
  std::size_t matched = 0;
  std::size_t dated = 0;
};

/// The registry that an event is about: the one that the sender's URL names, or else the one whose
/// host the event names.
const RegistryScope* registry_of(const Inventory& inventory, const std::string& named,
                                 const std::string& host) {
  for (const RegistryScope& registry : inventory.scope().registries) {
    if (named.empty() ? (!host.empty() && registry.host == host) : registry.name == named) {
      return &registry;
    }
  }
  return nullptr;
}

/// A hint, never the truth: it may date the entry of an image and hastens the next look at its
/// repository. It creates no image and moves no clock.
EventOutcome apply_events(ApiContext& context, const std::string& named,
                          const std::vector<PushEvent>& events) {
  EventOutcome outcome;
  std::set<std::pair<RepositoryKey, std::string>> hastened;
  Inventory& inventory = context.engine.inventory();
  const TimePoint now = context.clock.now();
  for (const PushEvent& event : events) {
    const RegistryScope* registry = registry_of(inventory, named, event.host);
    if (registry == nullptr) {
      continue;
    }
    ++outcome.matched;
    const RepositoryKey key{registry->name, event.repository};
    if (event.pushed_at && !event.digest.empty()) {
      ++outcome.dated;
      inventory.note_pushed(key, event.digest, *event.pushed_at, EntryBasis::push_event, now);
    }
    if (hastened.emplace(key, event.tag).second) {
      context.hasten(key, event.tag);
    }
  }
  if (outcome.dated > 0) {
    context.engine.wake();
  }
  return outcome;
}

HttpResponse take_events(ApiContext& context, const ApiRequest& request) {
  const auto kind = parse_push_event_kind(request.argument);
  if (!kind) {
    return problem(404, "no_such_kind", "events of distribution, harbor, zot and quay are taken");
  }
  if (request.http.body.size() > push_event_bytes_max) {
    return problem(413, "too_large", "a notification of more than 1 MiB");
  }
  const std::string& named = request.parameter("registry");
  if (!named.empty() && registry_of(context.engine.inventory(), named, {}) == nullptr) {
    return problem(422, "no_such_registry",
                   "no registry of the settings has the name in registry=");
  }
  CloudEventHead head;
  head.type = request.http.header("ce-type").value_or("");
  head.time = request.http.header("ce-time").value_or("");
  const auto events = parse_push_events(*kind, request.http.body, head);
  if (!events) {
    return problem(422, "malformed", events.error());
  }
  const EventOutcome outcome = apply_events(context, named, *events);
  if (outcome.matched < events->size()) {
    log::info("api",
              "{} of {} {} events name no registry of the settings; the url of the webhook "
              "may say registry=NAME",
              events->size() - outcome.matched, events->size(), request.argument);
  }
  nlohmann::json body;
  body["events"] = events->size();
  body["matched"] = outcome.matched;
  body["dated"] = outcome.dated;
  return json_response(202, body);
}

}  // namespace

void add_event_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "POST";
  route.path = "/api/v1/events/{kind}";
  route.summary =
      "Takes push events of a registry (distribution, harbor, zot, quay): hints that "
      "date entries and hasten the next poll.";
  route.parameters = {"registry"};
  route.role = Role::submit;
  route.takes_event_secret = true;
  route.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return take_events(context, request);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
