#include "core/workloads/kubernetes_view.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

constexpr const char* view_container = "containerd://one";

KubernetesNode view_node(const std::string& name, const std::string& architecture,
                         const std::string& runtime = "containerd://2.1.4") {
  KubernetesNode node;
  node.name = name;
  if (!architecture.empty()) {
    node.platform.os = "linux";
    node.platform.architecture = architecture;
  }
  node.container_runtime = runtime;
  return node;
}

KubernetesPod view_pod(const std::string& uid, const std::string& container_id) {
  KubernetesPod pod;
  pod.uid = uid;
  pod.resource_version = "1";
  pod.namespace_name = "web";
  pod.name = "pod-" + uid;
  pod.node_name = "n1";
  pod.phase = "Running";
  PodContainerStatus status;
  status.name = "app";
  status.container_id = container_id;
  status.image = "registry.example/app:" + uid;
  status.state = PodContainerStatus::State::running;
  pod.statuses.push_back(status);
  return pod;
}

KubernetesOwned view_replica_set(const std::string& uid, const std::string& deployment) {
  KubernetesOwned owner;
  owner.uid = uid;
  if (!deployment.empty()) {
    owner.controller.emplace();
    owner.controller->kind = "Deployment";
    owner.controller->name = deployment;
  }
  return owner;
}

KubernetesPod view_pod_of(const std::string& owner, const std::string& uid,
                          const std::string& container_id) {
  KubernetesPod pod = view_pod(uid, container_id);
  pod.controller.emplace();
  pod.controller->kind = "ReplicaSet";
  pod.controller->name = "front-5d8f7c";
  pod.controller->uid = owner;
  return pod;
}

class ViewOfACluster : public testing::Test {
 protected:
  WorkloadChanges change(KubernetesPod pod) {
    WorkloadChanges changes;
    view.change_pod(0, pod, changes);
    return changes;
  }
  /// All of it in the versions that are known.
  WorkloadChanges list(const std::vector<KubernetesPod>& pods) {
    WorkloadChanges changes;
    view.begin_pods(0);
    for (KubernetesPod pod : pods) {
      view.list_pod(0, pod, true, changes);
    }
    view.end_pods(0);
    return changes;
  }
  bool change(KubernetesNode node) { return view.change_node(std::move(node), told); }
  bool change(const KubernetesOwned& owner) {
    return view.change_owner("ReplicaSet", 0, owner, told);
  }

  KubernetesView view{1, {}};
  WorkloadChanges told;
};

using APodOfAReplacedNode = ViewOfACluster;
using APodOfAMovedOwner = ViewOfACluster;
using TwoPodsThatClaimOneContainer = ViewOfACluster;

TEST_F(APodOfAReplacedNode, IsToldAgainByTheNextListAlthoughItIsUnchanged) {
  const KubernetesPod pod = view_pod("a", view_container);
  KubernetesPod elsewhere = view_pod("b", "containerd://two");
  elsewhere.node_name = "n2";
  EXPECT_FALSE(change(view_node("n1", "amd64")));
  EXPECT_FALSE(change(view_node("n2", "amd64")));
  list({pod, elsewhere});
  EXPECT_TRUE(list({pod, elsewhere}).running.empty());
  EXPECT_TRUE(change(view_node("n1", "arm64")));
  const WorkloadChanges again = list({pod, elsewhere});
  ASSERT_EQ(again.running.size(), 1U) << "what runs on the other node is as it was";
  EXPECT_EQ(again.running[0].platform.architecture, "arm64");
  EXPECT_TRUE(again.ended.empty());
  EXPECT_TRUE(list({pod, elsewhere}).running.empty()) << "once";
}

TEST_F(APodOfAReplacedNode, IsToldAgainByTheListAfterTheOneInWhichItHappened) {
  const KubernetesPod pod = view_pod("a", view_container);
  change(view_node("n1", "amd64"));
  list({pod});
  WorkloadChanges changes;
  view.begin_pods(0);
  KubernetesPod listed = pod;
  view.list_pod(0, listed, true, changes);
  EXPECT_TRUE(changes.running.empty());
  EXPECT_TRUE(change(view_node("n1", "arm64")));
  view.end_pods(0);
  EXPECT_EQ(list({pod}).running.size(), 1U);
}

