#include "tests/component/workloads/kubernetes_fixture.hpp"

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// What goes wrong on bad days, with reference orchestrators' edge case 34.
class KubernetesBadDays : public KubernetesSourceTest {
 protected:
  KubeFault answer_to(const std::string& part, KubeAnswer answer, std::size_t times = 1) {
    KubeFault fault(part);
    fault.answer = std::move(answer);
    fault.times = times;
    return fault;
  }

  bool has_problem(const std::string& reason) const {
    for (const SourceProblem& problem : sink_.problems) {
      if (problem.reason == reason) {
        return true;
      }
    }
    return false;
  }
};

TEST_F(KubernetesBadDays, AnExpiredWatchListsAgainWithoutAnyGap) {
  add_pods(600);
  start_and_settle();
  ASSERT_EQ(sink_.running.size(), 600U);
  sink_.watch_for_a_dip();
  // One is gone and one is new while nobody looked, and etcd forgot both events.
  server_.store().remove("pods", "web", "p7");
  server_.store().put("pods", kube_pod("web", "new"));
  server_.store().forget_events();
  server_.expire_watches("/pods");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_FALSE(sink_.runs("web", "p7"));
  EXPECT_TRUE(sink_.runs("web", "new"));
  EXPECT_EQ(sink_.ended, 1U);
  EXPECT_GE(sink_.least_running, 599U);
  // What did not change is named, not told.
  EXPECT_EQ(sink_.told, 601U);
  EXPECT_TRUE(sink_.problems.empty());
  clock_.set_io_patience(milliseconds(10));
  pass(minutes(20));
  EXPECT_EQ(sink_.ended, 1U);
  EXPECT_EQ(sink_.reports.size(), 2U);
}

TEST_F(KubernetesBadDays, AWatchThatIsTooOldFromTheStartListsAgain) {
  add_pods(3);
  start_and_settle();
  server_.store().remove("pods", "web", "p1");
  server_.store().forget_events();
  server_.end_watches("/pods");
  ASSERT_TRUE(comes([&] { return !sink_.runs("web", "p1"); }));
  EXPECT_EQ(sink_.ended, 1U);
}

TEST_F(KubernetesBadDays, APlain410ForAWatchListsAgain) {
  add_pods(3);
  start_and_settle();
  server_.fail(answer_to("watch=1", kube_status(410, "Gone", "too old resource version")));
  server_.end_watches("/api/v1/pods");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, A410OnALaterPageBeginsTheListAnew) {
  add_pods(1203);
  server_.fail(answer_to("continue=", kube_status(410, "Expired", "continue token too old"), 2));
  start_and_settle();
  EXPECT_EQ(sink_.running.size(), 1203U);
  EXPECT_EQ(sink_.ended, 0U);
  EXPECT_EQ(sink_.reports.size(), 1U);
}

TEST_F(KubernetesBadDays, TokensThatAlwaysExpireLeadToAListWithoutPages) {
  add_pods(1203);
  server_.fail(
      answer_to("continue=", kube_status(410, "Expired", "continue token too old"), kube_always));
  start_and_settle();
  EXPECT_EQ(sink_.running.size(), 1203U);
  EXPECT_EQ(server_.count("continue="), 3U);
}

TEST_F(KubernetesBadDays, AServerWhoseDataWereRestoredIsListedAgainAndBelieved) {
  add_pods(3);
  start_and_settle();
  server_.store().turn_back(90);
  server_.store().put("pods", kube_pod("web", "restored"));
  server_.end_watches("/pods");
  ASSERT_TRUE(comes([&] { return sink_.runs("web", "restored"); }));
  EXPECT_GE(server_.count("/pods?fieldSelector"), 5U);
  // Versions count anew, so that equal ones prove nothing: all of it was told again.
  EXPECT_EQ(sink_.told, 3U + 4U);
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, A429IsWaitedForAsLongAsTheServerSays) {
  add_pods(3);
  KubeFault fault = answer_to("/api/v1/pods", kube_status(429, "TooManyRequests", "slow down"));
  fault.headers = "Retry-After: 45\r\n";
  server_.fail(std::move(fault));
  start();
  ASSERT_TRUE(comes([&] { return has_problem("too_many_requests"); }));
  const TimePoint refused_at = clock_.now();
  ASSERT_TRUE(settles());
  EXPECT_GE(clock_.now() - refused_at, seconds(45));
  EXPECT_LE(clock_.now() - refused_at, seconds(50));
}

