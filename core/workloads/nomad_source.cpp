#include "core/workloads/nomad_source.hpp"

#include "core/runtime/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

// The half of NomadSource that lists; nomad_events.cpp has the other.

namespace scanclock {
namespace {

constexpr std::size_t nomad_allocations_max = 500'000;
constexpr const char* every_namespace = "*";
constexpr const char* default_namespace = "default";

Backoff::Limits nomad_backoff(Duration max) {
  Backoff::Limits limits;
  limits.first = std::min<Duration>(std::chrono::seconds(1), max);
  limits.max = max;
  return limits;
}

bool nomad_runs_container(const NomadAllocation& allocation, const NomadJob& job) {
  const auto group = job.find(allocation.task_group);
  return group != job.end() && std::any_of(allocation.deployed.begin(), allocation.deployed.end(),
                                           [&](const NomadTaskState& state) {
                                             const auto task = group->second.find(state.name);
                                             return task != group->second.end() &&
                                                    task->second.is_container();
                                           });
}

}  // namespace

NomadSource::NomadSource(NomadSourceSettings settings, HttpClient& http, Clock& clock,
                         BlockingPool& pool)
    : settings_(std::move(settings)),
      clock_(clock),
      connection_(settings_.access, http, pool,
                  [this] {
                    if (sink_ != nullptr) {
                      sink_->request_made(settings_.name);
                    }
                  }),
      list_backoff_(nomad_backoff(settings_.poll_every),
                    std::hash<std::string>{}(settings_.name + " lists")),
      stream_backoff_(nomad_backoff(std::chrono::minutes(1)),
                      std::hash<std::string>{}(settings_.name)) {}

NomadSource::~NomadSource() = default;

asio::awaitable<void> NomadSource::run(WorkloadSink& sink) {
  using namespace asio::experimental::awaitable_operators;
  sink_ = &sink;
  const auto executor = co_await asio::this_coro::executor;
  list_time_ = std::make_unique<ListTimer>(clock_, executor);
  stream_time_ = std::make_unique<ListTimer>(clock_, executor);
  list_time_->set(Duration::zero());
  auto events = follow_events();
  auto lists = keep_listing();
  try {
    co_await (std::move(events) && std::move(lists));
  } catch (const asio::multiple_exceptions& failures) {
    std::rethrow_exception(failures.first_exception());
  }
}

asio::awaitable<void> NomadSource::keep_listing() {
  while (true) {
    co_await list_time_->wait();
    // Set before the list is asked for: what is wanted meanwhile must not be forgotten.
    list_time_->set(settings_.poll_every);
    const Duration pause = co_await list_once();
    if (pause > Duration::zero()) {
      list_time_->hold(pause);
    }
    sink_->next_poll_scheduled(settings_.name, clock_.now() + list_time_->left());
  }
}

asio::awaitable<Duration> NomadSource::list_once() {
  std::optional<NomadFailure> failure;
  try {
    failure = co_await look();
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) {
      throw;
    }
    failure = NomadFailure(SourceProblem("internal", connection_.url() + ": " + error.what()));
  } catch (const PoolBusyError& busy) {
    failure = NomadFailure(SourceProblem("overloaded", connection_.url() + ": " + busy.what()));
  } catch (const std::exception& error) {
    failure = NomadFailure(SourceProblem("internal", connection_.url() + ": " + error.what()));
  }
  if (!failure) {
    list_backoff_.reset();
    co_return Duration::zero();
  }
  sink_->workload_source_failed(settings_.name, failure->problem);
  co_return std::max(failure->retry_after.value_or(Duration::zero()), list_backoff_.next());
}

