#include "core/workloads/pod_containers.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

KubernetesOwner owner_of(const std::string& kind, const std::string& name, const std::string& uid) {
  KubernetesOwner owner;
  owner.api_version = "apps/v1";
  owner.kind = kind;
  owner.name = name;
  owner.uid = uid;
  return owner;
}

/// A pod of ReplicaSet `front-5d8f`, and objects whose controllers are known.
class PodWorkload : public testing::Test {
 protected:
  PodWorkload() {
    pod.uid = "u1";
    pod.name = "front-5d8f-x1";
    pod.node_name = "n1";
    pod.template_hash = "5d8f";
    pod.controller = owner_of("ReplicaSet", "front-5d8f", "rs");
    surroundings.owned = [this](std::string_view uid) -> const KubernetesOwned* {
      const auto found = known.find(std::string(uid));
      return found == known.end() ? nullptr : &found->second;
    };
  }

  void know(const std::string& uid, std::optional<KubernetesOwner> controller) {
    KubernetesOwned owned;
    owned.uid = uid;
    owned.controller = std::move(controller);
    known[uid] = owned;
  }

  std::string workload() const { return workload_of(pod, surroundings); }

  KubernetesPod pod;
  std::map<std::string, KubernetesOwned> known;
  PodSurroundings surroundings;
};

TEST_F(PodWorkload, IsTheDeploymentOfItsReplicaSet) {
  know("rs", owner_of("Deployment", "shop-front", "d"));
  EXPECT_EQ(workload(), "deployment/shop-front");
}

TEST_F(PodWorkload, IsTheCronJobOfItsJob) {
  pod.controller = owner_of("Job", "backup-29", "job");
  EXPECT_EQ(workload(), "job/backup-29");
  know("job", owner_of("CronJob", "backup", "c"));
  EXPECT_EQ(workload(), "cronjob/backup");
  know("job", std::nullopt);
  EXPECT_EQ(workload(), "job/backup-29") << "someone made it by hand";
}

TEST_F(PodWorkload, IsAnyOtherControllerAsItIs) {
  for (const auto& [kind, text] :
       std::map<std::string, std::string>{{"StatefulSet", "statefulset/db"},
                                          {"DaemonSet", "daemonset/db"},
                                          {"ReplicationController", "replicationcontroller/db"},
                                          {"Node", "node/db"},
                                          {"Workflow", "workflow/db"}}) {
    pod.controller = owner_of(kind, "db", "x");
    EXPECT_EQ(workload(), text);
  }
  pod.controller = owner_of("ReplicaSet", "front-5d8f", "rs");
  know("rs", owner_of("Rollout", "front", "r"));
  EXPECT_EQ(workload(), "rollout/front");
}

TEST_F(PodWorkload, Case27IsTheNodeOfAStaticPod) {
  pod.controller = owner_of("Node", "n1", "node-uid");
  pod.is_mirror = true;
  EXPECT_EQ(workload(), "node/n1");
  pod.controller.reset();
  EXPECT_EQ(workload(), "node/n1") << "old kubelets wrote no owner";
}

TEST_F(PodWorkload, IsThePodThatNobodyControls) {
  pod.controller.reset();
  EXPECT_EQ(workload(), "pod/front-5d8f-x1");
}

TEST_F(PodWorkload, Case28IsToldFromTheNameOfAReplicaSetThatIsNotKnown) {
  EXPECT_EQ(workload(), "deployment/front");
  pod.template_hash = "d8f";
  EXPECT_EQ(workload(), "replicaset/front-5d8f") << "the name does not end in -HASH";
  pod.template_hash.clear();
  EXPECT_EQ(workload(), "replicaset/front-5d8f");
  pod.template_hash = "front-5d8f";
  EXPECT_EQ(workload(), "replicaset/front-5d8f") << "nothing would be left";
  surroundings.owned = nullptr;
  pod.template_hash = "5d8f";
  EXPECT_EQ(workload(), "deployment/front");
}

TEST_F(PodWorkload, Case28IsTheReplicaSetThatLostItsDeployment) {
  know("rs", std::nullopt);
  EXPECT_EQ(workload(), "replicaset/front-5d8f");
}

TEST_F(PodWorkload, IsFoundThoughOwnersOwnEachOther) {
  know("rs", owner_of("Loop", "a", "b"));
  know("b", owner_of("ReplicaSet", "front-5d8f", "rs"));
  EXPECT_FALSE(workload().empty());
}

}  // namespace
}  // namespace scanclock
