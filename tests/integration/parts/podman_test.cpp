#include "core/workloads/podman_api.hpp"
#include "tests/integration/parts/watched_engine.hpp"
#include "tests/support/podman_service.hpp"
#include "tests/support/registry_server.hpp"

#include <cstdlib>
#include <ostream>

namespace scanclock {

using Owner = PodmanService::Owner;
void PrintTo(Owner owner, std::ostream* out) { *out << (owner == Owner::root ? "root" : "user"); }

namespace {

class PodmanTest : public WatchedEngine {
 protected:
  void begin(Owner owner) {
    std::string why_not;
    podman_ = PodmanService::start(owner, why_not);
    SKIP_OR_FAIL_WITHOUT_PODMAN(podman_, why_not);
    watch(podman_->url(), EngineProduct::podman);
    ASSERT_TRUE(comes([&] { return observer_.reports.size() == 1; }));
  }

  std::unique_ptr<PodmanService> podman_;
};

class PodmanOwners : public PodmanTest, public ::testing::WithParamInterface<Owner> {};

TEST_P(PodmanOwners, SeesARealContainerStartPauseAndEnd) {
  begin(GetParam());
  if (!podman_) {
    return;
  }
  EXPECT_TRUE(observer_.reports.front().containers.empty());
  const std::string image_id = podman_->import_busybox("localhost/sleeper:1");
  const std::string id =
      podman_->run_sleeping("sleeper", "localhost/sleeper:1", {"--label", "team=pay"});
  ASSERT_TRUE(comes([&] { return !observer_.started.empty(); }))
      << "the event stream told of no start";
  const ContainerObservation started = observer_.started.front();
  EXPECT_EQ(started.id, id);
  EXPECT_EQ(started.name, "sleeper");
  EXPECT_EQ(started.image, "localhost/sleeper:1");
  EXPECT_EQ(started.labels.at("team"), "pay");
  EXPECT_EQ("sha256:" + started.image_id, image_id) << "Podman's own API leaves the algorithm out";
  ASSERT_FALSE(started.digests.empty());
  EXPECT_EQ(started.digests.front(), Digest::from_trusted(image_id));
  EXPECT_EQ(started.platform.os, "linux");
  EXPECT_FALSE(started.platform.architecture.empty());
  EXPECT_FALSE(started.node.empty());
  ASSERT_TRUE(started.started_at);
  EXPECT_LT(clock_.now() - *started.started_at, std::chrono::minutes(1));

  const std::string other = podman_->run_sleeping("other", "localhost/sleeper:1");
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  // A user may pause nothing where the host has the old control groups.
  if (GetParam() == Owner::root) {
    podman_->podman({"pause", "sleeper"});
  }
  podman_->podman({"rm", "--force", "--time=0", "other"});
  ASSERT_TRUE(comes([&] { return observer_.reports.size() >= 2 && !observer_.find(other); }))
      << "the container that ended is still reported";
  const ContainerObservation* paused = observer_.find(id);
  ASSERT_NE(paused, nullptr) << "Podman's own default leaves paused containers out";
  EXPECT_EQ(*paused, started) << "list and event say the same";
  EXPECT_TRUE(observer_.reports.back().complete);
}

TEST_P(PodmanOwners, LeaveNoProcessBehind) {
  begin(GetParam());
  if (!podman_) {
    return;
  }
  podman_->import_busybox("localhost/sleeper:1");
  podman_->run_sleeping("sleeper", "localhost/sleeper:1");
  const std::vector<pid_t> all = podman_->processes();
  std::string programs;
  for (const pid_t pid : all) {
    programs += read_text("/proc/" + std::to_string(pid) + "/comm");
  }
  EXPECT_NE(programs.find("podman\n"), std::string::npos) << programs;
  EXPECT_NE(programs.find("conmon\n"), std::string::npos) << programs;
  EXPECT_NE(programs.find("sleep\n"), std::string::npos) << programs;
  podman_.reset();
  for (const pid_t pid : all) {
    EXPECT_EQ(read_text("/proc/" + std::to_string(pid) + "/comm"), "") << pid;
  }
}

INSTANTIATE_TEST_SUITE_P(OwnedBy, PodmanOwners, ::testing::Values(Owner::root, Owner::user),
                         [](const auto& each) {
                           return each.param == Owner::root ? "Root" : "AUser";
                         });

TEST_F(PodmanTest, MarksTheInfraContainerOfARealPod) {
  begin(Owner::root);
  if (!podman_) {
    return;
  }
  podman_->import_busybox("localhost/sleeper:1");
  podman_->podman({"pod", "create", "--name", "shop"});
  const std::string id = podman_->run_sleeping("front", "localhost/sleeper:1", {"--pod", "shop"});
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  const auto& started = observer_.started;
  const auto infra = std::find_if(started.begin(), started.end(), [](const auto& container) {
    return container.labels.contains(podman_infra_label);
  });
  ASSERT_NE(infra, started.end());
  EXPECT_EQ(infra->image.rfind("localhost/podman-pause:", 0), 0U) << infra->image;
  EXPECT_EQ(infra->namespace_name, "shop");
  const auto front = std::find_if(started.begin(), started.end(),
                                  [&](const auto& container) { return container.id == id; });
  ASSERT_NE(front, started.end());
  EXPECT_EQ(front->namespace_name, "shop");
  EXPECT_FALSE(front->labels.contains(podman_infra_label));
}

TEST_F(PodmanTest, KeepsTheDigestOfAPulledImageAndTrustsNoneOfItsRepositories) {
  if (const std::string reason = RegistryServer::unavailable_reason(); !reason.empty()) {
    SKIP_OR_FAIL_WITHOUT_PODMAN(false, reason);
  }
  begin(Owner::root);
  if (!podman_) {
    return;
  }
  const RegistryServer registry;
  const std::string name = registry.host() + "/team/app:1";
  podman_->import_busybox(name);
  podman_->podman({"push", "--tls-verify=false", name});
  podman_->podman({"rmi", name});
  podman_->podman({"pull", "--tls-verify=false", name});
  const std::string mirror = registry.host() + "/other/mirror:1";
  podman_->podman({"tag", name, mirror});
  const Digest digest =
      Digest::from_trusted(podman_->podman({"image", "inspect", "--format", "{{.Digest}}", name}));
  const std::string id = podman_->run_sleeping("app", name);
  ASSERT_TRUE(comes([&] { return !observer_.started.empty(); }));
  const ContainerObservation started = observer_.started.front();
  EXPECT_EQ(started.image, name);
  EXPECT_NE(std::find(started.pullable.begin(), started.pullable.end(), digest),
            started.pullable.end());
  EXPECT_TRUE(started.repositories.empty()) << "other/mirror never had it";

  const std::string other = podman_->run_sleeping("other", name);
  ASSERT_TRUE(comes([&] { return observer_.started.size() == 2; }));
  podman_->podman({"untag", name});
  podman_->podman({"rm", "--force", "--time=0", "other"});
  ASSERT_TRUE(comes([&] { return observer_.reports.size() >= 2 && !observer_.find(other); }));
  const ContainerObservation* running = observer_.find(id);
  ASSERT_NE(running, nullptr);
  EXPECT_EQ(*running, started);
}

}  // namespace
}  // namespace scanclock
