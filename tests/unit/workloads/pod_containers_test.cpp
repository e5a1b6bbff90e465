#include "core/workloads/pod_containers.hpp"

#include <gtest/gtest.h>

// The numbers are those of the edge cases of the cross-reference of running containers and images.
namespace scanclock {
namespace {

using State = PodContainerStatus::State;

Digest digest_of(char digit) { return Digest::from_trusted("sha256:" + std::string(64, digit)); }

/// A running pod of one running container, which the tests change.
class PodContainers : public testing::Test {
 protected:
  PodContainers() {
    pod.uid = "u1";
    pod.namespace_name = "team";
    pod.name = "front-x";
    pod.node_name = "n1";
    pod.phase = "Running";
    add_container("app", PodContainerKind::main, 'a');
    node.name = "n1";
    node.platform.os = "linux";
    node.platform.architecture = "amd64";
    node.container_runtime = "containerd://2.1.4";
    surroundings.node = [this](std::string_view name) { return name == "n1" ? &node : nullptr; };
  }

  /// Returns its status, running.
  PodContainerStatus& add_container(const std::string& name, PodContainerKind kind, char digit) {
    PodContainer container;
    container.kind = kind;
    container.name = name;
    container.image = "r.example/" + name + ":1";
    pod.containers.push_back(container);
    PodContainerStatus status;
    status.kind = kind;
    status.name = name;
    status.image = container.image;
    status.image_id = "r.example/" + name + "@" + digest_of(digit).str();
    status.container_id = "containerd://" + name;
    status.state = State::running;
    status.started_at = parse_rfc3339("2026-11-01T12:00:00Z");
    pod.statuses.push_back(status);
    return pod.statuses.back();
  }

  std::vector<ContainerObservation> observed() const { return pod_containers(pod, surroundings); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const ContainerObservation& seen : observed()) {
      names.push_back(seen.name);
    }
    return names;
  }

  KubernetesPod pod;
  KubernetesNode node;
  PodSurroundings surroundings;
};

using Names = std::vector<std::string>;
using Digests = std::vector<Digest>;

TEST_F(PodContainers, AreObservedWithAllThatIsKnown) {
  pod.labels = {{"team", "pay"}};
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 1U);
  ContainerObservation expected;
  expected.id = "containerd://app";
  expected.namespace_name = "team";
  expected.workload = "pod/front-x";
  expected.name = "app";
  expected.node = "n1";
  expected.labels = {{"team", "pay"}};
  expected.image = "r.example/app:1";
  expected.digests = {digest_of('a')};
  expected.pullable = {digest_of('a')};
  expected.repositories = {"r.example/app"};
  expected.platform = node.platform;
  expected.started_at = parse_rfc3339("2026-11-01T12:00:00Z");
  expected.image_id = "r.example/app@" + digest_of('a').str();
  EXPECT_EQ(seen[0], expected);
}

TEST_F(PodContainers, Case03And04PinnedReferencesStandBesideTheImageId) {
  pod.containers[0].image = "r.example/app:1@" + digest_of('b').str();
  pod.statuses[0].image_id = digest_of('c').str();
  const auto seen = observed();
  EXPECT_EQ(seen.at(0).digests, (Digests{digest_of('b'), digest_of('c')}));
  EXPECT_EQ(seen.at(0).pullable, Digests{digest_of('b')}) << "a bare ID mostly is a config's";
  EXPECT_TRUE(seen.at(0).repositories.empty());
}

TEST_F(PodContainers, Case17And36GiveTheDigestOfABareIdInLowerCase) {
  pod.statuses[0].image_id = std::string(64, 'D');
  const auto seen = observed();
  EXPECT_EQ(seen.at(0).digests, Digests{digest_of('d')});
  EXPECT_EQ(seen.at(0).image_id, std::string(64, 'D')) << "the raw text is evidence";
}

TEST_F(PodContainers, CrioMakesRepositoriesUp) {
  pod.statuses[0].container_id = "cri-o://app";
  EXPECT_TRUE(observed().at(0).repositories.empty());
  pod.statuses[0].container_id = "app";
  EXPECT_FALSE(observed().at(0).repositories.empty()) << "its node says containerd";
  node.container_runtime = "cri-o://1.30.1";
  EXPECT_TRUE(observed().at(0).repositories.empty());
}

TEST_F(PodContainers, Case19GiveNoDigestWithoutAnImageId) {
  pod.statuses[0].image_id.clear();
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].digests.empty());
  pod.statuses[0].state = State::waiting;
  pod.statuses[0].waiting_reason = "ImagePullBackOff";
  EXPECT_EQ(names(), Names{}) << "it never started";
}

TEST_F(PodContainers, Case36GiveNoDigestForAnIdThatIsNone) {
  pod.statuses[0].image_id = "r.example/app@sha256:123";
  const auto seen = observed();
  EXPECT_TRUE(seen.at(0).digests.empty());
  EXPECT_EQ(seen.at(0).image_id, "r.example/app@sha256:123");
}

