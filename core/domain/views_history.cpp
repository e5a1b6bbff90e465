#include "core/domain/views.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

json text_if_known(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json past_observation_json(const PastContainer& container) {
  if (container.observation_status.empty()) {
    return nullptr;
  }
  return {{"status", container.observation_status},
          {"reason", text_if_known(container.observation_reason)},
          {"since", format_rfc3339(*container.observation_since)},
          {"last_success_at", nullptr}};
}

}  // namespace

nlohmann::json container_json(const Inventory& inventory, const SourceBook& sources,
                              const ContainerRecord& container) {
  json item = container_json(inventory, container);
  const SourceStatus* source = sources.find(container.source());
  if (source != nullptr && source->failing_since) {
    Observation observation;
    observation.status = Observation::Status::unknown;
    observation.reason = "source " + source->name + ": " + source->reason;
    observation.since = source->failing_since;
    observation.last_success_at = source->last_success_at;
    item["observation"] = observation_json(observation);
  }
  return item;
}

nlohmann::json past_container_json(const PastContainer& container) {
  const ContainerObservation& seen = container.observation;
  const bool known = container.concluded.has_value();
  const Conclusion concluded = container.concluded.value_or(Conclusion());
  return {{"source", container.key.source},
          {"environment", text_if_known(concluded.environment)},
          {"namespace", seen.namespace_name},
          {"workload", seen.workload},
          {"name", seen.name},
          {"container_id", container.key.id.str()},
          {"node", seen.node},
          {"owner", text_if_known(concluded.owner)},
          {"image", seen.image},
          {"image_id", text_if_known(seen.image_id)},
          {"image_digest", seen.digests.empty() ? json(nullptr) : json(seen.digests.front().str())},
          {"resolved_digest", text_if_known(concluded.image.str())},
          {"platform", text_if_known(to_string(seen.platform))},
          {"verdict", known ? json(to_string(concluded.verdict)) : json(nullptr)},
          {"reason", text_if_known(concluded.reason)},
          {"assumed", seen.assumed},
          {"tag_moved", nullptr},
          {"observation", past_observation_json(container)},
          {"deadline_at", nullptr},
          {"started_at", seen.started_at ? json(format_rfc3339(*seen.started_at)) : json(nullptr)},
          {"first_seen_at", format_rfc3339(container.first_seen_at)},
          {"last_seen_at", nullptr}};
}

}  // namespace scanclock
