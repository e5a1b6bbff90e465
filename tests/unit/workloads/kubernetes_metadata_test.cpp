#include "core/workloads/kubernetes_reader.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

template <class Target>
std::vector<Target> read_all(std::string page) {
  KubernetesReader<Target> reader;
  std::vector<Target> read;
  const auto head =
      reader.read_list(PaddedJson(page), [&](Target& object) { read.push_back(object); });
  EXPECT_TRUE(head.has_value()) << (head ? "" : head.error().message);
  return read;
}

template <class Target>
std::string refusal_of(std::string page) {
  KubernetesReader<Target> reader;
  const auto head = reader.read_list(PaddedJson(page), [](Target&) {});
  return head ? "" : head.error().message;
}

std::string node_list(const std::string& labels, const std::string& info) {
  return R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[
      {"metadata":{"name":"n1","uid":"u1","resourceVersion":"8","labels":{)" +
         labels + R"(}},"spec":{"podCIDR":"10.0.0.0/24"},"status":{"nodeInfo":{)" + info +
         R"(},"images":[{"names":["a@sha256:1"],"sizeBytes":7}]}}]})";
}

TEST(KubernetesNode, TellsItsPlatformAndItsRuntime) {
  const auto nodes = read_all<KubernetesNode>(
      node_list(R"("kubernetes.io/os":"wrong","kubernetes.io/arch":"wrong")",
                R"("operatingSystem":"linux","architecture":"arm64",
                   "containerRuntimeVersion":"containerd://2.1.4","osImage":"Debian")"));
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].name, "n1");
  EXPECT_EQ(nodes[0].uid, "u1");
  EXPECT_EQ(nodes[0].namespace_name, "");
  EXPECT_EQ(to_string(nodes[0].platform), "linux/arm64") << "the kubelet knows better than labels";
  EXPECT_EQ(nodes[0].container_runtime, "containerd://2.1.4");
}

TEST(KubernetesNode, Case12TellsTheBuildOfWindows) {
  const auto nodes = read_all<KubernetesNode>(
      node_list(R"("node.kubernetes.io/windows-build":"10.0.20348","kubernetes.io/os":"windows")",
                R"("architecture":"amd64")"));
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].platform.os, "windows") << "from the label, for lack of the other";
  EXPECT_EQ(nodes[0].platform.architecture, "amd64");
  EXPECT_EQ(nodes[0].platform.os_version, "10.0.20348");
}

TEST(KubernetesNode, MayKnowNothing) {
  const auto nodes = read_all<KubernetesNode>(
      R"({"kind":"NodeList","metadata":{"resourceVersion":"9"},"items":[
          {"metadata":{"name":"n1","uid":"u1","labels":null},"status":null}]})");
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].platform, Platform());
}

constexpr const char* replica_sets = R"({"kind":"PartialObjectMetadataList",
  "apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9","continue":"c"},"items":[
  {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"front-5d8f",
   "namespace":"team","uid":"3","resourceVersion":"5","ownerReferences":[{"apiVersion":"apps/v1",
   "kind":"Deployment","name":"front","uid":"4","controller":true,"blockOwnerDeletion":true}]}},
  {"metadata":{"name":"alone","namespace":"team","uid":"7"}}]})";

TEST(KubernetesOwned, TellsItsController) {
  const auto owned = read_all<KubernetesOwned>(replica_sets);
  ASSERT_EQ(owned.size(), 2U);
  EXPECT_EQ(owned[0].uid, "3");
  EXPECT_EQ(owned[0].namespace_name, "team");
  ASSERT_TRUE(owned[0].controller.has_value());
  EXPECT_EQ(owned[0].controller->kind, "Deployment");
  EXPECT_EQ(owned[0].controller->name, "front");
  EXPECT_FALSE(owned[1].controller.has_value());
}

TEST(KubernetesOwned, MayComeAsWholeObjects) {
  for (const char* kind : {"ReplicaSet", "Job"}) {
    const std::string page = R"({"kind":")" + std::string(kind) +
                             R"(List","metadata":{"resourceVersion":"9"},"items":[{"metadata":
                                {"name":"a","namespace":"t","uid":"1"},"spec":{}}]})";
    EXPECT_EQ(read_all<KubernetesOwned>(page).size(), 1U) << kind;
  }
  EXPECT_EQ(refusal_of<KubernetesOwned>(
                R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[]})"),
            "the text is a PodList, not a PartialObjectMetadataList");
}

TEST(KubernetesOwned, ComesInEvents) {
  std::string document = R"({"type":"DELETED","object":{"kind":"PartialObjectMetadata",
      "apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"t","uid":"1",
      "resourceVersion":"12"}}})";
  KubernetesReader<KubernetesOwned> reader;
  const auto event = reader.read_event(PaddedJson(document));
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->type, KubernetesEventType::deleted);
  EXPECT_EQ(event->resource_version, "12");
  EXPECT_EQ(event->object.uid, "1");
}

TEST(KubernetesReport, IsHandedOverAsItCame) {
  const std::string report =
      R"({"apiVersion":"aquasecurity.github.io/v1alpha1","kind":"VulnerabilityReport",
          "metadata":{"name":"replicaset-front-app","namespace":"team","uid":"r1",
          "resourceVersion":"31"},"report":{"note":"}]\"}","vulnerabilities":[{}, {}]}})";
  std::string page = R"({"kind":"VulnerabilityReportList","metadata":{"resourceVersion":"40"},
                         "items":[)" +
                     report + " , " + report + "\n]}";
  KubernetesReader<KubernetesReport> reader;
  int reports = 0;
  const auto head = reader.read_list(PaddedJson(page), [&](KubernetesReport& read) {
    ++reports;
    EXPECT_EQ(read.json, report);
    EXPECT_EQ(read.uid, "r1");
    EXPECT_EQ(read.namespace_name, "team");
    EXPECT_EQ(read.name, "replicaset-front-app");
    EXPECT_EQ(read.resource_version, "31");
  });
  ASSERT_TRUE(head.has_value()) << head.error().message;
  EXPECT_EQ(head->resource_version, "40");
  EXPECT_EQ(reports, 2);

  std::string document = R"({"type":"MODIFIED","object":)" + report + "}";
  const auto event = reader.read_event(PaddedJson(document));
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->object.json, report);
}

TEST(KubernetesReport, MayBelongToTheClusterAndNeedsAnIdentity) {
  EXPECT_EQ(refusal_of<KubernetesReport>(
                R"({"kind":"ClusterVulnerabilityReportList","metadata":{"resourceVersion":"1"},
                    "items":[{"kind":"ClusterVulnerabilityReport","metadata":{"name":"a","uid":"1"}}]})"),
            "");
  EXPECT_EQ(refusal_of<KubernetesReport>(
                R"({"kind":"VulnerabilityReportList","metadata":{"resourceVersion":"1"},
                    "items":[{"metadata":{"name":"a"}}]})"),
            "items[0] of object a has no metadata.uid");
}

}  // namespace
}  // namespace scanclock
