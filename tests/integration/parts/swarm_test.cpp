#include "tests/integration/parts/watched_engine.hpp"
#include "tests/support/docker_engine.hpp"
#include "tests/support/registry_server.hpp"

#include <cstdlib>
#include <set>

namespace scanclock {
namespace {

class SwarmTest : public WatchedEngine {
 protected:
  void SetUp() override {
    std::string why_not;
    engine_ = DockerEngine::start(why_not);
    SKIP_OR_FAIL_WITHOUT_DOCKER(engine_, why_not);
  }

  std::set<std::string> images() const {
    std::set<std::string> found;
    if (!observer_.reports.empty()) {
      for (const ContainerObservation& container : observer_.reports.back().containers) {
        found.insert(container.image);
      }
    }
    return found;
  }
  std::size_t count() const {
    return observer_.reports.empty() ? 0 : observer_.reports.back().containers.size();
  }

  std::unique_ptr<DockerEngine> engine_;
};

TEST_F(SwarmTest, SeesARealServiceRunUpdateAndEnd) {
  engine_->begin_swarm();
  engine_->import_busybox("scanclock.test/sleeper", "1");
  engine_->import_busybox("scanclock.test/sleeper", "2");
  watch(engine_->url(), EngineProduct::swarm);
  ASSERT_TRUE(comes([&] { return observer_.reports.size() == 1; }));
  EXPECT_TRUE(observer_.reports.front().containers.empty());

  const std::string service =
      engine_->create_service("shop_web", "scanclock.test/sleeper:1", 2,
                              R"({"com.docker.stack.namespace":"shop","team":"pay"})");
  ASSERT_TRUE(comes([&] { return count() == 2; }))
      << "the events and the looks that follow them showed no two replicas";
  std::set<std::string> names;
  for (const ContainerObservation& container : observer_.reports.back().containers) {
    names.insert(container.name);
    EXPECT_EQ(container.workload, "service/shop_web");
    EXPECT_EQ(container.namespace_name, "shop");
    EXPECT_EQ(container.image, "scanclock.test/sleeper:1");
    EXPECT_EQ(container.labels.at("team"), "pay");
    EXPECT_TRUE(container.assumed) << "a tag alone";
    EXPECT_TRUE(container.digests.empty());
    EXPECT_EQ(container.platform.os, "linux");
    EXPECT_NE(container.platform.architecture, "x86_64") << "images say amd64";
    EXPECT_EQ(container.node, source_->node()) << "the one node is this host";
    EXPECT_EQ(container.id.size(), 64U) << "Docker's own container ID";
    ASSERT_TRUE(container.started_at);
    EXPECT_LT(clock_.now() - *container.started_at, std::chrono::minutes(1));
  }
  EXPECT_EQ(names, (std::set<std::string>{"shop_web.1", "shop_web.2"}));

  engine_->update_service(service, "scanclock.test/sleeper:2");
  ASSERT_TRUE(comes([&] {
    return count() == 2 && images() == std::set<std::string>{"scanclock.test/sleeper:2"};
  })) << "the rolling update did not come to its end";

  engine_->remove_service(service);
  ASSERT_TRUE(comes([&] { return count() == 0; }));
  EXPECT_TRUE(observer_.reports.back().complete);
}

TEST_F(SwarmTest, TakesTheDigestThatAServiceIsPinnedTo) {
  if (const std::string reason = RegistryServer::unavailable_reason(); !reason.empty()) {
    SKIP_OR_FAIL_WITHOUT_DOCKER(false, reason);
  }
  engine_->begin_swarm();
  const RegistryServer registry;
  const std::string repository = registry.host() + "/team/app";
  engine_->import_busybox(repository, "1");
  engine_->push(repository, "1");
  const Digest digest = Digest::from_trusted(engine_->repository_digest(repository + ":1"));
  watch(engine_->url(), EngineProduct::swarm);
  engine_->create_service("web", repository + ":1@" + digest.str(), 1);
  ASSERT_TRUE(comes([&] { return count() == 1; }));
  const ContainerObservation& container = observer_.reports.back().containers.front();
  EXPECT_EQ(container.digests, std::vector<Digest>{digest});
  EXPECT_EQ(container.pullable, std::vector<Digest>{digest});
  EXPECT_FALSE(container.assumed);
}

TEST_F(SwarmTest, SaysThatAnEngineOutsideAnySwarmIsNoManager) {
  observer_.expects_problems = true;
  watch(engine_->url(), EngineProduct::swarm);
  ASSERT_TRUE(comes([&] { return !observer_.problems.empty(); }));
  EXPECT_EQ(observer_.problems.front().reason, "not_a_manager")
      << observer_.problems.front().message;
  EXPECT_TRUE(observer_.reports.empty());
}

}  // namespace
}  // namespace scanclock
