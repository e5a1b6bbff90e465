#include "core/workloads/engine_source.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <functional>
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
struct EngineSource::Wake {
  explicit Wake(asio::any_io_executor executor)
      : timer(std::move(executor), asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> wait() {
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::steady_timer timer;
};

EngineSource::EngineSource(EngineSourceSettings settings, EngineProduct product, HttpClient& http,
                           Clock& clock, BlockingPool& pool)
    : settings_(std::move(settings)),
      product_(product),
      clock_(clock),
      connection_(settings_.url, product, http, pool,
                  [this] {
                    if (sink_ != nullptr) {
                      sink_->request_made(settings_.name);
                    }
                  }),
      stream_backoff_(stream_backoff_limits(), std::hash<std::string>{}(settings_.name)) {}

EngineSource::~EngineSource() = default;

asio::awaitable<void> EngineSource::run(WorkloadSink& sink) {
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

asio::awaitable<void> EngineSource::keep_listing() {
  while (true) {
    co_await wait_for_list_time();
    // Set before the list is asked for: what is wanted meanwhile must not be forgotten.
    next_list_at_ = clock_.monotonic() + settings_.poll_every;
    co_await list_once();
    const Duration left = next_list_at_ - clock_.monotonic();
    sink_->next_poll_scheduled(settings_.name, clock_.now() + left);
  }
}

asio::awaitable<void> EngineSource::wait_for_list_time() {
  using namespace asio::experimental::awaitable_operators;
  while (next_list_at_ > clock_.monotonic()) {
    auto time_passes = clock_.sleep(next_list_at_ - clock_.monotonic());
    auto woken = wake_->wait();
    co_await (std::move(time_passes) || std::move(woken));
  }
}

void EngineSource::want_list_within(Duration delay) {
  const Duration at = clock_.monotonic() + delay;
  if (at < next_list_at_) {
    next_list_at_ = at;
    if (wake_) {
      wake_->timer.cancel();
    }
  }
}

asio::awaitable<void> EngineSource::list_once() {
  std::optional<SourceProblem> problem;
  try {
    auto report = co_await look_once();
    if (report) {
      sink_->workloads_observed(std::move(*report));
    } else {
      problem = report.error();
    }
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

asio::awaitable<Result<WorkloadReport, SourceProblem>> EngineSource::look_once() {
  if (auto problem = co_await connection_.negotiate()) {
    co_return *problem;
  }
  co_return co_await look();
}

}  // namespace scanclock
