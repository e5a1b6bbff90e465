#pragma once

#include "core/runtime/task_group.hpp"
#include "core/workloads/docker_source.hpp"
#include "core/workloads/swarm_source.hpp"
#include "tests/support/run_coroutine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Keeps what a source tells, and lets a coroutine wait for it.
class EngineObserver final : public WorkloadSink {
 public:
  void workloads_observed(WorkloadReport report) override { reports.push_back(std::move(report)); }
  void workload_source_failed(const std::string&, const SourceProblem& problem) override {
    problems.push_back(problem);
    if (!expects_problems) {
      ADD_FAILURE() << problem.reason << ": " << problem.message;
    }
  }
  void workloads_changed(WorkloadChanges changes) override {
    started.insert(started.end(), changes.running.begin(), changes.running.end());
  }
  void request_made(const std::string&) override {}

  const ContainerObservation* find(const std::string& id) const {
    if (reports.empty()) {
      return nullptr;
    }
    const auto& containers = reports.back().containers;
    const auto found = std::find_if(containers.begin(), containers.end(),
                                    [&](const auto& container) { return container.id == id; });
    return found == containers.end() ? nullptr : &*found;
  }

  std::vector<WorkloadReport> reports;
  std::vector<ContainerObservation> started;
  std::vector<SourceProblem> problems;
  bool expects_problems = false;
};

/// A source that watches a real engine, in real time.
class WatchedEngine : public ::testing::Test {
 protected:
  void TearDown() override {
    run(io_, tasks_.stop());
    pool_.stop();
  }

  void watch(const std::string& url, EngineProduct product,
             Duration poll_every = std::chrono::hours(1)) {
    http_ = make_http_client(clock_, make_dns_resolver(clock_), HttpClientOptions());
    EngineSourceSettings settings;
    settings.name = "host";
    settings.url = url;
    settings.poll_every = poll_every;
    settings.list_delay = std::chrono::milliseconds(50);
    if (product == EngineProduct::swarm) {
      source_ = std::make_unique<SwarmSource>(settings, *http_, clock_, pool_);
    } else {
      source_ = std::make_unique<DockerSource>(settings, product, *http_, clock_, pool_);
    }
    tasks_.spawn("engine", source_->run(observer_));
  }

  /// Runs the loop until `condition` holds; false when it does not within a minute.
  bool comes(const std::function<bool()>& condition) {
    const Duration end = clock_.monotonic() + std::chrono::minutes(1);
    while (!condition() && clock_.monotonic() < end) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    return condition();
  }

  static void fail_test(std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& cause) {
      ADD_FAILURE() << name << " ended: " << cause.what();
    }
  }

  asio::io_context io_{1};
  SystemClock clock_;
  BlockingPool pool_{1, 16};
  std::unique_ptr<HttpClient> http_;
  EngineObserver observer_;
  std::unique_ptr<EngineSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

}  // namespace scanclock