TEST_F(KubernetesBadDays, WithoutTheRightToSeePodsItHasFailedAndNothingEnds) {
  add_pods(3);
  start_and_settle();
  server_.forbid("pods");
  server_.end_watches("/pods");
  ASSERT_TRUE(comes([&] { return has_problem("forbidden"); }));
  EXPECT_NE(sink_.problems.back().message.find("pods is forbidden: User \"scanclock\" cannot"),
            std::string::npos)
      << sink_.problems.back().message;
  pass(minutes(30));
  EXPECT_EQ(sink_.running.size(), 3U);
  EXPECT_EQ(sink_.reports.size(), 1U);
  const std::size_t stands = sink_.stands;
  server_.allow("pods");
  EXPECT_TRUE(comes([&] { return sink_.stands > stands; }));
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, WithoutTheRightFromTheStartItNeverSaysThatNothingRuns) {
  server_.forbid("pods");
  start();
  ASSERT_TRUE(comes([&] { return has_problem("forbidden"); }));
  pass(minutes(10));
  EXPECT_TRUE(sink_.reports.empty());
  EXPECT_EQ(sink_.stands, 0U);
}

TEST_F(KubernetesBadDays, WithoutTheRightToSeeNodesAndOwnersItGoesOnAndSaysSo) {
  server_.forbid("nodes");
  server_.forbid("replicasets");
  server_.forbid("jobs");
  KubePodShape shape;
  shape.replica_set = "front-5d8f7c";
  server_.put("pods", kube_pod("web", "front-5d8f7c-x", shape));
  const TimePoint started_at = clock_.now();
  start_and_settle();
  EXPECT_LT(clock_.now() - started_at, seconds(10));
  ASSERT_TRUE(sink_.runs("web", "front-5d8f7c-x"));
  EXPECT_EQ(sink_.find("web", "front-5d8f7c-x")->workload, "deployment/front");
  EXPECT_TRUE(sink_.problems.empty());
  for (const char* what : {"nodes", "replicasets", "jobs"}) {
    EXPECT_NE(sink_.limits.find(std::string(what) + " is forbidden"), std::string::npos)
        << sink_.limits;
  }
  server_.put("nodes", kube_node("node-1"));
  server_.allow("nodes");
  EXPECT_TRUE(comes([&] { return sink_.limits.find("nodes") == std::string::npos; }));
}

TEST_F(KubernetesBadDays, A401EndsNothingAndTheRightTokenEndsIt) {
  server_.set_token("right");
  add_pods(3);
  start(settings_named("prod-1"), server_.url(), sink_, "wrong");
  ASSERT_TRUE(comes([&] { return has_problem("unauthorized"); }));
  EXPECT_TRUE(sink_.reports.empty());
  server_.set_token("wrong");
  EXPECT_TRUE(settles());
}

TEST_F(KubernetesBadDays, AnOutageIsAFailureAndEndsNothing) {
  add_pods(3);
  start_and_settle();
  server_.go_away();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  pass(minutes(15));
  EXPECT_EQ(sink_.running.size(), 3U);
  server_.store().remove("pods", "web", "p0");
  const std::size_t stands = sink_.stands;
  server_.come_back();
  ASSERT_TRUE(comes([&] { return !sink_.runs("web", "p0") && sink_.stands > stands; }));
  EXPECT_EQ(sink_.ended, 1U);
}