TEST_F(APodOfAReplacedNode, IsToldAgainAlthoughTheListBeganAnewInBetween) {
  const KubernetesPod pod = view_pod("a", view_container);
  change(view_node("n1", "amd64"));
  list({pod});
  EXPECT_TRUE(change(view_node("n1", "arm64")));
  view.begin_pods(0);
  EXPECT_EQ(list({pod}).running.size(), 1U);
}

TEST_F(APodOfAReplacedNode, IsToldAgainWhenTheNodeWasGoneMeanwhile) {
  const KubernetesPod pod = view_pod("a", view_container);
  change(view_node("n1", "amd64"));
  list({pod});
  view.delete_node(view_node("n1", "amd64"));
  EXPECT_TRUE(change(view_node("n1", "arm64"))) << "its deletion was seen";
  view.begin_nodes();
  view.end_nodes();
  EXPECT_TRUE(change(view_node("n1", "riscv64"))) << "a list did not have it";
}

TEST_F(APodOfAReplacedNode, IsLeftAloneWhenOnlyTheVersionOfTheRuntimeIsNew) {
  change(view_node("n1", "amd64", "containerd://2.1.4"));
  list({view_pod("a", view_container)});
  EXPECT_FALSE(change(view_node("n1", "amd64", "containerd://2.2.0")));
  EXPECT_TRUE(change(view_node("n1", "amd64", "cri-o://1.33.0")));
}

TEST_F(APodOfAReplacedNode, WaitsForANodeThatHasNoPlatformYet) {
  EXPECT_FALSE(change(view_node("n1", "")));
  list({view_pod("a", view_container)});
  EXPECT_EQ(view.waiting(), 1U);
  EXPECT_FALSE(change(view_node("n1", "arm64"))) << "no list is needed for those that waited";
  ASSERT_EQ(told.running.size(), 1U);
  EXPECT_EQ(told.running[0].platform.architecture, "arm64");
}

TEST_F(APodOfAMovedOwner, IsToldAgainByTheNextListAlthoughItIsUnchanged) {
  change(view_node("n1", "amd64"));
  EXPECT_FALSE(change(view_replica_set("rs-1", "front")));
  EXPECT_FALSE(change(view_replica_set("rs-2", "back")));
  const KubernetesPod pod = view_pod_of("rs-1", "a", view_container);
  const KubernetesPod other = view_pod_of("rs-2", "b", "containerd://two");
  EXPECT_EQ(list({pod, other}).running.at(0).workload, "deployment/front");
  EXPECT_FALSE(change(view_replica_set("rs-1", "front"))) << "it changed, and not its controller";
  EXPECT_TRUE(list({pod, other}).running.empty());
  EXPECT_TRUE(change(view_replica_set("rs-1", "blue")));
  const WorkloadChanges again = list({pod, other});
  ASSERT_EQ(again.running.size(), 1U) << "what others own is as it was";
  EXPECT_EQ(again.running[0].workload, "deployment/blue");
  EXPECT_TRUE(again.ended.empty());
  EXPECT_TRUE(list({pod, other}).running.empty()) << "once";
}

TEST_F(APodOfAMovedOwner, IsToldAgainWhenItsOwnerIsOrphanedAndWhenItIsAdopted) {
  change(view_node("n1", "amd64"));
  change(view_replica_set("rs-1", "front"));
  const KubernetesPod pod = view_pod_of("rs-1", "a", view_container);
  list({pod});
  EXPECT_TRUE(change(view_replica_set("rs-1", "")));
  EXPECT_EQ(list({pod}).running.at(0).workload, "replicaset/front-5d8f7c");
  EXPECT_TRUE(change(view_replica_set("rs-1", "front")));
  EXPECT_EQ(list({pod}).running.at(0).workload, "deployment/front");
}

