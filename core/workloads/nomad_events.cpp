#include "core/runtime/log.hpp"
#include "core/workloads/event_framer.hpp"
#include "core/workloads/nomad_source.hpp"

#include <algorithm>
#include <utility>

// The half of NomadSource that follows the event stream.

namespace scanclock {
namespace {

constexpr std::string_view nomad_log_component = "workloads";

}  // namespace

asio::awaitable<void> NomadSource::follow_events() {
  while (true) {
    co_await stream_time_->wait();
    const Duration opened_at = clock_.monotonic();
    auto stream = co_await subscribe();
    if (stream) {
      // Whether the server still had every event since the last list, it does not say.
      list_time_->want_within(Duration::zero());
      const std::string end = co_await read_events(*stream);
      stream.reset();
      log::info(nomad_log_component, "nomad {}: the event stream ended: {}", settings_.name, end);
    }
    if (clock_.monotonic() - opened_at >= nomad_stream_settled_after) {
      stream_backoff_.reset();
    }
    stream_time_->set(stream_backoff_.next());
  }
}

asio::awaitable<std::unique_ptr<HttpStream>> NomadSource::subscribe() {
  stream_is_stale_ = false;
  const std::string namespace_name =
      settings_.namespaces.size() == 1 ? *settings_.namespaces.begin() : "*";
  SourceProblem problem;
  try {
    auto stream =
        co_await connection_.events(namespace_name, std::max(list_index_, event_index_) + 1);
    if (stream) {
      stream_problem_.clear();
      co_return std::move(*stream);
    }
    problem = stream.error().problem;
  } catch (const PoolBusyError& busy) {
    problem = SourceProblem("overloaded", busy.what());
  }
  if (stream_problem_ != problem.reason) {
    stream_problem_ = problem.reason;
    log::warning(nomad_log_component, "nomad {}: no event stream, only a list every {}: {}",
                 settings_.name, format_duration(settings_.poll_every), problem.message);
  }
  co_return nullptr;
}

asio::awaitable<std::string> NomadSource::read_events(HttpStream& stream) {
  EventFramer framer;
  while (true) {
    const auto piece = co_await stream.read(nomad_stream_idle_max);
    if (!piece) {
      co_return piece.error().message;
    }
    if (piece->empty()) {
      co_return framer.inside_object() ? "cut within an event" : "closed by the server";
    }
    const auto objects = framer.push(*piece);
    if (!objects) {
      co_return objects.error().message;
    }
    for (const std::string& object : *objects) {
      auto events = parse_nomad_events(object);
      if (!events) {
        co_return "an event " + events.error().message;
      }
      std::string end = co_await take_events(std::move(*events));
      if (!end.empty()) {
        co_return end;
      }
    }
    if (stream_is_stale_) {
      co_return "the server's index went back";
    }
  }
}

asio::awaitable<std::string> NomadSource::take_events(NomadEvents events) {
  if (!events.index) {
    if (events.has_events) {
      // Nobody can tell what is missing before it.
      list_time_->want_within(Duration::zero());
    }
  } else if (*events.index < event_index_) {
    event_index_ = 0;
    co_return "the server's index went back";
  } else {
    event_index_ = *events.index;
  }
  for (NomadAllocation& allocation : events.allocations) {
    co_await apply(std::move(allocation));
  }
  co_return std::string();
}

asio::awaitable<void> NomadSource::apply(NomadAllocation allocation) {
  if (!settings_.namespaces.empty() && !settings_.namespaces.contains(allocation.namespace_name)) {
    co_return;
  }
  const std::string id = allocation.id;
  const auto known = known_.find(id);
  if (known == known_.end()) {
    if (allocation.deployed.empty()) {
      std::uint64_t& changed_at = changed_meanwhile_[id];
      changed_at = std::max(changed_at, allocation.modify_index);
      co_return;
    }
    auto asked = co_await ask_for(std::move(allocation));
    if (asked) {
      tell(id, *asked);
    }
    co_return;
  }
  if (allocation.modify_index <= known->second.allocation.modify_index) {
    co_return;
  }
  Known now;
  now.job = known->second.job;
  now.allocation = std::move(allocation);
  tell(id, now);
}

/// Events tell neither image nor version of the job.
asio::awaitable<std::optional<NomadSource::Known>> NomadSource::ask_for(
    NomadAllocation allocation) {
  std::optional<NomadFailure> failure;
  try {
    auto detail = co_await connection_.allocation(allocation.id);
    if (!detail) {
      failure = detail.error();
    } else if (!*detail || (*detail)->allocation.deployed.empty()) {
      co_return std::nullopt;
    } else {
      failure = co_await learn_platform((*detail)->allocation.node_id);
    }
    if (!failure) {
      Known known;
      known.allocation = std::move((*detail)->allocation);
      known.job = std::make_shared<const NomadJob>(std::move((*detail)->job));
      co_return known;
    }
  } catch (const PoolBusyError& busy) {
    failure = NomadFailure(SourceProblem("overloaded", busy.what()));
  }
  log::info(nomad_log_component, "nomad {}: allocation {} started and could not be read: {}",
            settings_.name, allocation.id, failure->problem.message);
  list_time_->want_within(std::chrono::seconds(1));
  co_return std::nullopt;
}

void NomadSource::tell(const std::string& id, const Known& now) {
  WorkloadChanges changes;
  changes.source = settings_.name;
  changes.observed_at = clock_.now();
  changes.running = observations_of(now);
  if (const auto before = known_.find(id); before != known_.end()) {
    for (const ContainerObservation& ran : observations_of(before->second)) {
      const bool runs_on =
          std::any_of(changes.running.begin(), changes.running.end(),
                      [&](const ContainerObservation& runs) { return runs.id == ran.id; });
      if (!runs_on) {
        changes.ended.push_back(ran.id);
      }
    }
  }
  changed_meanwhile_[id] = now.allocation.modify_index;
  if (changes.running.empty()) {
    known_.erase(id);
  } else {
    known_.insert_or_assign(id, now);
  }
  if (!changes.running.empty() || !changes.ended.empty()) {
    sink_->workloads_changed(std::move(changes));
  }
}

}  // namespace scanclock
