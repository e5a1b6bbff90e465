#pragma once

#include "core/runtime/task_group.hpp"
#include "core/workloads/kubernetes_client.hpp"
#include "core/workloads/kubernetes_source.hpp"
#include "tests/support/kube_api_server.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// What a daemon would believe to run after what a source told it.
class BelievingSink final : public WorkloadSink {
 public:
  void workloads_observed(WorkloadReport report) override {
    std::set<std::string> present(report.unchanged.begin(), report.unchanged.end());
    for (ContainerObservation& container : report.containers) {
      present.insert(container.id);
      running[container.id] = std::move(container);
    }
    if (report.complete) {
      ended += std::erase_if(running, [&](const auto& entry) {
        const bool in_view =
            !report.namespaces || report.namespaces->contains(entry.second.namespace_name);
        return in_view && !present.contains(entry.first);
      });
      least_running = std::min(least_running, running.size());
    }
    reports.push_back(std::move(report));
  }
  void workload_source_failed(const std::string& /*source*/,
                              const SourceProblem& problem) override {
    problems.push_back(problem);
  }
  void workloads_changed(WorkloadChanges changes) override {
    for (ContainerObservation& container : changes.running) {
      ++told;
      running[container.id] = std::move(container);
    }
    for (const std::string& id : changes.ended) {
      ended += running.erase(id);
    }
    least_running = std::min(least_running, running.size());
    ++changes_told;
  }
  bool workload_view_stands(const std::string& /*source*/, std::uint64_t seen) override {
    ++stands;
    seen_when_standing = seen;
    return believes;
  }
  void workload_source_limited(const std::string& /*source*/, const std::string& text) override {
    limits = text;
  }
  void request_made(const std::string& /*source*/) override {}
  std::vector<std::string> take_untold(const std::string& /*source*/) override {
    return std::exchange(untold, {});
  }

  bool runs(const std::string& namespace_name, const std::string& pod, int container = 0,
            const std::string& suffix = {}) const {
    return find(namespace_name, pod, container, suffix) != nullptr;
  }
  const ContainerObservation* find(const std::string& namespace_name, const std::string& pod,
                                   int container = 0, const std::string& suffix = {}) const {
    const auto found =
        running.find("containerd://" + kube_container_id(namespace_name, pod, container, suffix));
    return found == running.end() ? nullptr : &found->second;
  }
  /// From now on.
  void watch_for_a_dip() { least_running = running.size(); }

  std::map<std::string, ContainerObservation> running;
  std::vector<WorkloadReport> reports;
  std::vector<SourceProblem> problems;
  std::string limits;
  std::vector<std::string> untold;
  std::size_t ended = 0;
  std::size_t told = 0;
  std::size_t changes_told = 0;
  std::size_t stands = 0;
  std::uint64_t seen_when_standing = 0;
  /// The fewest that ran at any moment.
  std::size_t least_running = 0;
  bool believes = true;
};

/// Keeps what it is handed; judges as it is told to.
class KeepingEvidence final : public EvidenceSink {
 public:
  asio::awaitable<ScanReportOutcome> report_found(ClusterScanReport report) override {
    reports.push_back(*report.bytes);
    if (refusals_left > 0) {
      --refusals_left;
      co_return refusal;
    }
    co_return ScanReportOutcome::counted;
  }

  std::vector<std::string> reports;
  std::size_t refusals_left = 0;
  ScanReportOutcome refusal = ScanReportOutcome::not_kept;
};

/// Sources of clusters on one I/O thread, in virtual time.
class KubernetesSourceTest : public ::testing::Test {
 protected:
  KubernetesSourceTest() : pool_(1, 64) {
    clock_.set_io_patience(std::chrono::milliseconds(10));
    resolver_ = make_dns_resolver(clock_);
  }

  ~KubernetesSourceTest() override {
    run(io_, clock_, tasks_->stop());
    pool_.stop();
  }

  static KubernetesSourceSettings settings_named(const std::string& name) {
    KubernetesSourceSettings settings;
    settings.name = name;
    return settings;
  }

  std::unique_ptr<KubernetesApi> api_of(const std::string& url, const std::string& token = {}) {
    KubernetesAccess access;
    access.name = "a test";
    access.server = url;
    access.token = token;
    auto make_client = [this](HttpClientOptions options) -> std::shared_ptr<HttpClient> {
      return make_http_client(clock_, resolver_, std::move(options));
    };
    auto credentials =
        std::make_unique<KubernetesCredentials>(access, clock_, pool_, std::move(make_client));
    return std::make_unique<KubernetesClient>(std::move(credentials), clock_);
  }

  void start(KubernetesSourceSettings settings, const std::string& url, WorkloadSink& sink,
             const std::string& token = {}) {
    sources_.push_back(std::make_unique<KubernetesSource>(std::move(settings), api_of(url, token),
                                                          clock_, pool_, &evidence_));
    tasks_->spawn("kubernetes", sources_.back()->run(sink));
  }
  void start() { start(settings_named("prod-1"), server_.url(), sink_); }

  /// True when `condition` came to hold within `limit` of virtual time.
  bool comes(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(3)) {
    return clock_.run_while(
        io_, [&] { return !condition(); }, limit);
  }
  void pass(Duration duration) { clock_.advance(io_, duration); }

  /// Ends the sources, as a stop of the daemon does.
  void stop() {
    run(io_, clock_, tasks_->stop());
    tasks_ = make_tasks();
    sources_.clear();
  }

  bool settles() {
    return comes([this] { return !sink_.reports.empty() && server_.open_watches("/pods") > 0; });
  }
  void start_and_settle() {
    start();
    ASSERT_TRUE(settles());
    sink_.watch_for_a_dip();
  }

  void add_pods(int count, const std::string& namespace_name = "web") {
    server_.put("nodes", kube_node("node-1"));
    if (count > 300) {
      // Such pages are read on the pool: virtual time must not run on meanwhile.
      clock_.set_io_patience(std::chrono::milliseconds(250));
    }
    for (int number = 0; number < count; ++number) {
      server_.put("pods", kube_pod(namespace_name, "p" + std::to_string(number)));
    }
  }

  std::unique_ptr<TaskGroup> make_tasks() {
    return std::make_unique<TaskGroup>(io_.get_executor(),
                                       [](std::string_view name, std::exception_ptr failure) {
                                         try {
                                           std::rethrow_exception(std::move(failure));
                                         } catch (const std::exception& cause) {
                                           ADD_FAILURE() << name << " ended: " << cause.what();
                                         }
                                       });
  }

  asio::io_context io_{1};
  SimClock clock_;
  KubeApiServer server_{io_, clock_};
  BlockingPool pool_;
  std::shared_ptr<DnsResolver> resolver_;
  BelievingSink sink_;
  KeepingEvidence evidence_;
  std::vector<std::unique_ptr<KubernetesSource>> sources_;
  std::unique_ptr<TaskGroup> tasks_ = make_tasks();
};

}  // namespace scanclock
