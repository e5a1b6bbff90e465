#include "core/runtime/log.hpp"
#include "core/workloads/docker_source.hpp"

#include <algorithm>
#include <utility>

// The half of DockerSource that follows the event stream.

namespace scanclock {
namespace {

constexpr std::string_view log_component = "workloads";

}  // namespace

asio::awaitable<void> DockerSource::follow_events() {
  bool first = true;
  while (true) {
    const Duration opened_at = clock_.monotonic();
    auto stream = co_await subscribe();
    // What happened while nobody listened is only known from a list; a container that was
    // restarted meanwhile kept its ID.
    for (auto& [id, known] : inspected_) {
      known.started_at.reset();
    }
    if (stream || first) {
      want_list_within(Duration::zero());
      first = false;
    }
    if (stream) {
      const std::string end = co_await read_events(*stream);
      stream.reset();
      connection_.forget_version();
      log::info(log_component, "docker {}: the event stream ended: {}", settings_.name, end);
    }
    if (clock_.monotonic() - opened_at >= docker_stream_settled_after) {
      stream_backoff_.reset();
    }
    co_await clock_.sleep(stream_backoff_.next());
  }
}

asio::awaitable<std::unique_ptr<HttpStream>> DockerSource::subscribe() {
  std::optional<SourceProblem> problem = co_await connection_.negotiate();
  if (!problem) {
    std::optional<std::int64_t> after_last_event = last_event_ns_;
    if (after_last_event) {
      ++*after_last_event;
    }
    auto stream = co_await connection_.events(after_last_event);
    if (stream) {
      stream_problem_.clear();
      co_return std::move(*stream);
    }
    problem = stream.error();
  }
  if (stream_problem_ != problem->reason) {
    stream_problem_ = problem->reason;
    log::warning(log_component, "docker {}: no event stream, only a list every {}: {}",
                 settings_.name, format_duration(settings_.poll_every), problem->message);
  }
  co_return nullptr;
}

asio::awaitable<std::string> DockerSource::read_events(HttpStream& stream) {
  EventFramer framer;
  while (true) {
    const auto piece = co_await stream.read(docker_stream_idle_max);
    if (!piece) {
      co_return piece.error().message;
    }
    if (piece->empty()) {
      co_return framer.inside_object() ? "cut within an event" : "closed by the daemon";
    }
    const auto objects = framer.push(*piece);
    if (!objects) {
      co_return objects.error().message;
    }
    for (const std::string& object : *objects) {
      const auto event = parse_docker_event(object);
      if (!event) {
        co_return "an event " + event.error().message;
      }
      co_await apply(*event);
    }
  }
}

asio::awaitable<void> DockerSource::apply(DockerEvent event) {
  if (event.time_ns > 0) {
    last_event_ns_ = std::max(last_event_ns_.value_or(0), event.time_ns);
  }
  if (event.kind == DockerEvent::Kind::started) {
    co_await observe_start(event.container_id);
  } else if (event.kind == DockerEvent::Kind::ended) {
    started_meanwhile_.erase(event.container_id);
    if (const auto known = inspected_.find(event.container_id); known != inspected_.end()) {
      known->second.started_at.reset();
    }
    want_list_within(settings_.list_delay);
  }
}

asio::awaitable<void> DockerSource::observe_start(std::string container_id) {
  const auto inspected = co_await connection_.container(container_id);
  std::optional<SourceProblem> problem;
  if (!inspected) {
    problem = inspected.error();
  } else if (!*inspected || !(*inspected)->running) {
    co_return;
  } else if (!(*inspected)->image_id.empty()) {
    problem = co_await refresh_image((*inspected)->image_id);
  }
  if (problem) {
    log::info(log_component, "docker {}: container {} started and could not be inspected: {}",
              settings_.name, container_id.substr(0, 12), problem->message);
    want_list_within(settings_.list_delay);
    co_return;
  }
  const DockerContainer& container = **inspected;
  Inspected& known = inspected_[container.id];
  known.image = container.image;
  known.started_at = container.started_at;
  started_meanwhile_[container.id] = container;
  WorkloadChanges changes;
  changes.source = settings_.name;
  changes.observed_at = clock_.now();
  changes.running.push_back(observation_of(container));
  sink_->workloads_changed(std::move(changes));
}

}  // namespace scanclock
