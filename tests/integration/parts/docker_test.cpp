#include "core/runtime/task_group.hpp"
#include "core/workloads/docker_source.hpp"
#include "tests/support/docker_engine.hpp"
#include "tests/support/registry_server.hpp"
#include "tests/support/run_coroutine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>

namespace scanclock {
namespace {

constexpr auto answer_max = std::chrono::seconds(60);

/// Keeps what a source tells, and lets a coroutine wait for it.
class Observer final : public WorkloadSink {
 public:
  void workloads_observed(WorkloadReport report) override { reports.push_back(std::move(report)); }
  void workload_source_failed(const std::string&, const SourceProblem& problem) override {
    ADD_FAILURE() << problem.reason << ": " << problem.message;
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
};

class DockerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    engine_ = DockerEngine::start(why_not);
    SKIP_OR_FAIL_WITHOUT_DOCKER(engine_, why_not);
    http_ = make_http_client(clock_, make_dns_resolver(clock_), HttpClientOptions());
    DockerSourceSettings settings;
    settings.name = "host";
    settings.url = engine_->url();
    settings.poll_every = std::chrono::hours(1);
    settings.list_delay = std::chrono::milliseconds(50);
    source_ = std::make_unique<DockerSource>(settings, *http_, clock_, pool_);
    tasks_.spawn("docker", source_->run(observer_));
  }
  void TearDown() override {
    run(io_, tasks_.stop());
    pool_.stop();
  }

  /// Runs the loop until `condition` holds; false when it does not within a minute.
  bool comes(const std::function<bool()>& condition) {
    const Duration end = clock_.monotonic() + answer_max;
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
  std::unique_ptr<DockerEngine> engine_;
  std::unique_ptr<HttpClient> http_;
  Observer observer_;
  std::unique_ptr<DockerSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

TEST_F(DockerTest, SeesARealContainerStartRunAndEnd) {
  ASSERT_TRUE(comes([&] { return observer_.reports.size() == 1; }));
  EXPECT_TRUE(observer_.reports.front().containers.empty());

  const std::string image_id = engine_->import_busybox("scanclock.test/sleeper", "1");
  const std::string id = engine_->run_sleeping(
      "sleeper", "scanclock.test/sleeper:1",
      R"({"com.docker.compose.project":"shop","com.docker.compose.service":"front"})");
  ASSERT_TRUE(comes([&] { return !observer_.started.empty(); }))
      << "the event stream told of no start";
  const ContainerObservation started = observer_.started.front();
  EXPECT_EQ(started.id, id);
  EXPECT_EQ(started.name, "sleeper");
  EXPECT_EQ(started.namespace_name, "shop");
  EXPECT_EQ(started.workload, "front");
  EXPECT_EQ(started.image, "scanclock.test/sleeper:1");
  EXPECT_EQ(started.digests, std::vector<Digest>{Digest::from_trusted(image_id)})
      << "an imported image has no repository digest";
  EXPECT_EQ(started.platform.os, "linux");
  EXPECT_FALSE(started.platform.architecture.empty());
  EXPECT_FALSE(started.node.empty());
  ASSERT_TRUE(started.started_at);
  EXPECT_LT(clock_.now() - *started.started_at, std::chrono::minutes(1));

  // Its end makes a list come, which shows the other container and the name that was moved away
  // from under it.
  const std::string second = engine_->run_sleeping("second", "scanclock.test/sleeper:1");
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  const std::string other_image = engine_->import_busybox("scanclock.test/sleeper", "2");
  engine_->tag("scanclock.test/sleeper:2", "scanclock.test/sleeper", "1");
  engine_->stop_container(id);
  ASSERT_TRUE(comes([&] { return observer_.reports.size() >= 2 && !observer_.find(id); }))
      << "the container that ended is still reported";
  const ContainerObservation* running = observer_.find(second);
  ASSERT_NE(running, nullptr);
  EXPECT_TRUE(observer_.reports.back().complete);
  EXPECT_EQ(running->image, "scanclock.test/sleeper:1");
  EXPECT_EQ(running->digests, std::vector<Digest>{Digest::from_trusted(image_id)});
  EXPECT_NE(other_image, image_id);
  EXPECT_EQ(*running, observer_.started.back()) << "list and event say the same";
}

TEST_F(DockerTest, KeepsTheDigestsOfARealImageWhoseNamesWereRemoved) {
  if (const std::string reason = RegistryServer::unavailable_reason(); !reason.empty()) {
    SKIP_OR_FAIL_WITHOUT_DOCKER(false, reason);
  }
  ASSERT_TRUE(comes([&] { return observer_.reports.size() == 1; }));
  const RegistryServer registry;
  const std::string repository = registry.host() + "/team/app";
  engine_->import_busybox(repository, "1");
  engine_->push(repository, "1");
  engine_->remove_image(repository + ":1");
  engine_->pull(repository, "1");
  const std::string id = engine_->run_sleeping("app", repository + ":1");
  ASSERT_TRUE(comes([&] { return !observer_.started.empty(); }));
  const ContainerObservation started = observer_.started.front();
  EXPECT_EQ(started.id, id);
  EXPECT_EQ(started.digests.size(), 2U) << "the image ID and the digest it was pulled by";
  EXPECT_EQ(started.repositories, std::vector<std::string>{repository});

  const std::string other = engine_->run_sleeping("other", repository + ":1");
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  engine_->remove_image(repository + ":1");
  const std::size_t reports = observer_.reports.size();
  engine_->stop_container(other);
  ASSERT_TRUE(comes([&] { return observer_.reports.size() > reports && !observer_.find(other); }));
  const ContainerObservation* running = observer_.find(id);
  ASSERT_NE(running, nullptr);
  EXPECT_EQ(*running, started);
}

}  // namespace
}  // namespace scanclock
