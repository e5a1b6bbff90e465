#include "core/domain/views.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

json time_json(const std::optional<TimePoint>& time) {
  return time ? json(format_rfc3339(*time)) : json(nullptr);
}

json text_or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(text); }

json digest_json(const Digest& digest) { return text_or_null(digest.str()); }

json location_json(const Location& location) {
  return {{"registry", location.key.registry},
          {"host", location.host},
          {"repository", location.key.repository},
          {"environment", location.environment},
          {"tags", location.tags},
          {"first_seen_at", format_rfc3339(location.first_seen_at)},
          {"entry_at", format_rfc3339(location.entry_at)},
          {"entry_basis", to_string(location.entry_basis)},
          {"removed_at", time_json(location.removed_at)}};
}

json policies_json(const ImageRecord& image) {
  json policies = json::array();
  for (const PolicyStanding& standing : image.standings) {
    policies.push_back({{"name", standing.policy},
                        {"version", standing.version},
                        {"bound", standing.bound},
                        {"state", to_string(standing.standing.state)},
                        {"deadline_at", format_rfc3339(standing.standing.deadline_at)}});
  }
  return policies;
}

const Location* naming_location(const ImageRecord& image) {
  const Location* chosen = nullptr;
  const auto rank = [](const Location& location) {
    return (location.removed_at ? 2 : 0) + (location.environment == production_environment ? 0 : 1);
  };
  for (const auto& [key, location] : image.locations) {
    if (chosen == nullptr || rank(location) < rank(*chosen)) {
      chosen = &location;
    }
  }
  return chosen;
}

json names_json(const ImageRecord& image) {
  json names = json::array();
  for (const auto& [key, location] : image.locations) {
    if (location.removed_at) {
      continue;
    }
    for (const std::string& tag : location.tags) {
      names.push_back(location.host + "/" + key.repository + ":" + tag);
    }
  }
  return names;
}

json scanned_before_first_run(const ImageRecord& image) {
  if (!image.first_running_at) {
    return nullptr;
  }
  return image.first_scan_at && *image.first_scan_at <= *image.first_running_at;
}

}  // namespace

std::string asset_id(const ImageRecord& image) {
  const Location* location = naming_location(image);
  if (location == nullptr) {
    return image.digest.short_form();
  }
  const std::string repository = location->host + "/" + location->key.repository;
  return location->tags.empty() ? repository + "@" + image.digest.short_form()
                                : repository + ":" + *location->tags.rbegin();
}

nlohmann::json observation_json(const Observation& observation) {
  return {{"status", to_string(observation.status)},
          {"reason", text_or_null(observation.reason)},
          {"since", time_json(observation.since)},
          {"last_success_at", time_json(observation.last_success_at)}};
}

nlohmann::json last_scan_json(const Inventory& inventory, const ImageRecord& image) {
  const EvidenceRecord* record = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  if (record == nullptr) {
    return nullptr;
  }
  const Evidence& evidence = record->evidence;
  const ScanReport& report = evidence.report;
  const Digest subject = !evidence.attached_to.empty() ? evidence.attached_to
                         : !report.subjects.empty()    ? report.subjects.front()
                                                       : report.subject_config;
  return {{"finished_at", time_json(report.finished_at)},
          {"scanner", report.scanner},
          {"scanner_version", report.scanner_version},
          {"database_built_at", time_json(report.database_built_at)},
          {"collected_at", format_rfc3339(evidence.collected_at)},
          {"source", evidence.source},
          {"trust", to_string(present_trust(evidence, inventory.scope().keys))},
          {"subject_digest", digest_json(subject)},
          {"evidence_digest", digest_json(evidence.digest)},
          {"critical", report.counts.critical},
          {"high", report.counts.high},
          {"medium", report.counts.medium},
          {"low", report.counts.low},
          {"unknown", report.counts.unknown}};
}

