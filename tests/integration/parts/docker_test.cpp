#include "tests/integration/parts/watched_engine.hpp"
#include "tests/support/docker_engine.hpp"
#include "tests/support/registry_server.hpp"

#include <cstdlib>

namespace scanclock {
namespace {

class DockerTest : public WatchedEngine {
 protected:
  void SetUp() override {
    std::string why_not;
    engine_ = DockerEngine::start(why_not);
    SKIP_OR_FAIL_WITHOUT_DOCKER(engine_, why_not);
    watch(engine_->url(), EngineProduct::docker);
  }

  std::unique_ptr<DockerEngine> engine_;
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

TEST_F(DockerTest, CountsAPausedContainerAsOneThatRuns) {
  ASSERT_TRUE(comes([&] { return observer_.reports.size() == 1; }));
  engine_->import_busybox("scanclock.test/sleeper", "1");
  const std::string id = engine_->run_sleeping("paused", "scanclock.test/sleeper:1");
  const std::string other = engine_->run_sleeping("other", "scanclock.test/sleeper:1");
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  engine_->pause_container(id);
  engine_->stop_container(other);
  ASSERT_TRUE(comes([&] { return observer_.reports.size() >= 2 && !observer_.find(other); }));
  EXPECT_NE(observer_.find(id), nullptr);
}

}  // namespace
}  // namespace scanclock
