#include "core/workloads/kubernetes_reader.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

// The shapes are those of Kubernetes 1.36, shortened.
const std::string full_pod = R"({"kind":"Pod","apiVersion":"v1","metadata":{
 "name":"front-5d8f-x1","generateName":"front-5d8f-","namespace":"team","uid":"0f0e",
 "resourceVersion":"4711","creationTimestamp":"2026-11-01T12:00:00Z",
 "deletionTimestamp":"2026-11-02T12:00:00Z","labels":{"app":"front","pod-template-hash":"5d8f"},
 "annotations":{"kubernetes.io/config.mirror":"9a","note":"{\"spec\":{}}"},
 "ownerReferences":[
  {"apiVersion":"v1","kind":"Thing","name":"t","uid":"1","controller":false},
  {"apiVersion":"v1","kind":"Other","name":"o","uid":"2"},
  {"apiVersion":"apps/v1","kind":"ReplicaSet","name":"front-5d8f","uid":"3","controller":true,
   "blockOwnerDeletion":true}],
 "managedFields":[{"manager":"kubelet","fieldsV1":{"f:status":{"f:containerStatuses":{}}}}]},
"spec":{"volumes":[{"name":"kube-api-access","projected":{}},
  {"name":"model","image":{"reference":"r.example/model:1","pullPolicy":"Always"}}],
 "initContainers":[{"name":"setup","image":"r.example/setup:1"},
  {"name":"mesh","image":"r.example/mesh:1","restartPolicy":"Always"}],
 "containers":[{"name":"app","image":"r.example/app:1","env":[{"name":"image","value":"evil"}]}],
 "ephemeralContainers":[{"name":"debug","image":"r.example/debug:1","targetContainerName":"app"}],
 "restartPolicy":"Always","nodeName":"n1","runtimeClassName":"gvisor"},
"status":{"phase":"Running","reason":"NodeLost","conditions":null,"podIP":"10.0.0.9",
 "initContainerStatuses":[
  {"name":"setup","state":{"terminated":{"exitCode":0,"reason":"Completed",
    "startedAt":"2026-11-01T12:00:01Z","finishedAt":"2026-11-01T12:00:02Z"}},
   "lastState":{},"restartCount":0,"image":"r.example/setup:1","imageID":"x","containerID":"c0"}],
 "containerStatuses":[
  {"name":"app","state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},
   "lastState":{"terminated":{"exitCode":1,"reason":"Error","startedAt":"2026-11-01T12:00:03Z",
     "finishedAt":"2026-11-01T12:00:04Z","containerID":"containerd://old"}},
   "ready":false,"restartCount":3,"image":"r.example/app:1","imageID":"r.example/app@sha256:1",
   "containerID":"containerd://c1","started":false,
   "volumeMounts":[{"name":"kube-api-access","mountPath":"/a","readOnly":true},
     {"name":"model","mountPath":"/m","volumeStatus":{"image":{"imageRef":"r.example/model@sha256:2"}}}]}],
 "ephemeralContainerStatuses":[
  {"name":"debug","state":{"running":{"startedAt":"2026-11-01T12:00:05.25Z"}},"image":"d",
   "imageID":"y","containerID":"containerd://c2"}]}})";

KubernetesPod read_pod(const std::string& json) {
  std::string event = R"({"type":"ADDED","object":)" + json + "}";
  KubernetesReader<KubernetesPod> reader;
  auto read = reader.read_event(PaddedJson(event));
  EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
  return read ? std::move(read->object) : KubernetesPod();
}

TEST(KubernetesPod, IsReadWithItsMetadata) {
  const KubernetesPod pod = read_pod(full_pod);
  EXPECT_EQ(pod.uid, "0f0e");
  EXPECT_EQ(pod.namespace_name, "team");
  EXPECT_EQ(pod.name, "front-5d8f-x1");
  EXPECT_EQ(pod.resource_version, "4711");
  EXPECT_TRUE(pod.is_deleting);
  EXPECT_TRUE(pod.is_mirror);
  EXPECT_EQ(pod.template_hash, "5d8f");
  KubernetesOwner controller;
  controller.api_version = "apps/v1";
  controller.kind = "ReplicaSet";
  controller.name = "front-5d8f";
  controller.uid = "3";
  EXPECT_EQ(pod.controller, controller);
}