nlohmann::json image_json(const Inventory& inventory, const ImageRecord& image) {
  const Manifest* manifest = inventory.graph().find(image.digest);
  json index_digests = json::array();
  for (const Digest& index : inventory.graph().indexes_above(image.digest)) {
    index_digests.push_back(index.str());
  }
  json locations = json::array();
  for (const auto& [key, location] : image.locations) {
    locations.push_back(location_json(location));
  }
  const bool judged = !image.standings.empty();
  return {{"digest", image.digest.str()},
          {"asset_id", asset_id(image)},
          {"config_digest", manifest == nullptr ? json(nullptr) : digest_json(manifest->config)},
          {"index_digests", std::move(index_digests)},
          {"platform",
           manifest == nullptr ? json(nullptr) : text_or_null(to_string(manifest->platform))},
          {"environment", image.environment},
          {"owner", text_or_null(image.owner)},
          {"locations", std::move(locations)},
          {"names", names_json(image)},
          {"state", to_string(image.state)},
          {"deadline_at", judged ? json(format_rfc3339(image.deadline_at)) : json(nullptr)},
          {"policies", policies_json(image)},
          {"running", image.running},
          {"first_seen_at", format_rfc3339(image.first_seen_at)},
          {"first_running_at", time_json(image.first_running_at)},
          {"first_scan_at", time_json(image.first_scan_at)},
          {"scanned_before_first_run", scanned_before_first_run(image)},
          {"last_scan", last_scan_json(inventory, image)},
          {"observation", observation_json(inventory.observation(image))}};
}

nlohmann::json container_json(const Inventory& inventory, const ContainerRecord& container) {
  const Digest& joined = container.join().image;
  const ImageRecord* image = inventory.image(joined);
  const std::vector<Digest>& digests = container.digests();
  const std::optional<bool> moved = inventory.tag_moved(container);
  return {{"source", container.source()},
          {"environment", container.environment()},
          {"namespace", container.namespace_name()},
          {"workload", container.workload()},
          {"name", container.name()},
          {"container_id", container.id.str()},
          {"node", *container.node},
          {"owner", text_or_null(container.owner())},
          {"image", container.image()},
          {"image_id", text_or_null(container.printed->image_id)},
          {"image_digest", digests.empty() ? json(nullptr) : digest_json(digests.front())},
          {"resolved_digest", digest_json(joined)},
          {"platform", text_or_null(to_string(container.platform()))},
          {"verdict", to_string(container.verdict())},
          {"reason", text_or_null(container.reason())},
          {"assumed", container.assumed()},
          {"tag_moved", moved ? json(*moved) : json(nullptr)},
          {"observation",
           image == nullptr ? json(nullptr) : observation_json(inventory.observation(*image))},
          {"deadline_at", time_json(container.deadline_at())},
          {"started_at", time_json(container.started_at)},
          {"first_seen_at", format_rfc3339(container.first_seen_at)},
          {"last_seen_at", format_rfc3339(container.last_seen_at)}};
}

nlohmann::json alert_json(const Alert& alert, const std::vector<DeliveryRecord>& notified) {
  json deliveries = json::array();
  for (const DeliveryRecord& record : notified) {
    if (record.alert_id == alert.id) {
      deliveries.push_back({{"receiver", record.receiver},
                            {"at", format_rfc3339(record.at)},
                            {"attempts", record.attempts}});
    }
  }
  return {{"id", alert.id},
          {"rule", alert.key.rule},
          {"severity", to_string(alert.severity)},
          {"state", alert.firing ? "firing" : "resolved"},
          {"resolved_reason", text_or_null(alert.resolved_reason)},
          {"subject", alert.key.subject},
          {"policy", text_or_null(alert.key.policy)},
          {"labels", alert.labels},
          {"annotations", alert.annotations},
          {"started_at", format_rfc3339(alert.started_at)},
          {"ended_at", time_json(alert.ended_at)},
          {"notified", std::move(deliveries)}};
}

}  // namespace scanclock
