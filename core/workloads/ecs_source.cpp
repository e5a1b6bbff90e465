#include "core/workloads/ecs_source.hpp"

#include "core/runtime/log.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t ecs_tasks_max = 200'000;

Backoff::Limits ecs_backoff(Duration max) {
  Backoff::Limits limits;
  limits.first = std::min<Duration>(std::chrono::seconds(2), max);
  limits.max = max;
  return limits;
}

/// Pieces of at most ecs_page_size.
std::vector<std::vector<std::string>> pages_of(const std::vector<std::string>& arns) {
  std::vector<std::vector<std::string>> pages;
  for (const std::string& arn : arns) {
    if (pages.empty() || pages.back().size() == ecs_page_size) {
      pages.emplace_back();
    }
    pages.back().push_back(arn);
  }
  return pages;
}

}  // namespace

EcsSource::EcsSource(EcsSourceSettings settings, HttpClient& http, Clock& clock, BlockingPool& pool)
    : settings_(std::move(settings)),
      clock_(clock),
      connection_(settings_.access, http, clock, pool,
                  [this] {
                    if (sink_ != nullptr) {
                      sink_->request_made(settings_.name);
                    }
                  }),
      backoff_(ecs_backoff(settings_.poll_every), std::hash<std::string>{}(settings_.name)) {}

asio::awaitable<void> EcsSource::run(WorkloadSink& sink) {
  sink_ = &sink;
  while (true) {
    const Duration started_at = clock_.monotonic();
    const Duration pause = co_await look_once();
    const Duration left =
        pause > Duration::zero() ? pause : started_at + settings_.poll_every - clock_.monotonic();
    sink_->next_poll_scheduled(settings_.name, clock_.now() + std::max(left, Duration::zero()));
    co_await clock_.sleep(left);
  }
}

asio::awaitable<Duration> EcsSource::look_once() {
  const TimePoint observed_at = clock_.now();
  View view;
  try {
    view = co_await look();
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      throw;
    }
    view.problem = SourceProblem("internal", connection_.url() + ": " + failure.what());
  } catch (const PoolBusyError& busy) {
    view.problem = SourceProblem("overloaded", connection_.url() + ": " + busy.what());
  } catch (const std::exception& failure) {
    view.problem = SourceProblem("internal", connection_.url() + ": " + failure.what());
  }
  const bool failed = view.problem.has_value();
  report(observed_at, std::move(view));
  if (failed) {
    co_return backoff_.next();
  }
  backoff_.reset();
  co_return Duration::zero();
}

asio::awaitable<EcsSource::View> EcsSource::look() {
  View view;
  std::vector<std::string> names = settings_.clusters;
  if (names.empty()) {
    auto listed = co_await connection_.clusters();
    if (!listed) {
      view.problem = listed.error();
      co_return view;
    }
    names = std::move(*listed);
  }
  const std::set<std::string> current(names.begin(), names.end());
  std::erase_if(clusters_, [&](const auto& entry) { return !current.contains(entry.first); });
  instances_are_hidden_ = false;
  for (const std::string& cluster : current) {
    auto problem = co_await look_at(cluster, view);
    if (!problem) {
      continue;
    }
    if (problem->reason == "not_found" && settings_.clusters.empty()) {
      // Deleted since it was listed, which takes that nothing runs in it.
      continue;
    }
    ++view.failed_clusters;
    problem->message = "cluster " + ecs_resource_id(cluster) + ": " + problem->message;
    if (!view.problem) {
      view.problem = std::move(problem);
    }
  }
  if (view.failed_clusters > 1) {
    view.problem->message += " (and " + std::to_string(view.failed_clusters - 1) + " more)";
  }
  co_return view;
}