asio::awaitable<std::optional<NomadFailure>> NomadSource::look() {
  const TimePoint observed_at = clock_.now();
  changed_meanwhile_.clear();
  const auto view = co_await list_all();
  if (!view) {
    co_return view.error();
  }
  if (auto failure = co_await check_vanished(*view)) {
    co_return failure;
  }
  forget_jobs(*view);
  KnownAllocations listed;
  for (const NomadAllocation& allocation : view->allocations) {
    if (allocation.deployed.empty()) {
      continue;
    }
    const auto job = co_await job_of(allocation);
    if (!job) {
      co_return job.error();
    }
    // Without a job the allocation was collected meanwhile.
    if (*job && nomad_runs_container(allocation, **job)) {
      Known known;
      known.allocation = allocation;
      known.job = *job;
      listed.insert_or_assign(allocation.id, std::move(known));
    }
  }
  if (auto failure = co_await learn_platforms(*view)) {
    co_return failure;
  }
  take(*view, std::move(listed));
  report(observed_at);
  sink_->workload_source_limited(
      settings_.name, nodes_are_hidden_
                          ? "the token may not read nodes (node:read): of images for several "
                            "platforms nobody can tell which one runs"
                          : "");
  stream_time_->want_within(Duration::zero());
  co_return std::nullopt;
}

asio::awaitable<Result<NomadView, NomadFailure>> NomadSource::list_all() {
  std::vector<std::string> asked(settings_.namespaces.begin(), settings_.namespaces.end());
  if (asked.empty()) {
    asked.emplace_back(every_namespace);
  }
  NomadView whole;
  for (const std::string& namespace_name : asked) {
    auto view = co_await connection_.allocations(namespace_name);
    if (!view) {
      co_return view.error();
    }
    whole.index = whole.index == 0 ? view->index : std::min(whole.index, view->index);
    std::move(view->allocations.begin(), view->allocations.end(),
              std::back_inserter(whole.allocations));
    if (whole.allocations.size() > nomad_allocations_max) {
      co_return NomadFailure(SourceProblem("malformed", connection_.url() + ": more than " +
                                                            std::to_string(nomad_allocations_max) +
                                                            " allocations"));
    }
  }
  co_return std::move(whole);
}

asio::awaitable<std::optional<NomadFailure>> NomadSource::check_vanished(const NomadView& view) {
  if (!settings_.namespaces.empty()) {
    // Each was asked for by name: without the right to it the list would have failed.
    co_return std::nullopt;
  }
  std::set<std::string> populated;
  for (const NomadAllocation& allocation : view.allocations) {
    populated.insert(allocation.namespace_name);
  }
  std::set<std::string> doubtful;
  std::set_difference(populated_.begin(), populated_.end(), populated.begin(), populated.end(),
                      std::inserter(doubtful, doubtful.end()));
  if (populated.empty() && doubtful.empty()) {
    doubtful.insert(default_namespace);
  }
  for (const std::string& namespace_name : doubtful) {
    if (auto failure = co_await connection_.probe(namespace_name)) {
      co_return failure;
    }
  }
  populated_ = std::move(populated);
  co_return std::nullopt;
}

/// A job that was purged begins again at version 0. So a cached version serves only while an
/// allocation of it is known that the scheduler wants to go on: purging a job stops them all.
void NomadSource::forget_jobs(const NomadView& view) {
  std::set<JobKey> held;
  for (const NomadAllocation& allocation : view.allocations) {
    if (allocation.is_wanted && allocation.job_version && known_.contains(allocation.id)) {
      held.emplace(allocation.namespace_name, allocation.job_id, *allocation.job_version);
    }
  }
  std::erase_if(jobs_, [&](const auto& entry) { return !held.contains(entry.first); });
}

