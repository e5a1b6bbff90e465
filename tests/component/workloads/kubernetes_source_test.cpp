#include "tests/component/workloads/kubernetes_fixture.hpp"

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

KubePodShape owned_by(const std::string& replica_set) {
  KubePodShape shape;
  shape.replica_set = replica_set;
  return shape;
}

KubePodShape restarted(const std::string& suffix) {
  KubePodShape shape;
  shape.container_suffix = suffix;
  return shape;
}

KubePodShape on_node(const std::string& node) {
  KubePodShape shape;
  shape.node = node;
  return shape;
}

KubePodShape in_phase(const std::string& phase) {
  KubePodShape shape;
  shape.phase = phase;
  return shape;
}

TEST_F(KubernetesSourceTest, TellsWhatRunsWithPlatformAndWorkload) {
  server_.put("nodes", kube_node("node-1", "arm64"));
  server_.put("replicasets", kube_replica_set("web", "front-5d8f7c", "front"));
  server_.put("pods", kube_pod("web", "front-5d8f7c-x", owned_by("front-5d8f7c")));
  start_and_settle();
  const ContainerObservation* container = sink_.find("web", "front-5d8f7c-x");
  ASSERT_NE(container, nullptr);
  EXPECT_EQ(container->namespace_name, "web");
  EXPECT_EQ(container->workload, "deployment/front");
  EXPECT_EQ(container->node, "node-1");
  EXPECT_EQ(to_string(container->platform), "linux/arm64");
  EXPECT_EQ(container->image, "registry.example/team/app:1.4");
  ASSERT_EQ(container->digests.size(), 1U);
  EXPECT_EQ(container->digests[0].str(), kube_digest("index/registry.example/team/app:1.4"));
  // All that pods are joined with was seen before the first of them was told.
  EXPECT_EQ(sink_.told, 1U);
  ASSERT_EQ(sink_.reports.size(), 1U);
  EXPECT_TRUE(sink_.reports[0].complete);
  EXPECT_EQ(sink_.reports[0].unchanged, std::vector<ContainerId>{container->id});
  EXPECT_FALSE(sink_.reports[0].namespaces);
  EXPECT_TRUE(sink_.problems.empty());
  EXPECT_EQ(sink_.limits, "");
}

TEST_F(KubernetesSourceTest, AsksForPagesOfUnfinishedPodsAndForMetadataOfOwners) {
  add_pods(1203);
  start_and_settle();
  EXPECT_EQ(sink_.running.size(), 1203U);
  EXPECT_EQ(server_.count("/api/v1/pods?"), 4U);
  // Nodes, ReplicaSets and Jobs besides.
  EXPECT_EQ(server_.count("limit=500"), 3U + 3U);
  EXPECT_EQ(server_.count("status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed"), 4U);
  for (const std::string& target : server_.targets()) {
    const bool has_token = target.find("continue=") != std::string::npos;
    EXPECT_FALSE(has_token && target.find("resourceVersion") != std::string::npos) << target;
  }
  ASSERT_EQ(sink_.reports.size(), 1U);
  EXPECT_EQ(sink_.reports[0].unchanged.size(), 1203U);
}

TEST_F(KubernetesSourceTest, FollowsStartsEndsAndRestarts) {
  add_pods(2);
  start_and_settle();
  server_.put("pods", kube_pod("web", "later"));
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "later"); }, seconds(1)));
  server_.remove("pods", "web", "p0");
  ASSERT_TRUE(comes([&] { return !sink_.runs("web", "p0"); }, seconds(1)));
  server_.put("pods", kube_pod("web", "p1", restarted("again")));
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "p1", 0, "again"); }, seconds(1)));
  EXPECT_FALSE(sink_.runs("web", "p1"));
  // The selector makes an end of what has finished.
  server_.put("pods", kube_pod("web", "later", in_phase("Succeeded")));
  ASSERT_TRUE(comes([&] { return !sink_.runs("web", "later"); }, seconds(1)));
  EXPECT_EQ(sink_.running.size(), 1U);
}

TEST_F(KubernetesSourceTest, ReadsAWatchWhateverTheChunks) {
  for (const std::size_t bytes : {1U, 7U, 1024U}) {
    server_.set_chunk_bytes(bytes);
    sink_ = BelievingSink();
    start_and_settle();
    const std::string name = "after-" + std::to_string(bytes);
    server_.put("pods", kube_pod("web", name));
    server_.send_bookmarks();
    EXPECT_TRUE(comes([&] { return sink_.runs("web", name); }, seconds(5))) << bytes;
    stop();
  }
}