asio::awaitable<std::optional<SourceProblem>> EcsSource::look_at(std::string cluster, View& view) {
  const auto tasks = co_await tasks_of(cluster);
  if (!tasks) {
    co_return tasks.error();
  }
  if (auto problem = co_await learn_instances(cluster, *tasks)) {
    co_return problem;
  }
  Cluster& known = clusters_[cluster];
  std::set<std::string> running_tasks;
  std::set<std::string> ids;
  for (const EcsTask& task : *tasks) {
    const auto instance = known.instances.find(task.instance_arn);
    for (ContainerObservation& container :
         ecs_observations(task, instance == known.instances.end() ? nullptr : &instance->second)) {
      if (ids.insert(container.id).second) {
        running_tasks.insert(task.arn);
        view.containers.push_back(std::move(container));
      }
    }
  }
  std::set_difference(known.container_ids.begin(), known.container_ids.end(), ids.begin(),
                      ids.end(), std::back_inserter(view.ended));
  known.tasks = std::move(running_tasks);
  known.container_ids = std::move(ids);
  co_return std::nullopt;
}

/// ListTasks leaves out at once what ECS wants to stop, though it may run on for minutes: tasks
/// that ran at the last look are described until they have ended.
asio::awaitable<Result<std::vector<EcsTask>, SourceProblem>> EcsSource::tasks_of(
    std::string cluster) {
  auto listed = co_await connection_.tasks(cluster);
  if (!listed) {
    co_return listed.error();
  }
  std::set<std::string> wanted(listed->begin(), listed->end());
  if (const auto known = clusters_.find(cluster); known != clusters_.end()) {
    wanted.insert(known->second.tasks.begin(), known->second.tasks.end());
  }
  if (wanted.size() > ecs_tasks_max) {
    co_return SourceProblem(
        "malformed", connection_.url() + ": more than " + std::to_string(ecs_tasks_max) + " tasks");
  }
  const std::vector<std::string> arns(wanted.begin(), wanted.end());
  std::vector<EcsTask> tasks;
  for (const std::vector<std::string>& page : pages_of(arns)) {
    auto described = co_await connection_.describe_tasks(cluster, page);
    if (!described) {
      co_return described.error();
    }
    std::move(described->tasks.begin(), described->tasks.end(), std::back_inserter(tasks));
  }
  co_return std::move(tasks);
}

/// Where the machines may not be read, the tasks' platforms stay unknown, which only images for
/// several platforms suffer from.
asio::awaitable<std::optional<SourceProblem>> EcsSource::learn_instances(
    std::string cluster, const std::vector<EcsTask>& tasks) {
  Cluster& known = clusters_[cluster];
  std::set<std::string> current;
  for (const EcsTask& task : tasks) {
    if (!task.instance_arn.empty()) {
      current.insert(task.instance_arn);
    }
  }
  std::erase_if(known.instances, [&](const auto& entry) { return !current.contains(entry.first); });
  std::vector<std::string> unknown;
  for (const std::string& arn : current) {
    if (!known.instances.contains(arn)) {
      unknown.push_back(arn);
    }
  }
  for (const std::vector<std::string>& page : pages_of(unknown)) {
    if (instances_are_hidden_) {
      break;
    }
    auto instances = co_await connection_.describe_instances(cluster, page);
    if (!instances && instances.error().reason != "forbidden") {
      co_return instances.error();
    }
    instances_are_hidden_ = !instances;
    if (instances) {
      for (EcsInstance& instance : *instances) {
        known.instances.insert_or_assign(instance.arn, instance);
      }
    }
  }
  co_return std::nullopt;
}

void EcsSource::report(TimePoint observed_at, View view) {
  if (!view.problem) {
    WorkloadReport whole;
    whole.source = settings_.name;
    whole.observed_at = observed_at;
    whole.complete = true;
    whole.containers = std::move(view.containers);
    sink_->workloads_observed(std::move(whole));
    sink_->workload_source_limited(
        settings_.name, instances_are_hidden_
                            ? "the key may not read machines (ecs:DescribeContainerInstances): of "
                              "images for several platforms nobody can tell which one runs"
                            : "");
    return;
  }
  if (!view.containers.empty() || !view.ended.empty()) {
    WorkloadChanges changes;
    changes.source = settings_.name;
    changes.observed_at = observed_at;
    changes.running = std::move(view.containers);
    changes.ended = std::move(view.ended);
    sink_->workloads_changed(std::move(changes));
  }
  sink_->workload_source_failed(settings_.name, *view.problem);
}

}  // namespace scanclock