TEST(KubernetesPod, IsReadWithItsSpec) {
  const KubernetesPod pod = read_pod(full_pod);
  EXPECT_EQ(pod.node_name, "n1");
  EXPECT_EQ(pod.runtime_class, "gvisor");
  EXPECT_EQ(pod.restart_policy, "Always");
  ASSERT_EQ(pod.containers.size(), 4U);
  EXPECT_EQ(pod.containers[0].name, "setup");
  EXPECT_EQ(pod.containers[0].kind, PodContainerKind::init);
  EXPECT_EQ(pod.containers[0].restart_policy, "");
  EXPECT_EQ(pod.containers[1].restart_policy, "Always");
  EXPECT_EQ(pod.containers[2].name, "app");
  EXPECT_EQ(pod.containers[2].kind, PodContainerKind::main);
  EXPECT_EQ(pod.containers[2].image, "r.example/app:1");
  EXPECT_EQ(pod.containers[3].kind, PodContainerKind::ephemeral);
  ASSERT_EQ(pod.image_volumes.size(), 1U);
  EXPECT_EQ(pod.image_volumes[0].name, "model");
  EXPECT_EQ(pod.image_volumes[0].reference, "r.example/model:1");
}

TEST(KubernetesPod, IsReadWithItsStatus) {
  using State = PodContainerStatus::State;
  const KubernetesPod pod = read_pod(full_pod);
  EXPECT_EQ(pod.phase, "Running");
  EXPECT_EQ(pod.reason, "NodeLost");
  ASSERT_EQ(pod.statuses.size(), 3U);
  const PodContainerStatus& setup = pod.statuses[0];
  EXPECT_EQ(setup.kind, PodContainerKind::init);
  EXPECT_EQ(setup.state, State::terminated);
  EXPECT_EQ(setup.terminated_reason, "Completed");
  EXPECT_FALSE(setup.ran_before) << "lastState is empty";
  const PodContainerStatus& app = pod.statuses[1];
  EXPECT_EQ(app.state, State::waiting);
  EXPECT_EQ(app.waiting_reason, "CrashLoopBackOff");
  EXPECT_TRUE(app.ran_before);
  EXPECT_EQ(app.last_container_id, "containerd://old");
  EXPECT_EQ(app.last_started_at, parse_rfc3339("2026-11-01T12:00:03Z"));
  EXPECT_EQ(app.restart_count, 3);
  EXPECT_EQ(app.image_id, "r.example/app@sha256:1");
  EXPECT_EQ(app.container_id, "containerd://c1");
  ASSERT_EQ(app.volumes.size(), 1U);
  EXPECT_EQ(app.volumes[0].name, "model");
  EXPECT_EQ(app.volumes[0].image_ref, "r.example/model@sha256:2");
  const PodContainerStatus& debug = pod.statuses[2];
  EXPECT_EQ(debug.kind, PodContainerKind::ephemeral);
  EXPECT_EQ(debug.state, State::running);
  EXPECT_EQ(debug.started_at, parse_rfc3339("2026-11-01T12:00:05.25Z"));
}

TEST(KubernetesPod, Case36TakesNullForAbsent) {
  const KubernetesPod pod = read_pod(
      R"({"kind":"Pod","metadata":{"name":"a","namespace":"team","uid":"u","resourceVersion":"1",
          "creationTimestamp":null,"deletionTimestamp":null,"labels":null,"annotations":null,
          "ownerReferences":null},
          "spec":{"containers":[{"name":"app","image":null,"restartPolicy":null}],
          "initContainers":null,"ephemeralContainers":null,"volumes":null,"nodeName":null},
          "status":{"phase":null,"containerStatuses":null,"initContainerStatuses":null}})");
  EXPECT_FALSE(pod.is_deleting);
  EXPECT_FALSE(pod.controller.has_value());
  EXPECT_EQ(pod.containers.size(), 1U);
  EXPECT_TRUE(pod.statuses.empty());
}

TEST(KubernetesPod, TakesTheLiveliestOfSeveralStates) {
  using State = PodContainerStatus::State;
  struct StateCase {
    const char* json;
    State state;
  };
  for (const StateCase& each : std::vector<StateCase>{
           {R"({"terminated":{"exitCode":0},"running":{}})", State::running},
           {R"({"running":{},"waiting":{}})", State::running},
           {R"({"waiting":{},"terminated":{}})", State::waiting},
           {R"({"running":null,"terminated":{}})", State::terminated},
           {R"({})", State::waiting},
           {R"(null)", State::waiting},
       }) {
    const KubernetesPod pod = read_pod(
        R"({"kind":"Pod","metadata":{"name":"a","namespace":"team","uid":"u","resourceVersion":"1"},
            "spec":{"containers":[{"name":"app"}]},"status":{"containerStatuses":[{"name":"app",
            "state":)" +
        std::string(each.json) + "}]}}");
    ASSERT_EQ(pod.statuses.size(), 1U);
    EXPECT_EQ(pod.statuses[0].state, each.state) << each.json;
  }
}

}  // namespace
}  // namespace scanclock