TEST_F(KubernetesSourceTest, TellsPodsAgainWhenTheirNodeOrOwnerBecomesKnown) {
  start_and_settle();
  KubePodShape shape = on_node("new-node");
  shape.replica_set = "odd";
  server_.put("pods", kube_pod("web", "early", shape));
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "early"); }, seconds(1)));
  EXPECT_EQ(to_string(sink_.find("web", "early")->platform), to_string(Platform()));
  server_.put("nodes", kube_node("new-node"));
  ASSERT_TRUE(
      comes([&] { return to_string(sink_.find("web", "early")->platform) == "linux/amd64"; },
            seconds(1)));
  server_.put("replicasets", kube_replica_set("web", "odd", "even"));
  ASSERT_TRUE(
      comes([&] { return sink_.find("web", "early")->workload == "deployment/even"; }, seconds(1)));
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesSourceTest, GoesOnFromTheLastVersionWhenAWatchEnds) {
  add_pods(3);
  start_and_settle();
  server_.clear_targets();
  server_.store().put("pods", kube_pod("web", "meanwhile"));
  server_.end_watches("/pods");
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "meanwhile"); }));
  server_.end_watches("/pods", false);
  server_.store().put("pods", kube_pod("web", "after-a-cut"));
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "after-a-cut"); }));
  EXPECT_EQ(server_.count("/api/v1/pods?") - server_.count("watch=1&"), 0U);
  EXPECT_EQ(sink_.reports.size(), 1U);
  EXPECT_EQ(sink_.ended, 0U);
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(KubernetesSourceTest, SaysOnceAMinuteThatItsViewStands) {
  add_pods(2);
  start_and_settle();
  const std::size_t before = sink_.stands;
  pass(minutes(30));
  EXPECT_GE(sink_.stands - before, 25U);
  EXPECT_LE(sink_.stands - before, 31U);
  EXPECT_EQ(sink_.seen_when_standing, 2U);
  // What did not change was not told again.
  EXPECT_EQ(sink_.told, 2U);
  EXPECT_EQ(sink_.reports.size(), 1U);
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(KubernetesSourceTest, TellsEverythingAgainWhileItIsDoubted) {
  add_pods(2);
  start_and_settle();
  sink_.believes = false;
  pass(minutes(5));
  EXPECT_GE(sink_.reports.size(), 5U);
  EXPECT_EQ(sink_.reports.back().unchanged.size(), 2U);
  sink_.believes = true;
  const std::size_t reports = sink_.reports.size();
  pass(minutes(5));
  EXPECT_EQ(sink_.reports.size(), reports);
}

TEST_F(KubernetesSourceTest, StreamsTheListWhereTheServerCan) {
  add_pods(20);
  server_.store().streams_lists = true;
  KubernetesSourceSettings settings = settings_named("prod-1");
  settings.streaming_list = true;
  start(settings, server_.url(), sink_);
  ASSERT_TRUE(settles());
  EXPECT_EQ(sink_.running.size(), 20U);
  EXPECT_EQ(server_.count("/api/v1/pods?"), 1U);
  EXPECT_EQ(server_.count("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"), 1U);
  server_.remove("pods", "web", "p3");
  EXPECT_TRUE(comes([&] { return sink_.running.size() == 19; }, seconds(1)));
}

TEST_F(KubernetesSourceTest, ListsInPagesWhereTheServerCannotStream) {
  add_pods(20);
  KubernetesSourceSettings settings = settings_named("prod-1");
  settings.streaming_list = true;
  start(settings, server_.url(), sink_);
  ASSERT_TRUE(settles());
  EXPECT_EQ(sink_.running.size(), 20U);
  EXPECT_EQ(server_.count("sendInitialEvents=true"), 1U);
}

TEST_F(KubernetesSourceTest, HandsReportsOnOnceForEachArtifact) {
  const std::string artifact = kube_digest("image");
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r1", artifact, "2026-10-30T10:00:00Z"));
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r2", artifact, "2026-10-29T10:00:00Z"));
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r3", kube_digest("other"), "2026-10-28T10:00:00Z"));
  start_and_settle();
  ASSERT_TRUE(comes([&] { return server_.open_watches("vulnerabilityreports") == 1; }));
  EXPECT_EQ(evidence_.reports.size(), 2U);
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r2", artifact, "2026-10-31T10:00:00Z"));
  ASSERT_TRUE(comes([&] { return evidence_.reports.size() == 3; }, seconds(5)));
  EXPECT_NE(evidence_.reports[2].find("2026-10-31T10:00:00Z"), std::string::npos);
  EXPECT_NE(evidence_.reports[2].find(R"("kind":"VulnerabilityReport")"), std::string::npos);
  EXPECT_EQ(evidence_.reports[2].find("resourceVersion"), std::string::npos);
  server_.remove("vulnerabilityreports", "web", "r2");
  server_.expire_watches("vulnerabilityreports");
  pass(minutes(2));
  EXPECT_EQ(evidence_.reports.size(), 3U);
}

TEST_F(KubernetesSourceTest, HandsAReportInAgainThatCouldNotBeKept) {
  evidence_.refusals_left = 3;
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r1", kube_digest("image"), "2026-10-30T10:00:00Z"));
  start_and_settle();
  EXPECT_TRUE(comes([&] { return evidence_.reports.size() == 4; }));
  pass(minutes(1));
  EXPECT_EQ(evidence_.reports.size(), 4U);
}

TEST_F(KubernetesSourceTest, ARefusedReportHidesNoLaterOne) {
  evidence_.refusals_left = 1;
  evidence_.refusal = ScanReportOutcome::refused;
  const std::string artifact = kube_digest("image");
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r1", artifact, "2099-01-01T00:00:00Z"));
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r2", artifact, "2026-10-30T10:00:00Z"));
  start_and_settle();
  EXPECT_TRUE(comes([&] { return evidence_.reports.size() == 2; }));
}

TEST_F(KubernetesSourceTest, AsksRarelyForReportsThatTheClusterDoesNotHave) {
  server_.remove_resource("vulnerabilityreports");
  start_and_settle();
  pass(minutes(25));
  EXPECT_EQ(server_.count("vulnerabilityreports"), 3U);
  EXPECT_EQ(sink_.limits, "");
  EXPECT_TRUE(sink_.problems.empty());
  server_.put("vulnerabilityreports",
              kube_vulnerability_report("web", "r1", kube_digest("image"), "2026-10-30T10:00:00Z"));
  server_.add_resource("vulnerabilityreports");
  EXPECT_TRUE(comes([&] { return evidence_.reports.size() == 1; }, minutes(11)));
}

}  // namespace
}  // namespace scanclock
