#include "alerts/image_rules.hpp"
#include "alerts/rule_parts.hpp"
#include "alerts/rules.hpp"
#include "core/domain/scope.hpp"
#include "core/domain/views.hpp"

#include <algorithm>

namespace scanclock::alerts {
namespace {

/// Where podman puts what was built on the host; no registry.
constexpr std::string_view local_host = "localhost";

bool is_monitored(const Scope& scope, const std::string& host) {
  return std::any_of(scope.registries.begin(), scope.registries.end(),
                     [&](const RegistryScope& registry) { return registry.host == host; });
}

/// Of a registry that is nobody's, and of no image that is known all the same. Some may be ignored.
std::vector<const ImageGroup*> unmonitored_groups(const Inventory& inventory,
                                                  const std::string& host) {
  if (host.empty() || host == local_host || is_monitored(inventory.scope(), host)) {
    return {};
  }
  std::vector<const ImageGroup*> groups = inventory.groups_from(host);
  std::erase_if(groups, [](const ImageGroup* group) { return group->image != nullptr; });
  return groups;
}

/// When it became known that the image was scanned for the first time; nothing when the order of
/// running and scanning is as it should be, or cannot be told.
std::optional<TimePoint> late_scan_known_at(const RuleInput& input, const ImageRecord& image) {
  if (!image.first_running_at || !image.first_scan_at ||
      *image.first_scan_at <= *image.first_running_at) {
    return std::nullopt;
  }
  for (const auto& [key, location] : image.locations) {
    if (location.entry_basis == EntryBasis::initial) {
      return std::nullopt;
    }
  }
  std::optional<TimePoint> known_at;
  for (const EvidenceRecord* record : input.inventory.evidence_of(image.digest)) {
    if (record->evidence.report.finished_at == image.first_scan_at) {
      keep_earlier(known_at, record->evidence.collected_at);
    }
  }
  return known_at;
}

Condition order_condition(const RuleInput& input, const ImageRecord& image,
                          const Running& running) {
  Condition condition;
  condition.key.rule = rule_ran_before_scan;
  condition.key.subject = image.digest.str();
  condition.environment = image.environment;
  condition.owner = image.owner;
  complete(condition, "digest", input.settings);
  const std::string name = asset_id(image);
  set_annotation(condition, "image", name);
  set_annotation(condition, "summary", name + " ran before it was scanned");
  set_annotation(condition, "description",
                 "Image " + image.digest.str() + " first ran at " +
                     format_rfc3339(*image.first_running_at) +
                     ", and its first accepted vulnerability scan finished at " +
                     format_rfc3339(*image.first_scan_at) + ".");
  if (running.any()) {
    set_annotation(condition, annotation_clusters, join_names(running.sources));
  }
  return condition;
}

}  // namespace

Assessment assess_order(const RuleInput& input, const Digest& digest) {
  Assessment assessment;
  const ImageRecord* image = input.inventory.image(digest);
  if (image == nullptr) {
    return assessment;
  }
  const auto known_at = late_scan_known_at(input, *image);
  const bool bound = std::any_of(image->standings.begin(), image->standings.end(),
                                 [](const PolicyStanding& standing) { return standing.bound; });
  if (!known_at || !bound || input.now >= *known_at + ran_before_scan_shown) {
    return assessment;
  }
  const Running running = running_of(input.inventory, digest);
  if (running.only_ignored) {
    return assessment;
  }
  assessment.next_change_at = *known_at + ran_before_scan_shown;
  assessment.conditions.push_back(order_condition(input, *image, running));
  return assessment;
}

std::optional<Ending> order_ending(const RuleInput& input, const Alert& alert) {
  const auto digest = Digest::parse(alert.key.subject);
  const ImageRecord* image = digest ? input.inventory.image(*digest) : nullptr;
  const auto known_at = image == nullptr ? std::nullopt : late_scan_known_at(input, *image);
  if (image != nullptr && image->first_running_at && image->first_scan_at && !known_at) {
    // An older scan came in since.
    return Ending{"scanned"};
  }
  return Ending{known_at && input.now < *known_at + ran_before_scan_shown ? "policy" : "expired"};
}

std::vector<const ContainerRecord*> unmonitored_from(const Inventory& inventory,
                                                     const std::string& host) {
  std::vector<const ContainerRecord*> containers;
  for (const ImageGroup* group : unmonitored_groups(inventory, host)) {
    for (const auto& [place, workload] : group->workloads) {
      for (const ContainerRecord& container : workload.members) {
        if (!workload.ignored()) {
          containers.push_back(&container);
        }
      }
    }
  }
  return containers;
}

Assessment assess_registry_host(const RuleInput& input, const std::string& host) {
  Assessment assessment;
  // Not by container: there may be a cluster's worth of them.
  const auto groups = unmonitored_groups(input.inventory, host);
  const Running running = running_of(groups);
  if (!running.any()) {
    return assessment;
  }
  Condition condition;
  condition.key.rule = rule_unmonitored_registry;
  condition.key.subject = host;
  std::set<std::string_view> images;
  for (const ImageGroup* group : groups) {
    const auto& quarters = group->quarters;
    if (std::any_of(quarters.begin(), quarters.end(),
                    [](const auto& entry) { return !entry.first.ignored; })) {
      images.insert(group->printed->image);
    }
  }
  condition.environment =
      worst_environment({running.environments.begin(), running.environments.end()});
  complete(condition, "registry", input.settings);
  set_annotation(condition, "summary", host + " is not monitored, but images run from it");
  set_annotation(condition, "description",
                 std::to_string(images.size()) + " images of registry " + host + " run in " +
                     join_names(running.sources) + ", " + std::string(*images.begin()) +
                     " among them. No entry of the settings monitors it, so that nothing is known "
                     "of their scans.");
  set_annotation(condition, annotation_clusters, join_names(running.sources));
  assessment.conditions.push_back(std::move(condition));
  return assessment;
}

std::optional<Ending> registry_host_ending(const RuleInput& input, const Alert& alert) {
  const std::string& host = alert.key.subject;
  if (is_monitored(input.inventory.scope(), host)) {
    return Ending{"monitored"};
  }
  bool any_ignored = false;
  for (const ImageGroup* group : input.inventory.groups_from(host)) {
    if (group->image != nullptr) {
      return Ending{"monitored"};
    }
    any_ignored = true;
  }
  if (any_ignored) {
    return Ending{"policy"};
  }
  if (!views_complete(input.sources, annotation(alert, annotation_clusters))) {
    return std::nullopt;
  }
  return Ending{"not_running", not_running_hold};
}

}  // namespace scanclock::alerts