TEST_F(PodContainers, Case20DoNotRunInAPendingPodWithoutStatuses) {
  pod.statuses.clear();
  pod.phase = "Pending";
  EXPECT_EQ(names(), Names{});
}

TEST_F(PodContainers, Case20RunInARunningPodThatDoesNotSpeakOfThem) {
  pod.statuses.clear();
  add_container("setup", PodContainerKind::init, 'b');
  add_container("mesh", PodContainerKind::init, 'c');
  pod.containers.back().restart_policy = "Always";
  add_container("debug", PodContainerKind::ephemeral, 'd');
  pod.statuses.clear();
  const auto seen = observed();
  EXPECT_EQ(names(), (Names{"app", "mesh"}));
  EXPECT_EQ(seen.at(0).id, "u1/app");
  EXPECT_EQ(seen.at(0).image, "r.example/app:1");
  EXPECT_TRUE(seen.at(0).digests.empty()) << "unresolved, and so not compliant";
}

TEST_F(PodContainers, Case21CompletedInitContainersAreHistoryAndSidecarsRun) {
  auto& setup = add_container("setup", PodContainerKind::init, 'b');
  setup.state = State::terminated;
  setup.exit_code = 0;
  add_container("mesh", PodContainerKind::init, 'c');
  pod.containers.back().restart_policy = "Always";
  EXPECT_EQ(names(), (Names{"app", "mesh"}));
}

TEST_F(PodContainers, Case21AnInitContainerRunsWhileItRuns) {
  pod.phase = "Pending";
  pod.statuses[0].state = State::waiting;
  auto& setup = add_container("setup", PodContainerKind::init, 'b');
  EXPECT_EQ(names(), Names{"setup"});
  setup.state = State::terminated;
  setup.exit_code = 1;
  EXPECT_EQ(names(), Names{"setup"}) << "it is tried again";
  pod.restart_policy = "Never";
  EXPECT_EQ(names(), Names{});
}

TEST_F(PodContainers, Case22EphemeralContainersRunUntilTheyEnd) {
  add_container("debug", PodContainerKind::ephemeral, 'b');
  EXPECT_EQ(names(), (Names{"app", "debug"}));
  pod.statuses.back().state = State::terminated;
  pod.statuses.back().exit_code = 1;
  EXPECT_EQ(names(), Names{"app"}) << "they never start again";
}

TEST_F(PodContainers, Case23ImageVolumesRunWithTheirPod) {
  PodImageVolume volume;
  volume.name = "model";
  volume.reference = "r.example/model@" + digest_of('e').str();
  pod.image_volumes.push_back(volume);
  auto seen = observed();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].id, "u1/volume/model");
  EXPECT_EQ(seen[1].name, "volume/model");
  EXPECT_EQ(seen[1].image, volume.reference);
  EXPECT_EQ(seen[1].digests, Digests{digest_of('e')}) << "without a status";
  EXPECT_EQ(seen[1].platform, node.platform);

  PodVolumeStatus mounted;
  mounted.name = "model";
  mounted.image_ref = "r.example/model@" + digest_of('f').str();
  pod.statuses[0].volumes.push_back(mounted);
  mounted.name = "other";
  mounted.image_ref = "r.example/model@" + digest_of('0').str();
  pod.statuses[0].volumes.push_back(mounted);
  seen = observed();
  EXPECT_EQ(seen.at(1).digests, (Digests{digest_of('e'), digest_of('f')})) << "with one";
  EXPECT_EQ(seen.at(1).image_id, "r.example/model@" + digest_of('f').str());

  pod.statuses[0].state = State::waiting;
  EXPECT_EQ(names(), Names{}) << "nothing of the pod runs";
}

TEST_F(PodContainers, Case24ACrashLoopIsDeployed) {
  auto& status = pod.statuses[0];
  status.state = State::waiting;
  status.waiting_reason = "CrashLoopBackOff";
  status.ran_before = true;
  status.last_started_at = parse_rfc3339("2026-11-01T11:00:00Z");
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].digests, Digests{digest_of('a')});
  EXPECT_EQ(seen[0].started_at, parse_rfc3339("2026-11-01T11:00:00Z"));

  status.container_id.clear();
  status.last_container_id = "containerd://last";
  EXPECT_EQ(observed().at(0).id, "containerd://last");
}

// Between a crash and the wait that follows it the state is `terminated` for a moment.
TEST_F(PodContainers, Case24ACrashDoesNotEndWhatStartsAgain) {
  struct PolicyCase {
    const char* policy;
    std::int64_t exit_code;
    bool deployed;
  };
  pod.statuses[0].state = State::terminated;
  for (const PolicyCase& each : std::vector<PolicyCase>{{"", 0, true},
                                                        {"Always", 0, true},
                                                        {"Always", 1, true},
                                                        {"OnFailure", 1, true},
                                                        {"OnFailure", 0, false},
                                                        {"Never", 1, false},
                                                        {"Sometimes", 0, true}}) {
    pod.restart_policy = each.policy;
    pod.statuses[0].exit_code = each.exit_code;
    EXPECT_EQ(observed().size(), each.deployed ? 1U : 0U) << each.policy << each.exit_code;
  }
  pod.restart_policy = "Always";
  pod.is_deleting = true;
  EXPECT_EQ(names(), Names{}) << "a pod that is to end starts nothing";
}

