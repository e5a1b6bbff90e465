#include "core/workloads/docker_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <functional>
#include <set>
#include <utility>

namespace scanclock {
namespace {

Backoff::Limits stream_backoff_limits() {
  Backoff::Limits limits;
  limits.first = std::chrono::seconds(1);
  limits.max = std::chrono::minutes(1);
  return limits;
}

}  // namespace

/// A timer that never expires: cancelling it wakes whoever waits. Nothing is lost, for the waiter
/// looks at next_list_at_ before and after.
struct DockerSource::Wake {
  explicit Wake(asio::any_io_executor executor)
      : timer(std::move(executor), asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> wait() {
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::steady_timer timer;
};

DockerSource::DockerSource(DockerSourceSettings settings, HttpClient& http, Clock& clock,
                           BlockingPool& pool)
    : settings_(std::move(settings)),
      clock_(clock),
      connection_(settings_.url, http, pool,
                  [this] {
                    if (sink_ != nullptr) {
                      sink_->request_made(settings_.name);
                    }
                  }),
      stream_backoff_(stream_backoff_limits(), std::hash<std::string>{}(settings_.name)) {}

DockerSource::~DockerSource() = default;

asio::awaitable<void> DockerSource::run(WorkloadSink& sink) {
  using namespace asio::experimental::awaitable_operators;
  sink_ = &sink;
  auto executor = co_await asio::this_coro::executor;
  wake_ = std::make_unique<Wake>(std::move(executor));
  next_list_at_ = clock_.monotonic() + docker_subscription_wait_max;
  auto events = follow_events();
  auto lists = keep_listing();
  try {
    co_await (std::move(events) && std::move(lists));
  } catch (const asio::multiple_exceptions& failures) {
    std::rethrow_exception(failures.first_exception());
  }
}

asio::awaitable<void> DockerSource::keep_listing() {
  while (true) {
    co_await wait_for_list_time();
    // Set before the list is asked for: what is wanted meanwhile must not be forgotten.
    next_list_at_ = clock_.monotonic() + settings_.poll_every;
    co_await list_once();
    const Duration left = next_list_at_ - clock_.monotonic();
    sink_->next_poll_scheduled(settings_.name, clock_.now() + left);
  }
}

asio::awaitable<void> DockerSource::wait_for_list_time() {
  using namespace asio::experimental::awaitable_operators;
  while (next_list_at_ > clock_.monotonic()) {
    auto time_passes = clock_.sleep(next_list_at_ - clock_.monotonic());
    auto woken = wake_->wait();
    co_await (std::move(time_passes) || std::move(woken));
  }
}

void DockerSource::want_list_within(Duration delay) {
  const Duration at = clock_.monotonic() + delay;
  if (at < next_list_at_) {
    next_list_at_ = at;
    wake_->timer.cancel();
  }
}

asio::awaitable<void> DockerSource::list_once() {
  std::optional<SourceProblem> problem;
  try {
    problem = co_await look();
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      throw;
    }
    problem = SourceProblem("internal", settings_.url + ": " + failure.what());
  } catch (const std::exception& failure) {
    problem = SourceProblem("internal", settings_.url + ": " + failure.what());
  }
  if (problem) {
    sink_->workload_source_failed(settings_.name, *problem);
  }
}

asio::awaitable<std::optional<SourceProblem>> DockerSource::look() {
  if (auto problem = co_await connection_.negotiate()) {
    co_return problem;
  }
  const TimePoint observed_at = clock_.now();
  started_meanwhile_.clear();
  const auto containers = co_await running_containers();
  if (!containers) {
    co_return containers.error();
  }
  std::set<std::string> image_ids;
  for (const DockerContainer& container : *containers) {
    if (!container.image_id.empty() && image_ids.insert(container.image_id).second) {
      if (auto problem = co_await refresh_image(container.image_id)) {
        co_return problem;
      }
    }
  }
  report(observed_at, *containers);
  co_return std::nullopt;
}

asio::awaitable<Result<DockerSource::Containers, SourceProblem>>
DockerSource::running_containers() {
  const auto listed = co_await connection_.containers();
  if (!listed) {
    co_return listed.error();
  }
  Containers running;
  for (DockerContainer container : *listed) {
    if (!container.running) {
      continue;
    }
    if (image_name_is_lost(container) && !inspected_.contains(container.id)) {
      const auto inspected = co_await connection_.container(container.id);
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
      container.image = image_name_is_lost(container) ? known->second.image : container.image;
      container.started_at = known->second.started_at;
    }
    running.push_back(std::move(container));
  }
  co_return running;
}

asio::awaitable<std::optional<SourceProblem>> DockerSource::refresh_image(std::string image_id) {
  const auto image = co_await connection_.image(image_id);
  if (!image) {
    co_return image.error();
  }
  if (*image) {
    images_[image_id].unite(**image);
  }
  co_return std::nullopt;
}

ContainerObservation DockerSource::observation_of(const DockerContainer& container) const {
  const auto image = images_.find(container.image_id);
  return docker_observation(container, image == images_.end() ? nullptr : &image->second,
                            connection_.node());
}

void DockerSource::report(TimePoint observed_at, const Containers& containers) {
  WorkloadReport view;
  view.source = settings_.name;
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
  std::erase_if(inspected_, [&](const auto& entry) { return !ids.contains(entry.first); });
  sink_->workloads_observed(std::move(view));
}

}  // namespace scanclock
