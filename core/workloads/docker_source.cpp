#include "core/workloads/docker_source.hpp"

#include "core/runtime/log.hpp"

#include <set>
#include <utility>

namespace scanclock {

DockerSource::DockerSource(EngineSourceSettings settings, EngineProduct product, HttpClient& http,
                           Clock& clock, BlockingPool& pool)
    : EngineSource(std::move(settings), product, http, clock, pool),
      list_needs_inspections_(product == EngineProduct::docker) {}

asio::awaitable<Result<WorkloadReport, SourceProblem>> DockerSource::look() {
  const TimePoint observed_at = clock().now();
  started_meanwhile_.clear();
  const auto containers = co_await running_containers();
  if (!containers) {
    co_return containers.error();
  }
  std::set<std::string> image_ids;
  for (const DockerContainer& container : *containers) {
    if (!container.image_id.empty() && image_ids.insert(container.image_id).second) {
      if (auto problem = co_await refresh_image(container.image_id)) {
        co_return *problem;
      }
    }
  }
  co_return report_of(observed_at, *containers);
}

asio::awaitable<Result<DockerSource::Containers, SourceProblem>>
DockerSource::running_containers() {
  const auto listed = co_await connection().containers();
  if (!listed) {
    co_return listed.error();
  }
  Containers running;
  for (DockerContainer container : *listed) {
    if (!container.running) {
      continue;
    }
    const bool name_is_lost = list_needs_inspections_ && image_name_is_lost(container);
    if (name_is_lost && !inspected_.contains(container.id)) {
      const auto inspected = co_await connection().container(container.id);
      if (!inspected) {
        co_return inspected.error();
      }
      if (!*inspected) {
        continue;
      }
      Inspected& known = inspected_[container.id];
      known.image = (*inspected)->image;
      known.started_at = (*inspected)->started_at;
    }
    if (const auto known = inspected_.find(container.id); known != inspected_.end()) {
      container.image = name_is_lost ? known->second.image : container.image;
      container.started_at = known->second.started_at;
    }
    running.push_back(std::move(container));
  }
  co_return running;
}

asio::awaitable<std::optional<SourceProblem>> DockerSource::refresh_image(std::string image_id) {
  const auto image = co_await connection().image(image_id);
  if (!image) {
    co_return image.error();
  }
  if (*image) {
    images_[image_id].unite(**image);
  }
  co_return std::nullopt;
}

ContainerObservation DockerSource::observation_of(const DockerContainer& container) {
  const auto image = images_.find(container.image_id);
  return docker_observation(container, image == images_.end() ? nullptr : &image->second,
                            connection().node());
}

WorkloadReport DockerSource::report_of(TimePoint observed_at, const Containers& containers) {
  WorkloadReport view;
  view.source = name();
  view.observed_at = observed_at;
  view.complete = true;
  std::set<std::string> ids;
  std::set<std::string> image_ids;
  const auto add = [&](const DockerContainer& container) {
    if (ids.insert(container.id).second) {
      image_ids.insert(container.image_id);
      view.containers.push_back(observation_of(container));
    }
  };
  for (const DockerContainer& container : containers) {
    add(container);
  }
  for (const auto& [id, container] : started_meanwhile_) {
    add(container);
  }
  started_meanwhile_.clear();
  std::erase_if(images_, [&](const auto& entry) { return !image_ids.contains(entry.first); });
  const auto has_ended = [&](const auto& entry) { return !ids.contains(entry.first); };
  std::erase_if(inspected_, has_ended);
  for (auto& [id, image] : images_) {
    std::erase_if(image.manifests_in_use, has_ended);
  }
  return view;
}

/// A container that was restarted meanwhile kept its ID.
void DockerSource::events_were_missed() {
  for (auto& [id, known] : inspected_) {
    known.started_at.reset();
  }
}

asio::awaitable<void> DockerSource::apply(DockerEvent event) {
  if (event.kind == DockerEvent::Kind::started) {
    co_await observe_start(event.container_id);
  } else if (event.kind == DockerEvent::Kind::ended) {
    started_meanwhile_.erase(event.container_id);
    if (const auto known = inspected_.find(event.container_id); known != inspected_.end()) {
      known->second.started_at.reset();
    }
    want_list_within(settings().list_delay);
  }
}

asio::awaitable<void> DockerSource::observe_start(std::string container_id) {
  const auto found = co_await connection().container(container_id);
  std::optional<SourceProblem> problem;
  if (!found) {
    problem = found.error();
  } else if (!*found || !(*found)->running) {
    co_return;
  } else if (!(*found)->image_id.empty()) {
    problem = co_await refresh_image((*found)->image_id);
  }
  if (problem) {
    log::info("workloads", "{} {}: container {} started and could not be inspected: {}", kind(),
              name(), container_id.substr(0, 12), problem->message);
    want_list_within(settings().list_delay);
    co_return;
  }
  const DockerContainer& container = **found;
  if (list_needs_inspections_) {
    Inspected& known = inspected_[container.id];
    known.image = container.image;
    known.started_at = container.started_at;
  }
  started_meanwhile_[container.id] = container;
  WorkloadChanges changes;
  changes.source = name();
  changes.observed_at = clock().now();
  changes.running.push_back(observation_of(container));
  sink().workloads_changed(std::move(changes));
}

}  // namespace scanclock