TEST_F(PodContainers, Case25PhasesThatAreOverEndThemAndNoOthers) {
  struct PhaseCase {
    const char* phase;
    bool runs;
  };
  for (const PhaseCase& each : std::vector<PhaseCase>{{"Succeeded", false},
                                                      {"Failed", false},
                                                      {"Unknown", true},
                                                      {"Running", true},
                                                      {"Pending", true},
                                                      {"", true}}) {
    pod.phase = each.phase;
    EXPECT_EQ(observed().size(), each.runs ? 1U : 0U) << each.phase;
  }
}

TEST_F(PodContainers, Case25RunInAPodThatIsBeingDeleted) {
  pod.is_deleting = true;
  EXPECT_EQ(names(), Names{"app"});
}

TEST_F(PodContainers, Case26AreMatchedByNameWhateverTheOrder) {
  add_container("log", PodContainerKind::main, 'b');
  std::swap(pod.statuses[0], pod.statuses[1]);
  add_container("setup", PodContainerKind::init, 'c');
  std::swap(pod.containers[0], pod.containers[2]);
  const auto seen = observed();
  EXPECT_EQ(names(), (Names{"log", "app", "setup"}));
  EXPECT_EQ(seen.at(0).image, "r.example/log:1");
  EXPECT_EQ(seen.at(0).digests, Digests{digest_of('b')});
  EXPECT_EQ(seen.at(1).image, "r.example/app:1");
  EXPECT_EQ(seen.at(2).image, "r.example/setup:1");
}

TEST_F(PodContainers, Case26TheSameImageTwiceIsTwoContainers) {
  add_container("log", PodContainerKind::main, 'a');
  pod.containers[1].image = pod.containers[0].image;
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NE(seen[0].id, seen[1].id);
  EXPECT_EQ(seen[0].digests, seen[1].digests);
}

TEST_F(PodContainers, AreNotHiddenByAStatusThatTheSpecDoesNotKnow) {
  pod.containers[0].name = "other";
  const auto seen = observed();
  EXPECT_EQ(names(), (Names{"app", "other"}));
  EXPECT_EQ(seen.at(0).image, "r.example/app:1") << "as the status says";
}

TEST_F(PodContainers, HaveIdsOfTheirOwn) {
  struct IdCase {
    std::string given;
    const char* id;
  };
  for (const IdCase& each : std::vector<IdCase>{{"cri-o://1", "cri-o://1"},
                                                {"", "u1/app"},
                                                {std::string(300, 'x'), "u1/app"},
                                                {"a b", "u1/app"},
                                                {"a\xff", "u1/app"}}) {
    pod.statuses[0].container_id = each.given;
    EXPECT_EQ(observed().at(0).id, each.id) << each.given;
  }
  // Nobody may hide a container behind the ID or the name of another.
  pod.statuses[0].container_id = "containerd://1";
  pod.statuses.push_back(pod.statuses[0]);
  pod.statuses.push_back(pod.statuses[0]);
  pod.statuses[0].image_id = digest_of('b').str();
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].id, "containerd://1");
  EXPECT_EQ(seen[1].id, "u1/app");
  EXPECT_EQ(seen[2].id, "u1/app/2");
}

TEST_F(PodContainers, Case12And11HaveThePlatformOfTheirNodeOrRuntimeClass) {
  node.platform.os = "windows";
  node.platform.os_version = "10.0.20348";
  EXPECT_EQ(observed().at(0).platform, node.platform);
  Platform guest;
  guest.os = "linux";
  guest.architecture = "arm64";
  surroundings.runtime_classes.emplace("kata", guest);
  pod.runtime_class = "gvisor";
  EXPECT_EQ(observed().at(0).platform, node.platform);
  pod.runtime_class = "kata";
  EXPECT_EQ(observed().at(0).platform, guest);
  pod.runtime_class.clear();
  pod.node_name = "n2";
  EXPECT_EQ(observed().at(0).platform, Platform()) << "its node is not known";
}

TEST_F(PodContainers, AreObservedWhereNothingElseIsKnown) {
  surroundings = PodSurroundings();
  const auto seen = observed();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].digests, Digests{digest_of('a')});
}

TEST_F(PodContainers, CutReferencesThatAreTooLongAfterReadingThem) {
  const std::string name = "r.example/" + std::string(5000, 'x');
  pod.containers[0].image = name;
  pod.statuses[0].image_id = name + "@" + digest_of('b').str();
  const auto seen = observed();
  EXPECT_EQ(seen.at(0).image, name.substr(0, kubernetes_text_bytes_max));
  EXPECT_EQ(seen.at(0).image_id, name.substr(0, kubernetes_text_bytes_max));
  EXPECT_EQ(seen.at(0).digests, Digests{digest_of('b')});
}

}  // namespace
}  // namespace scanclock