TEST_F(APodOfAMovedOwner, IsToldAgainWhenAListShowsItsOwnerMoved) {
  change(view_node("n1", "amd64"));
  change(view_replica_set("rs-1", "front"));
  const KubernetesPod pod = view_pod_of("rs-1", "a", view_container);
  list({pod});
  view.begin_owners("ReplicaSet", 0);
  EXPECT_TRUE(change(view_replica_set("rs-1", "blue"))) << "the watch missed it";
  view.end_owners("ReplicaSet", 0);
  EXPECT_EQ(list({pod}).running.at(0).workload, "deployment/blue");
}

TEST_F(ViewOfACluster, TellsPodsAgainOnceWhatTheyAreJoinedWithCanBeSeen) {
  EXPECT_FALSE(view.set_nodes_visible(false));
  const KubernetesPod pod = view_pod("a", view_container);
  EXPECT_EQ(list({pod}).running.at(0).platform.architecture, "");
  EXPECT_FALSE(change(view_node("n1", "arm64")));
  EXPECT_TRUE(view.set_nodes_visible(true));
  EXPECT_FALSE(view.set_nodes_visible(true)) << "once";
  EXPECT_EQ(list({pod}).running.at(0).platform.architecture, "arm64");
  EXPECT_TRUE(list({pod}).running.empty());
}

TEST_F(TwoPodsThatClaimOneContainer, AreToldApartAndSaidToDoSo) {
  change(view_node("n1", "amd64"));
  EXPECT_EQ(change(view_pod("a", view_container)).running.at(0).id, view_container);
  EXPECT_EQ(view.disputes(), "");
  const WorkloadChanges second = change(view_pod("b", view_container));
  ASSERT_EQ(second.running.size(), 1U);
  EXPECT_EQ(second.running[0].id, "b/claimed/app");
  EXPECT_EQ(second.running[0].image, "registry.example/app:b");
  EXPECT_TRUE(second.ended.empty());
  EXPECT_EQ(view.containers(), 2U);
  EXPECT_EQ(view.disputes(),
            "pods claim containers that others run; each is counted by itself, such as: "
            "web/pod-b claims containerd://one");
  // Who had it first keeps it, whoever is told again.
  EXPECT_EQ(change(view_pod("a", view_container)).running.at(0).id, view_container);
  EXPECT_EQ(change(view_pod("b", view_container)).running.at(0).id, "b/claimed/app");
}

TEST_F(TwoPodsThatClaimOneContainer, EndOneByOne) {
  change(view_node("n1", "amd64"));
  change(view_pod("a", view_container));
  change(view_pod("b", view_container));
  WorkloadChanges changes;
  view.delete_pod(view_pod("a", view_container), changes);
  EXPECT_EQ(changes.ended, std::vector<std::string>{view_container});
  EXPECT_EQ(view.all_ids(), std::vector<ContainerId>{"b/claimed/app"}) << "it goes on";
  const WorkloadChanges told_again = change(view_pod("b", view_container));
  EXPECT_EQ(told_again.running.at(0).id, view_container) << "nobody else claims it now";
  EXPECT_EQ(told_again.ended, std::vector<std::string>{"b/claimed/app"});
  EXPECT_EQ(view.disputes(), "");
}

TEST_F(TwoPodsThatClaimOneContainer, AreSettledByAListThatLacksOne) {
  change(view_node("n1", "amd64"));
  list({view_pod("a", view_container), view_pod("b", view_container)});
  EXPECT_NE(view.disputes(), "");
  list({view_pod("a", view_container)});
  EXPECT_EQ(view.disputes(), "");
  EXPECT_EQ(view.containers(), 1U);
}

TEST_F(ViewOfACluster, TellsAPodAgainThatIsAskedForByAContainer) {
  const KubernetesPod one = view_pod("a", view_container);
  const KubernetesPod two = view_pod("b", "containerd://two");
  change(view_node("n1", "amd64"));
  list({one, two});
  view.tell_again({view_container, "containerd://of nobody"});
  const WorkloadChanges again = list({one, two});
  ASSERT_EQ(again.running.size(), 1U);
  EXPECT_EQ(again.running[0].id, view_container);
}

}  // namespace
}  // namespace scanclock
