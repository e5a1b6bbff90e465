#include "core/workloads/docker_source.hpp"
#include "core/workloads/podman_api.hpp"
#include "tests/component/workloads/engine_fixture.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

using Ids = std::vector<std::string>;

constexpr std::int64_t podman_event_ns = 1795293563'206844908;

class PodmanSourceTest : public EngineFixture {
 protected:
  PodmanSourceTest() {
    engine_.podman_version = "4.3.1";
    set_image('c', {"registry.example/team/app@" + sha('1')}, '1');
    engine_.add_to_podman("aa", "registry.example/team/app:1", std::string(64, 'c'), "shop");
  }

  void set_image(char id, const std::vector<std::string>& repo_digests, char digest) {
    engine_.images[std::string(64, id)] = nlohmann::json{
        {"Id", std::string(64, id)},
        {"Digest", sha(digest)},
        {"RepoDigests", repo_digests},
        {"Os", "linux"},
        {"Architecture", "amd64"}}.dump();
  }

  void start() {
    EngineFixture::start(std::make_unique<DockerSource>(engine_settings(), EngineProduct::podman,
                                                        *http_, clock_, pool_));
  }
};

TEST_F(PodmanSourceTest, AsksPodmansOwnApiForContainersThatArePausedToo) {
  start();
  ASSERT_TRUE(settles());
  EXPECT_EQ(source_->kind(), "podman");
  EXPECT_EQ(engine_.count("/v4.0.0/libpod/containers/json?all=true&pod=true"), 1U);
  EXPECT_EQ(engine_.count("/v4.0.0/libpod/images/"), 1U);
  const ContainerObservation& container = sink_.reports.front().containers.front();
  EXPECT_EQ(container.id, "aa");
  EXPECT_EQ(container.node, "host-a");
  EXPECT_EQ(container.namespace_name, "shop");
  EXPECT_EQ(container.digests, (std::vector<Digest>{digest('c'), digest('1')}));
  EXPECT_EQ(container.pullable, std::vector<Digest>{digest('1')});
  EXPECT_EQ(container.image_id, std::string(64, 'c'));
  EXPECT_TRUE(container.repositories.empty());
  EXPECT_EQ(to_string(container.platform), "linux/amd64");
  EXPECT_EQ(container.started_at, TimePoint(seconds(1793530800)));
}

TEST_F(PodmanSourceTest, SubscribesWithTheOneFilterThatPodmanTakes) {
  start();
  ASSERT_TRUE(settles());
  EXPECT_EQ(engine_.count("/v1.41/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D"), 1U);
}

TEST_F(PodmanSourceTest, TellsOfAStartWithThePodsNameAsTheNextListDoes) {
  start();
  ASSERT_TRUE(settles());
  engine_.add_to_podman("bb", "registry.example/team/app:1", std::string(64, 'c'), "shop");
  engine_.emit_event("start", "bb", podman_event_ns);
  ASSERT_TRUE(comes([&] { return sink_.started.size() == 1; }, Duration::zero()));
  EXPECT_EQ(sink_.started.front().namespace_name, "shop");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.reports.back().containers.back(), sink_.started.front());
}

TEST_F(PodmanSourceTest, ListsAfterAnEndByEitherOfItsNames) {
  for (const char* action : {"die", "died", "remove"}) {
    SCOPED_TRACE(action);
    if (!source_) {
      start();
      ASSERT_TRUE(settles());
    }
    const std::size_t reports = sink_.reports.size();
    engine_.emit_event(action, "aa", podman_event_ns);
    ASSERT_TRUE(comes([&] { return sink_.reports.size() == reports + 1; }, seconds(2)));
  }
}

TEST_F(PodmanSourceTest, ReportsInfraContainersSoThatAPatternCanIgnoreThem) {
  set_image('d', {}, '4');
  engine_.add_to_podman("pp", "localhost/podman-pause:4.3.1-0", std::string(64, 'd'), "shop");
  start();
  ASSERT_TRUE(settles());
  const ContainerObservation& infra = sink_.reports.front().containers.back();
  EXPECT_EQ(infra.id, "pp");
  EXPECT_EQ(infra.image, "localhost/podman-pause:4.3.1-0");
  EXPECT_EQ(infra.labels, (std::map<std::string, std::string>{{podman_infra_label, "true"}}));
  EXPECT_EQ(infra.namespace_name, "shop");
}

TEST_F(PodmanSourceTest, KeepsDigestsThatVanishUnderARunningContainer) {
  start();
  ASSERT_TRUE(settles());
  set_image('c', {}, '7');
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.reports.back().containers.front().digests,
            (std::vector<Digest>{digest('c'), digest('1'), digest('7')}));
}

TEST_F(PodmanSourceTest, ListsWhereNothingLogsEvents) {
  start();
  ASSERT_TRUE(settles());
  for (int i = 0; i < 5; ++i) {
    engine_.cut_streams(true);
    ASSERT_TRUE(comes([&] { return engine_.open_streams() == 1; }));
  }
  clock_.advance(io_, minutes(5));
  EXPECT_GE(sink_.reports.size(), 11U);
  EXPECT_TRUE(sink_.problems.empty()) << "a stream that ends at once is no failure";
}

TEST_F(PodmanSourceTest, RefusesToTakeADockerEngineForPodman) {
  engine_.podman_version.clear();
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.front().reason, "unsupported_version");
  EXPECT_NE(sink_.problems.front().message.find("HINT: write `type: docker`"), std::string::npos)
      << sink_.problems.front().message;
}

TEST_F(PodmanSourceTest, RefusesVersionsWithoutWhatItReads) {
  engine_.podman_version = "3.4.4";
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.front().reason, "unsupported_version");
}

TEST_F(PodmanSourceTest, FailsTheLookWhenAnImageCannotBeAskedFor) {
  engine_.answer("/images/", 500, R"({"cause":"boom","message":"boom","response":500})");
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.front().reason, "server_error");
  EXPECT_TRUE(sink_.reports.empty());
  engine_.answer_normally();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; }));
}

TEST_F(PodmanSourceTest, IsSeenWithItsPausedContainersByADockerSource) {
  engine_.listed.clear();
  engine_.images[sha('c')] = engine_.images.at(std::string(64, 'c'));
  engine_.add("aa", "registry.example/team/app:1", sha('c'));
  EngineFixture::start(std::make_unique<DockerSource>(engine_settings(), EngineProduct::docker,
                                                      *http_, clock_, pool_));
  ASSERT_TRUE(settles());
  EXPECT_EQ(engine_.count("/v1.41/containers/json?all=true"), 1U);
  EXPECT_EQ(sink_.ids(), Ids{"aa"});
}

}  // namespace
}  // namespace scanclock
