#include "core/runtime/log.hpp"
#include "core/workloads/engine_source.hpp"

#include <algorithm>
#include <utility>

// The half of EngineSource that follows the event stream.

namespace scanclock {
namespace {

constexpr std::string_view engine_log = "workloads";

}  // namespace

asio::awaitable<void> EngineSource::follow_events() {
  bool first = true;
  while (true) {
    const Duration opened_at = clock_.monotonic();
    auto stream = co_await subscribe();
    // What happened while nobody listened is only known from a list.
    events_were_missed();
    if (stream || first) {
      want_list_within(Duration::zero());
      first = false;
    }
    if (stream) {
      const std::string end = co_await read_events(*stream);
      stream.reset();
      connection_.forget_version();
      note_stream_end(end);
    }
    if (clock_.monotonic() - opened_at >= docker_stream_settled_after) {
      stream_backoff_.reset();
    }
    co_await clock_.sleep(stream_backoff_.next());
  }
}

/// Podman with `events_logger = none` ends every stream at once: once is enough to say so.
void EngineSource::note_stream_end(const std::string& end) {
  if (stream_end_ != end) {
    stream_end_ = end;
    log::info(engine_log, "{} {}: the event stream ended: {}", kind(), settings_.name, end);
  }
}

asio::awaitable<std::unique_ptr<HttpStream>> EngineSource::subscribe() {
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
    log::warning(engine_log, "{} {}: no event stream, only a list every {}: {}", kind(),
                 settings_.name, format_duration(settings_.poll_every), problem->message);
  }
  co_return nullptr;
}

asio::awaitable<std::string> EngineSource::read_events(HttpStream& stream) {
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
      if (event->time_ns > 0) {
        last_event_ns_ = std::max(last_event_ns_.value_or(0), event->time_ns);
      }
      co_await apply(*event);
    }
  }
}

}  // namespace scanclock