TEST_F(KubernetesBadDays, VeryShortWatchesAreNotAskedForInALoop) {
  add_pods(3);
  start_and_settle();
  server_.clear_targets();
  KubeFault fault("/api/v1/pods");
  fault.times = kube_always;
  KubeAnswer nothing;
  fault.answer = nothing;
  server_.fail(std::move(fault));
  server_.end_watches("/api/v1/pods");
  pass(minutes(5));
  EXPECT_LE(server_.count("/api/v1/pods"), 30U);
  EXPECT_EQ(sink_.running.size(), 3U);
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, AWatchThatFallsSilentIsOpenedAnew) {
  add_pods(3);
  KubeFault fault("watch=1");
  fault.match = "pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&watch=1";
  fault.stall_after = 120;
  server_.fail(std::move(fault));
  start();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; }));
  server_.put("pods", kube_pod("web", "unheard"));
  pass(seconds(300));
  EXPECT_FALSE(sink_.runs("web", "unheard"));
  EXPECT_TRUE(comes([&] { return sink_.runs("web", "unheard"); }, minutes(7)));
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, ADocumentThatCannotBeReadLeadsToAList) {
  add_pods(3);
  start_and_settle();
  server_.emit("/api/v1/pods", "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":[]}}\n");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.ended, 0U);
}

TEST_F(KubernetesBadDays, AListThatCannotBeReadIsAFailureAndNoEmptyCluster) {
  for (const char* body :
       {"", "{}", "[]", "{\"kind\":\"PodList\",\"metadata\":{},\"items\":[]}",
        "{\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\"}",
        "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[{}]}"}) {
    sink_ = BelievingSink();
    server_.fail(answer_to("/api/v1/pods", KubeAnswer{200, body}));
    start();
    EXPECT_TRUE(comes([&] { return has_problem("malformed"); })) << body;
    EXPECT_TRUE(sink_.reports.empty()) << body;
    stop();
    server_.heal();
  }
}

TEST_F(KubernetesBadDays, APageCutAtAnyByteEndsNothing) {
  clock_.set_io_patience(milliseconds(2));
  add_pods(2);
  start_and_settle();
  stop();
  const std::size_t page =
      server_.store().list(*KubeQuery::parse("/api/v1/pods?limit=500", {})).body.size() + 120;
  for (std::size_t cut = 0; cut < page; cut += 1 + page / 150) {
    KubeFault fault("/api/v1/pods");
    fault.cut_after = cut;
    server_.fail(std::move(fault));
    sink_.problems.clear();
    const std::size_t reports = sink_.reports.size();
    start();
    ASSERT_TRUE(comes([&] { return sink_.reports.size() > reports; })) << cut;
    EXPECT_EQ(sink_.running.size(), 2U) << cut;
    EXPECT_EQ(sink_.ended, 0U) << cut;
    stop();
  }
}

TEST_F(KubernetesBadDays, AnEventCutAtAnyByteEndsNothingAndIsNotLost) {
  clock_.set_io_patience(milliseconds(2));
  add_pods(2);
  KubePodShape shape;
  server_.put("pods", kube_pod("web", "changing", shape));
  start_and_settle();
  const std::size_t bytes = kube_pod("web", "changing", shape).size() + 260;
  for (std::size_t cut = 0; cut < bytes; cut += 1 + bytes / 200) {
    KubeFault fault("watch=1");
    fault.match = "pods?fieldSelector";
    fault.cut_after = cut;
    server_.fail(std::move(fault));
    server_.end_watches("/api/v1/pods", false);
    const std::string suffix = std::to_string(cut);
    KubePodShape next;
    next.container_suffix = suffix;
    server_.store().put("pods", kube_pod("web", "changing", next));
    ASSERT_TRUE(comes([&] { return sink_.runs("web", "changing", 0, suffix); })) << cut;
    EXPECT_EQ(sink_.running.size(), 3U) << cut;
  }
  EXPECT_TRUE(sink_.runs("web", "p0"));
  EXPECT_TRUE(sink_.runs("web", "p1"));
}

TEST_F(KubernetesBadDays, OneSlowClusterDoesNotSlowAnother) {
  KubeApiServer slow(io_, clock_);
  KubeFault fault("/api/v1");
  fault.times = kube_always;
  fault.stall_after = 40;
  slow.fail(std::move(fault));
  BelievingSink slow_sink;
  start(settings_named("slow"), slow.url(), slow_sink);
  add_pods(600);
  const TimePoint started_at = clock_.now();
  start();
  ASSERT_TRUE(settles());
  EXPECT_LT(clock_.now() - started_at, seconds(5));
  EXPECT_EQ(sink_.running.size(), 600U);
  ASSERT_TRUE(comes([&] { return !slow_sink.problems.empty(); }, minutes(5)));
  EXPECT_EQ(slow_sink.problems.front().reason, "timeout");
  EXPECT_TRUE(slow_sink.reports.empty());
  EXPECT_TRUE(sink_.problems.empty());
  stop();
}

