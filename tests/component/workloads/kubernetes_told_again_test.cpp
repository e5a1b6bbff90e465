#include "tests/component/workloads/kubernetes_fixture.hpp"

namespace scanclock {
namespace {

using std::chrono::seconds;

class KubernetesToldAgain : public KubernetesSourceTest {
 protected:
  std::string architecture(const std::string& pod) const {
    const ContainerObservation* container = sink_.find("web", pod);
    return container == nullptr ? "does not run" : container->platform.architecture;
  }
  /// The pod with the container ID of another one.
  static std::string claiming(const std::string& pod, const std::string& other) {
    std::string text = kube_pod("web", pod);
    const std::string own = kube_container_id("web", pod);
    text.replace(text.find(own), own.size(), kube_container_id("web", other));
    return text;
  }
};

TEST_F(KubernetesToldAgain, PodsGetThePlatformOfTheMachineThatTookTheirNodesName) {
  add_pods(2);
  KubePodShape elsewhere;
  elsewhere.node = "node-2";
  server_.put("nodes", kube_node("node-2"));
  server_.put("pods", kube_pod("web", "elsewhere", elsewhere));
  start_and_settle();
  const std::size_t told = sink_.told;
  server_.put("nodes", kube_node("node-1", "arm64"));
  // The watch of the pods is silent all the while.
  ASSERT_TRUE(comes([&] { return architecture("p0") == "arm64" && architecture("p1") == "arm64"; },
                    seconds(5)));
  EXPECT_EQ(architecture("elsewhere"), "amd64");
  EXPECT_EQ(sink_.told - told, 2U);
  EXPECT_EQ(sink_.ended, 0U);
  EXPECT_EQ(sink_.least_running, 3U);
  EXPECT_TRUE(sink_.problems.empty());
  // And the watch goes on.
  ASSERT_TRUE(comes([&] { return server_.open_watches("/pods") > 0; }));
  server_.put("pods", kube_pod("web", "later"));
  EXPECT_TRUE(comes([&] { return architecture("later") == "arm64"; }, seconds(5)));
}

TEST_F(KubernetesToldAgain, PodsGetTheNewControllerOfTheirReplicaSet) {
  KubePodShape shape;
  shape.replica_set = "front-5d8f7c";
  server_.put("nodes", kube_node("node-1"));
  server_.put("replicasets", kube_replica_set("web", shape.replica_set, "front"));
  server_.put("pods", kube_pod("web", "front-5d8f7c-a", shape));
  start_and_settle();
  const auto workload = [&] {
    const ContainerObservation* container = sink_.find("web", "front-5d8f7c-a");
    return container == nullptr ? "does not run" : container->workload;
  };
  ASSERT_TRUE(comes([&] { return workload() == "deployment/front"; }, seconds(5)));
  server_.put("replicasets", kube_replica_set("web", shape.replica_set, "blue"));
  // The watch of the pods is silent all the while.
  EXPECT_TRUE(comes([&] { return workload() == "deployment/blue"; }, seconds(5)));
  EXPECT_EQ(sink_.ended, 0U);
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(KubernetesToldAgain, AContainerThatBeginsAndEndsWithinOnePieceIsToldInThatOrder) {
  add_pods(1);
  start_and_settle();
  const std::size_t told = sink_.told;
  const std::size_t changes_told = sink_.changes_told;
  server_.store().put("pods", kube_pod("web", "short"));
  server_.store().remove("pods", "web", "short");
  server_.store().put("pods", kube_pod("web", "after"));
  server_.tell_watches();
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "after"); }, seconds(5)));
  EXPECT_EQ(sink_.told - told, 2U) << "its history begins, too";
  EXPECT_EQ(sink_.ended, 1U);
  EXPECT_FALSE(sink_.runs("web", "short"));
  EXPECT_GE(sink_.changes_told - changes_told, 2U) << "apart, for changes have no order";
}

TEST_F(KubernetesToldAgain, TwoPodsWithOneContainerIdBothRunAndTheSourceSaysSo) {
  add_pods(1);
  start_and_settle();
  server_.put("pods", claiming("copy", "p0"));
  ASSERT_TRUE(comes([&] { return sink_.running.size() == 2U; }, seconds(5)));
  EXPECT_TRUE(sink_.runs("web", "p0"));
  EXPECT_NE(sink_.limits.find("web/copy claims containerd://"), std::string::npos) << sink_.limits;
  server_.remove("pods", "web", "p0");
  ASSERT_TRUE(comes([&] { return sink_.running.size() == 1U; }, seconds(5)));
  EXPECT_FALSE(sink_.runs("web", "p0")) << "the copy goes on under its own name";
  server_.remove("pods", "web", "copy");
  ASSERT_TRUE(comes([&] { return sink_.running.empty() && sink_.limits.empty(); }, seconds(5)));
}

TEST_F(KubernetesToldAgain, ContainersThatTheDaemonDoesNotKnowAreToldOnceMore) {
  add_pods(3);
  const std::string lost = "containerd://" + kube_container_id("web", "p1");
  sink_.untold = {lost};
  start_and_settle();
  // The report asked for it; by now all are told, and one of them twice.
  ASSERT_TRUE(comes([&] { return sink_.told == 4U && sink_.reports.size() == 2U; }, seconds(5)));
  EXPECT_EQ(sink_.running.size(), 3U);
  EXPECT_EQ(sink_.ended, 0U);
  pass(seconds(60));
  EXPECT_EQ(sink_.reports.size(), 2U) << "once";
}

}  // namespace
}  // namespace scanclock