asio::awaitable<Result<NomadSource::JobPointer, NomadFailure>> NomadSource::job_of(
    NomadAllocation allocation) {
  if (const auto known = known_.find(allocation.id); known != known_.end()) {
    co_return known->second.job;
  }
  if (allocation.job_version) {
    const JobKey key(allocation.namespace_name, allocation.job_id, *allocation.job_version);
    if (const auto cached = jobs_.find(key); cached != jobs_.end()) {
      co_return cached->second;
    }
  }
  auto detail = co_await connection_.allocation(allocation.id);
  if (!detail) {
    co_return detail.error();
  }
  if (!*detail) {
    co_return JobPointer();
  }
  JobPointer job = std::make_shared<const NomadJob>(std::move((*detail)->job));
  if (const auto version = (*detail)->allocation.job_version) {
    JobKey key(allocation.namespace_name, allocation.job_id, *version);
    jobs_.insert_or_assign(std::move(key), job);
  }
  co_return job;
}

asio::awaitable<std::optional<NomadFailure>> NomadSource::learn_platforms(const NomadView& view) {
  std::set<std::string> nodes;
  for (const NomadAllocation& allocation : view.allocations) {
    if (!allocation.deployed.empty() && !allocation.node_id.empty()) {
      nodes.insert(allocation.node_id);
    }
  }
  std::erase_if(platforms_, [&](const auto& entry) { return !nodes.contains(entry.first); });
  nodes_are_hidden_ = false;
  for (const std::string& node : nodes) {
    if (auto failure = co_await learn_platform(node)) {
      co_return failure;
    }
  }
  co_return std::nullopt;
}

/// What a node is does not change while it keeps its ID. One refusal stands for all: without
/// node:read the platform stays unknown, which only images for several platforms suffer from.
asio::awaitable<std::optional<NomadFailure>> NomadSource::learn_platform(std::string node_id) {
  if (nodes_are_hidden_ || node_id.empty() || platforms_.contains(node_id)) {
    co_return std::nullopt;
  }
  const auto platform = co_await connection_.platform(node_id);
  if (!platform) {
    co_return platform.error();
  }
  nodes_are_hidden_ = !*platform;
  if (*platform) {
    platforms_[node_id] = **platform;
  }
  co_return std::nullopt;
}

void NomadSource::take(const NomadView& view, KnownAllocations listed) {
  for (const auto& [id, modify_index] : changed_meanwhile_) {
    const auto in_list = listed.find(id);
    const std::uint64_t listed_at =
        in_list == listed.end() ? view.index : in_list->second.allocation.modify_index;
    if (modify_index <= listed_at) {
      continue;
    }
    if (const auto known = known_.find(id); known != known_.end()) {
      listed.insert_or_assign(id, known->second);
    } else {
      listed.erase(id);
    }
  }
  known_ = std::move(listed);
  if (view.index < list_index_) {
    log::warning("workloads", "nomad {}: the index went back from {} to {}: a backup was restored",
                 settings_.name, list_index_, view.index);
    event_index_ = 0;
    stream_is_stale_ = true;
  }
  list_index_ = view.index;
}

std::vector<ContainerObservation> NomadSource::observations_of(const Known& known) const {
  std::vector<ContainerObservation> observations;
  const auto group = known.job->find(known.allocation.task_group);
  if (group == known.job->end()) {
    return observations;
  }
  const auto platform = platforms_.find(known.allocation.node_id);
  for (const NomadTaskState& state : known.allocation.deployed) {
    const auto task = group->second.find(state.name);
    if (task != group->second.end() && task->second.is_container()) {
      observations.push_back(
          nomad_observation(known.allocation, state, task->second,
                            platform == platforms_.end() ? Platform() : platform->second));
    }
  }
  return observations;
}

void NomadSource::report(TimePoint observed_at) {
  WorkloadReport view;
  view.source = settings_.name;
  view.observed_at = observed_at;
  view.complete = true;
  if (!settings_.namespaces.empty()) {
    view.namespaces = settings_.namespaces;
  }
  for (const auto& [id, known] : known_) {
    for (ContainerObservation& observation : observations_of(known)) {
      view.containers.push_back(std::move(observation));
    }
  }
  sink_->workloads_observed(std::move(view));
}

}  // namespace scanclock