TEST_F(KubernetesBadDays, SeveralClustersAreSeveralViews) {
  KubeApiServer other(io_, clock_);
  other.put("pods", kube_pod("web", "elsewhere"));
  BelievingSink other_sink;
  start(settings_named("prod-2"), other.url(), other_sink);
  add_pods(2);
  start_and_settle();
  ASSERT_TRUE(comes([&] { return !other_sink.reports.empty(); }));
  EXPECT_EQ(other_sink.reports.front().source, "prod-2");
  EXPECT_TRUE(other_sink.runs("web", "elsewhere"));
  EXPECT_FALSE(sink_.runs("web", "elsewhere"));
  other.go_away();
  ASSERT_TRUE(comes([&] { return !other_sink.problems.empty(); }));
  EXPECT_TRUE(sink_.problems.empty());
  stop();
}

/// Only some namespaces may be seen, and each by itself.
class KubernetesPartialView : public KubernetesBadDays {
 protected:
  void start_partial(std::set<std::string> namespaces) {
    server_.allow_only_single_namespaces();
    KubernetesSourceSettings settings = settings_named("prod-1");
    settings.only_namespaces = std::move(namespaces);
    start(settings, server_.url(), sink_);
  }
};

TEST_F(KubernetesPartialView, IsSaidToBePartialAndEndsOnlyWhatItMaySee) {
  server_.forbid("nodes");
  add_pods(2, "web");
  add_pods(2, "shop");
  add_pods(2, "hidden");
  // From another time, when more was to be seen.
  ContainerObservation earlier;
  earlier.id = "earlier";
  earlier.namespace_name = "hidden";
  sink_.running["earlier"] = earlier;
  start_partial({"shop", "web"});
  ASSERT_TRUE(settles());
  ASSERT_TRUE(sink_.reports.back().namespaces);
  EXPECT_EQ(*sink_.reports.back().namespaces, (std::set<std::string>{"shop", "web"}));
  EXPECT_EQ(sink_.running.size(), 5U);
  EXPECT_TRUE(sink_.running.contains("earlier"));
  EXPECT_NE(sink_.limits.find("partial view: only the namespaces shop, web"), std::string::npos)
      << sink_.limits;
  EXPECT_EQ(server_.count("/api/v1/pods"), 0U);
  server_.remove("pods", "shop", "p0");
  EXPECT_TRUE(comes([&] { return !sink_.runs("shop", "p0"); }, seconds(1)));
  EXPECT_EQ(sink_.ended, 1U);
}

TEST_F(KubernetesPartialView, ANamespaceThatCannotBeSeenKeepsWhatItHadAndFailsTheSource) {
  add_pods(2, "web");
  add_pods(2, "shop");
  start_partial({"shop", "web"});
  ASSERT_TRUE(settles());
  ASSERT_TRUE(comes([&] { return sink_.running.size() == 4; }));
  server_.fail(answer_to("/namespaces/shop/pods",
                         kube_status(403, "Forbidden", "pods is forbidden"), kube_always));
  server_.end_watches("/namespaces/shop/pods");
  ASSERT_TRUE(comes([&] { return has_problem("forbidden"); }));
  const std::size_t stands = sink_.stands;
  const std::size_t reports = sink_.reports.size();
  // The other one goes on to be followed, but nobody is told that the source sees all it should.
  server_.store().remove("pods", "web", "p1");
  server_.store().forget_events();
  server_.expire_watches("/namespaces/web/pods");
  pass(minutes(10));
  EXPECT_EQ(sink_.stands, stands);
  EXPECT_EQ(sink_.reports.size(), reports);
  EXPECT_TRUE(sink_.runs("shop", "p0"));
  server_.heal();
  ASSERT_TRUE(comes([&] { return sink_.stands + sink_.reports.size() > stands + reports; }));
}

}  // namespace
}  // namespace scanclock
