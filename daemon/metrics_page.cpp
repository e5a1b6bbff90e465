#include "daemon/metrics_page.hpp"

#include "core/domain/views.hpp"
#include "daemon/metric_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace scanclock {
namespace {

constexpr std::array<State, 4> states{State::fresh, State::due_soon, State::overdue,
                                      State::never_scanned};
constexpr std::array<Observation::Status, 3> observations{
    Observation::Status::ok, Observation::Status::not_asked_yet, Observation::Status::unknown};
constexpr std::array<std::string_view, 5> trusts{"signed", "platform", "pushed", "unsigned",
                                                 "none"};
constexpr std::array<Verdict, 8> verdicts{
    Verdict::compliant,         Verdict::expiring,  Verdict::overdue,  Verdict::never_scanned,
    Verdict::platform_unproven, Verdict::ambiguous, Verdict::conflict, Verdict::unresolved};

double seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

double seconds_or_zero(const std::optional<TimePoint>& time) { return time ? seconds(*time) : 0; }

std::string_view trust_of(const Inventory& inventory, const ImageRecord& image) {
  const EvidenceRecord* scan = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  return scan == nullptr ? "none"
                         : to_string(present_trust(scan->evidence, inventory.scope().keys));
}

/// Running images, nearest deadline first, cut to the cap.
std::vector<const ImageRecord*> shown_images(const Inventory& inventory, std::size_t& dropped) {
  std::vector<const ImageRecord*> images;
  for (const auto& [digest, image] : inventory.images()) {
    if (image.running) {
      images.push_back(&image);
    }
  }
  std::sort(images.begin(), images.end(), [](const ImageRecord* left, const ImageRecord* right) {
    return std::tie(left->deadline_at, left->digest) < std::tie(right->deadline_at, right->digest);
  });
  dropped = images.size() > image_series_max ? images.size() - image_series_max : 0;
  images.resize(images.size() - dropped);
  return images;
}

void write_image_clocks(MetricText& text, const Inventory& inventory,
                        const std::vector<const ImageRecord*>& images) {
  text.begin("scanclock_image_scan_deadline_timestamp_seconds", "gauge",
             "Last moment at which the running image is within its scan window; for a "
             "never-scanned one the moment it became non-compliant.");
  for (const ImageRecord* image : images) {
    text.sample({{"digest", image->digest.str()}}, seconds(image->deadline_at));
  }
  text.begin("scanclock_image_last_scan_timestamp_seconds", "gauge",
             "End of the newest accepted scan of the running image; 0 for never.");
  for (const ImageRecord* image : images) {
    const EvidenceRecord* scan = image->last_scan ? inventory.evidence(*image->last_scan) : nullptr;
    text.sample({{"digest", image->digest.str()}},
                scan == nullptr ? 0 : seconds_or_zero(scan->evidence.report.finished_at));
  }
}

void write_image_info(MetricText& text, const Inventory& inventory,
                      const std::vector<const ImageRecord*>& images) {
  text.begin("scanclock_image_info", "gauge",
             "Always 1; one for each place and tag of a running image.");
  for (const ImageRecord* image : images) {
    const std::string asset = asset_id(*image);
    const std::string platform = to_string(inventory.graph().find(image->digest)->platform);
    std::set<std::tuple<std::string, std::string, std::string, std::string>> places;
    for (const auto& [key, location] : image->locations) {
      if (location.removed_at) {
        continue;
      }
      if (location.tags.empty()) {
        places.emplace(location.host, key.repository, "", location.environment);
      }
      for (const std::string& tag : location.tags) {
        places.emplace(location.host, key.repository, tag, location.environment);
      }
    }
    for (const auto& [host, repository, tag, environment] : places) {
      text.sample({{"digest", image->digest.str()},
                   {"asset_id", asset},
                   {"registry", host},
                   {"repository", repository},
                   {"tag", tag},
                   {"platform", platform},
                   {"environment", environment},
                   {"owner", image->owner}},
                  1);
    }
  }
  text.begin("scanclock_image_alias_info", "gauge",
             "Always 1; the other digests that stand for a running image, for joins with "
             "kube-state-metrics.");
  for (const ImageRecord* image : images) {
    const std::string& digest = image->digest.str();
    text.sample({{"digest", digest}, {"alias", digest}, {"kind", "manifest"}}, 1);
    const Digest content = inventory.graph().content_key(image->digest);
    if (content != image->digest) {
      text.sample({{"digest", digest}, {"alias", content.str()}, {"kind", "config"}}, 1);
    }
    for (const Digest& index : inventory.graph().indexes_above(image->digest)) {
      text.sample({{"digest", digest}, {"alias", index.str()}, {"kind", "index"}}, 1);
    }
  }
}

void write_workload_info(MetricText& text, const Inventory& inventory,
                         const std::vector<const ImageRecord*>& images) {
  text.begin("scanclock_workload_image_info", "gauge",
             "Always 1; which containers run the image. Replicas share a series.");
  for (const ImageRecord* image : images) {
    std::set<std::tuple<std::string, std::string, std::string, std::string>> users;
    for (const ContainerRecord* container : inventory.containers_of(image->digest)) {
      users.emplace(container->source(), container->namespace_name(), container->workload(),
                    container->name);
    }
    for (const auto& [source, namespace_name, workload, name] : users) {
      text.sample({{"source", source},
                   {"namespace", namespace_name},
                   {"workload", workload},
                   {"container", name},
                   {"digest", image->digest.str()}},
                  1);
    }
  }
}

std::set<std::string> known_environments(const Inventory& inventory) {
  std::set<std::string> environments{std::string(production_environment)};
  for (const RegistryScope& registry : inventory.scope().registries) {
    environments.insert(registry.environment);
  }
  for (const auto& [digest, image] : inventory.images()) {
    if (!image.environment.empty()) {
      environments.insert(image.environment);
    }
  }
  return environments;
}

void write_image_counts(MetricText& text, const Inventory& inventory) {
  using Key = std::tuple<State, std::string, bool, Observation::Status, std::string_view>;
  std::map<Key, int> counts;
  for (const std::string& environment : known_environments(inventory)) {
    for (const State state : states) {
      for (const Observation::Status observation : observations) {
        for (const std::string_view trust : trusts) {
          counts[{state, environment, false, observation, trust}] = 0;
          counts[{state, environment, true, observation, trust}] = 0;
        }
      }
    }
  }
  for (const auto& [digest, image] : inventory.images()) {
    const std::string environment =
        image.environment.empty() ? std::string(production_environment) : image.environment;
    ++counts[{image.state, environment, image.running, inventory.observation(image).status,
              trust_of(inventory, image)}];
  }
  text.begin("scanclock_images", "gauge", "Unique images by state.");
  for (const auto& [key, count] : counts) {
    const auto& [state, environment, running, observation, trust] = key;
    text.sample({{"state", to_string(state)},
                 {"environment", environment},
                 {"running", running ? "true" : "false"},
                 {"observation", to_string(observation)},
                 {"trust", trust}},
                count);
  }
}

void write_container_counts(MetricText& text, const Inventory& inventory) {
  std::map<std::tuple<std::string, std::string, Verdict>, int> counts;
  for (const WorkloadScope& workload : inventory.scope().workloads) {
    for (const Verdict verdict : verdicts) {
      counts[{workload.name, workload.environment, verdict}] = 0;
    }
  }
  for (const ContainerRecord& container : inventory.containers()) {
    if (!container.ended_at) {
      for (const Verdict verdict : verdicts) {
        counts.try_emplace({container.source(), container.environment(), verdict}, 0);
      }
      ++counts[{container.source(), container.environment(), container.verdict()}];
    }
  }
  text.begin("scanclock_containers", "gauge", "Running containers by verdict.");
  for (const auto& [key, count] : counts) {
    const auto& [source, environment, verdict] = key;
    text.sample({{"source", source}, {"environment", environment}, {"verdict", to_string(verdict)}},
                count);
  }
}

void write_sources(MetricText& text, const SourceBook& sources) {
  text.begin("scanclock_source_up", "gauge", "1 while the source answers.");
  for (const SourceStatus& source : sources.all()) {
    text.sample({{"source", source.name}, {"kind", to_string(source.kind)}},
                source.failing_since ? 0 : 1);
  }
  text.begin("scanclock_source_last_success_timestamp_seconds", "gauge",
             "When the source last answered; 0 for never.");
  for (const SourceStatus& source : sources.all()) {
    text.sample({{"source", source.name}, {"kind", to_string(source.kind)}},
                seconds_or_zero(source.last_success_at));
  }
}

void write_alerting(MetricText& text, const MetricsInput& input) {
  std::map<std::pair<std::string, std::string_view>, int> counts;
  for (const std::string_view rule :
       {"ScanclockScanDueSoon", "ScanclockScanOverdue", "ScanclockNeverScanned",
        "ScanclockRanBeforeScan", "ScanclockImageUnresolved", "ScanclockUnmonitoredRegistry",
        "ScanclockSourceBlind", "ScanclockEvidenceRejected"}) {
    counts[{std::string(rule), "warning"}] = 0;
    counts[{std::string(rule), "critical"}] = 0;
  }
  for (const Alert& alert : input.alerts) {
    if (alert.firing) {
      ++counts[{alert.key.rule, to_string(alert.severity)}];
    }
  }
  text.begin("scanclock_alerts", "gauge", "Firing alerts.");
  for (const auto& [key, count] : counts) {
    text.sample({{"rule", key.first}, {"severity", key.second}}, count);
  }
  text.begin("scanclock_notification_queue_length", "gauge",
             "Messages that wait for the receiver.");
  for (const OutboxStatistics& receiver : input.outbox) {
    text.sample({{"receiver", receiver.receiver}}, static_cast<double>(receiver.waiting));
  }
  text.begin("scanclock_notification_oldest_timestamp_seconds", "gauge",
             "When the oldest waiting message was made; 0 when none waits.");
  for (const OutboxStatistics& receiver : input.outbox) {
    text.sample({{"receiver", receiver.receiver}}, seconds_or_zero(receiver.oldest_waiting_at));
  }
  text.begin("scanclock_evaluation_last_timestamp_seconds", "gauge",
             "When states and alert rules were last evaluated.");
  text.sample({}, seconds_or_zero(input.last_evaluation_at));
}

}  // namespace

std::string render_metrics(const MetricsInput& input) {
  MetricText text;
  std::size_t dropped = 0;
  const std::vector<const ImageRecord*> images = shown_images(input.inventory, dropped);
  write_image_clocks(text, input.inventory, images);
  write_image_info(text, input.inventory, images);
  write_workload_info(text, input.inventory, images);
  text.begin("scanclock_image_series_dropped", "gauge",
             "Running images without series of their own, because of the cap.");
  text.sample({}, static_cast<double>(dropped));
  write_image_counts(text, input.inventory);
  write_container_counts(text, input.inventory);
  write_sources(text, input.sources);
  write_alerting(text, input);
  return text.take();
}

}  // namespace scanclock
