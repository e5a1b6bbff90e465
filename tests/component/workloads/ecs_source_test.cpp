#include "core/workloads/ecs_source.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/component/workloads/fake_ecs.hpp"
#include "tests/component/workloads/recording_sink.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class EcsSourceTest : public ::testing::Test {
 protected:
  EcsSourceTest() : pool_(1, 16) {
    clock_.set_io_patience(milliseconds(30));
    resolver_ = make_dns_resolver(clock_);
    http_ = make_http_client(clock_, resolver_, HttpClientOptions());
    settings_.name = "ecs";
    settings_.access.url = server_.url();
    settings_.access.region = "us-gov-west-1";
    settings_.access.access_key_id = [this] { return key_id_; };
    settings_.access.secret_access_key = [this] { return secret_; };
    server_.clusters["web"]["t1"] = FakeEcsTask();
  }

  ~EcsSourceTest() override {
    run(io_, clock_, tasks_.stop());
    pool_.stop();
  }

  void start() {
    source_ = std::make_unique<EcsSource>(settings_, *http_, clock_, pool_);
    tasks_.spawn("ecs", source_->run(sink_));
  }

  bool comes(const std::function<bool()>& condition, Duration limit = minutes(3)) {
    return clock_.run_while(
        io_, [&] { return !condition(); }, limit);
  }

  void start_and_settle() {
    start();
    ASSERT_TRUE(comes([&] { return !sink_.reports.empty(); }))
        << (sink_.problems.empty() ? "" : sink_.problems.back().message);
  }

  /// The next report, or failure.
  bool next_look_succeeds() {
    const std::size_t reports = sink_.reports.size();
    const std::size_t problems = sink_.problems.size();
    EXPECT_TRUE(
        comes([&] { return sink_.reports.size() > reports || sink_.problems.size() > problems; }));
    return sink_.reports.size() > reports;
  }

  std::string only_failure() const {
    return sink_.problems.empty() ? "none" : sink_.problems.back().reason;
  }

  static void fail_test(std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& cause) {
      ADD_FAILURE() << name << " ended: " << cause.what();
    }
  }

  asio::io_context io_{1};
  SimClock clock_;
  FakeEcs server_{io_, clock_};
  BlockingPool pool_;
  std::shared_ptr<DnsResolver> resolver_;
  std::unique_ptr<HttpClient> http_;
  std::string key_id_ = "AKIDEXAMPLE";
  std::string secret_ = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  EcsSourceSettings settings_;
  RecordingSink sink_;
  std::unique_ptr<EcsSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

TEST_F(EcsSourceTest, ReportsContainersWithTheDigestThatWasPulled) {
  start_and_settle();
  const WorkloadReport& report = sink_.reports.front();
  EXPECT_TRUE(report.complete);
  ASSERT_EQ(report.containers.size(), 1U);
  const ContainerObservation& container = report.containers.front();
  const Digest digest = Digest::from_trusted("sha256:" + std::string(64, '1'));
  EXPECT_EQ(container.id, server_.task_arn("web", "t1") + "/t1-app");
  EXPECT_EQ(container.namespace_name, "web");
  EXPECT_EQ(container.workload, "service/web");
  EXPECT_EQ(container.name, "app");
  EXPECT_EQ(container.node, "fargate");
  EXPECT_EQ(container.digests, std::vector<Digest>{digest});
  EXPECT_EQ(container.pullable, std::vector<Digest>{digest});
  EXPECT_FALSE(container.assumed);
  EXPECT_EQ(to_string(container.platform), "linux/arm64");
  EXPECT_EQ(container.started_at, parse_rfc3339("2026-11-01T11:00:00.25Z"));
  EXPECT_EQ(container.labels.at("com.amazonaws.ecs.task-definition-family"), "front");
  EXPECT_EQ(sink_.requests, 3U);
}

TEST_F(EcsSourceTest, SignsWithASessionAndReadsRotatedKeysAnew) {
  server_.session_token = "session/token==";
  std::string session = "session/token==";
  settings_.access.session_token = [&session] { return session; };
  start_and_settle();
  server_.access_key_id = "ASIAROTATED";
  server_.secret_access_key = "rotated";
  server_.session_token = "another";
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "unauthorized");
  EXPECT_EQ(sink_.problems.back().message.find("session"), std::string::npos)
      << "what AWS repeats of the request is not shown";
  key_id_ = "ASIAROTATED";
  secret_ = "rotated";
  session = "another";
  EXPECT_TRUE(next_look_succeeds());
}

TEST_F(EcsSourceTest, AKeyThatCannotBeReadIsAFailureAndNoRequest) {
  settings_.access.secret_access_key = []() -> std::string {
    throw std::runtime_error("/etc/scanclock/aws-secret: permission denied");
  };
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(only_failure(), "unauthorized");
  EXPECT_NE(sink_.problems.back().message.find("aws-secret"), std::string::npos);
  EXPECT_EQ(sink_.requests, 0U);
}

TEST_F(EcsSourceTest, AsksForAHundredTasksACall) {
  for (int i = 0; i < 205; ++i) {
    server_.clusters["web"]["more" + std::to_string(i)] = FakeEcsTask();
  }
  start_and_settle();
  EXPECT_EQ(sink_.reports.back().containers.size(), 206U);
  EXPECT_EQ(server_.count("ListTasks"), 3U);
  EXPECT_EQ(server_.count("DescribeTasks"), 3U);
}

TEST_F(EcsSourceTest, FollowsThePagesOfTheListOfClusters) {
  server_.page_size = 2;
  for (const char* name : {"a", "b", "c", "d"}) {
    server_.clusters[name]["t"] = FakeEcsTask();
  }
  start_and_settle();
  EXPECT_EQ(server_.count("ListClusters"), 3U);
  EXPECT_EQ(sink_.reports.back().containers.size(), 5U);
}

TEST_F(EcsSourceTest, LooksOnlyAtTheClustersThatAreNamed) {
  server_.clusters["other"]["t9"] = FakeEcsTask();
  settings_.clusters = {"web"};
  start_and_settle();
  EXPECT_EQ(sink_.reports.back().containers.size(), 1U);
  EXPECT_EQ(server_.count("ListClusters"), 0U);
  server_.clusters.erase("web");
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "not_found");
}

TEST_F(EcsSourceTest, ATaskThatIsMissingHasEndedMeanwhile) {
  server_.clusters["web"]["t2"] = FakeEcsTask();
  server_.failures["t2"] = "MISSING";
  start_and_settle();
  EXPECT_EQ(sink_.reports.back().containers.size(), 1U);
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(EcsSourceTest, AnyOtherFailureOfATaskMakesTheLookIncomplete) {
  start_and_settle();
  server_.clusters["web"]["t2"] = FakeEcsTask();
  server_.failures["t2"] = "ACCESS_DENIED";
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "incomplete");
  server_.failures.clear();
  server_.forgotten = {"t2"};
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "incomplete") << "an answer that leaves a task out is none";
  EXPECT_EQ(sink_.reports.size(), 1U);
  server_.forgotten.clear();
  EXPECT_TRUE(next_look_succeeds());
}

TEST_F(EcsSourceTest, CountsWhatRunsUntilItHasEnded) {
  start_and_settle();
  FakeEcsTask& task = server_.clusters["web"]["t1"];
  task.desired_status = "STOPPED";
  for (const char* status : {"DEACTIVATING", "STOPPING"}) {
    task.last_status = status;
    ASSERT_TRUE(next_look_succeeds());
    EXPECT_EQ(sink_.reports.back().containers.size(), 1U) << status;
  }
  task.containers[0].last_status = "STOPPED";
  ASSERT_TRUE(next_look_succeeds());
  EXPECT_TRUE(sink_.reports.back().containers.empty());
  const std::size_t described = server_.count("DescribeTasks");
  ASSERT_TRUE(next_look_succeeds());
  EXPECT_EQ(server_.count("DescribeTasks"), described) << "nothing is left to ask for";
}

TEST_F(EcsSourceTest, RepeatsThrottledCallsAfterGrowingPauses) {
  int refusals = 3;
  server_.says["DescribeTasks"] = [&](const std::string&) -> std::optional<HttpResponse> {
    return refusals-- > 0 ? std::optional(FakeEcs::error(400, "ThrottlingException"))
                          : std::nullopt;
  };
  const TimePoint started_at = clock_.now();
  start_and_settle();
  EXPECT_TRUE(sink_.problems.empty());
  EXPECT_EQ(server_.count("DescribeTasks"), 4U);
  EXPECT_GE(clock_.now() - started_at, seconds(6)) << "1 s, 2 s and 4 s, less a tenth";
}

TEST_F(EcsSourceTest, SaysWhatARefusalMeans) {
  struct Case {
    int status;
    const char* type;
    const char* message;
    const char* reason;
    const char* shown;
  };
  const Case cases[] = {
      {400, "AccessDeniedException", "User is not authorized", "forbidden", "ecs:ListTasks"},
      {403, "SomethingElse", "", "forbidden", "SomethingElse"},
      {400, "UnrecognizedClientException", "", "unauthorized", "UnrecognizedClientException"},
      {400, "ExpiredTokenException", "", "unauthorized", "ExpiredTokenException"},
      {400, "ThrottlingException", "Rate exceeded", "too_many_requests", "ThrottlingException"},
      {500, "ServerException", "", "server_error", "ServerException"},
      {400, "InvalidParameterException", "", "unexpected_status", "InvalidParameterException"},
      {400, "InvalidSignatureException",
       "Signature expired: 20261101T120000Z is now earlier than 20261101T123000Z", "clock_skew",
       "earlier than 20261101T123000Z; it is 2026-11-01T12:"},
      {403, "RequestTimeTooSkewed", "", "clock_skew", "clock of this host"},
      {400, "InvalidSignatureException", "The Canonical String was 'secret'", "unauthorized",
       "InvalidSignatureException"},
  };
  start_and_settle();
  for (const Case& one : cases) {
    server_.says["ListTasks"] = [&](const std::string&) {
      return std::optional(FakeEcs::error(one.status, one.type, one.message));
    };
    EXPECT_FALSE(next_look_succeeds()) << one.type;
    EXPECT_EQ(only_failure(), one.reason) << one.type;
    const std::string& message = sink_.problems.back().message;
    EXPECT_NE(message.find(one.shown), std::string::npos) << message;
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
  }
  EXPECT_EQ(sink_.reports.size(), 1U) << "none of them is a view without containers";
  EXPECT_TRUE(sink_.ended.empty());
}

TEST_F(EcsSourceTest, AClusterThatFailsLeavesTheOthersTheirNews) {
  server_.clusters["pay"]["p1"] = FakeEcsTask();
  start_and_settle();
  server_.says["ListTasks"] = [](const std::string& body) {
    return body.find("cluster/pay") != std::string::npos
               ? std::optional(FakeEcs::error(400, "AccessDeniedException"))
               : std::nullopt;
  };
  server_.clusters["web"]["t2"] = FakeEcsTask();
  server_.clusters["web"].erase("t1");
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "forbidden");
  EXPECT_NE(sink_.problems.back().message.find("cluster pay"), std::string::npos);
  ASSERT_EQ(sink_.started.size(), 1U);
  EXPECT_EQ(sink_.started.front().id, server_.task_arn("web", "t2") + "/t2-app");
  EXPECT_EQ(sink_.ended, std::vector<std::string>{server_.task_arn("web", "t1") + "/t1-app"})
      << "its cluster says so, and nothing of pay has ended";
  server_.says.clear();
  EXPECT_TRUE(next_look_succeeds());
  EXPECT_EQ(sink_.reports.back().containers.size(), 2U);
}

TEST_F(EcsSourceTest, AnAnswerCutAtAnyByteRemovesNothing) {
  start_and_settle();
  std::string whole;
  server_.says["DescribeTasks"] = [&](const std::string&) -> std::optional<HttpResponse> {
    if (whole.empty()) {
      return std::nullopt;
    }
    return answer(200, whole);
  };
  const std::string task = R"({"taskArn":"t1","lastStatus":"STOPPED","containers":[]})";
  const std::string body = R"({"tasks":[)" + task + R"(],"failures":[]})";
  for (std::size_t bytes = 1; bytes < body.size(); bytes += 7) {
    whole = body.substr(0, bytes);
    EXPECT_FALSE(next_look_succeeds()) << bytes;
    EXPECT_EQ(only_failure(), "malformed");
  }
  for (const char* wrong : {"null", "[]", R"({"tasks":{}})", R"({"tasks":[null]})",
                            R"({"tasks":[{"lastStatus":"RUNNING"}]})"}) {
    whole = wrong;
    EXPECT_FALSE(next_look_succeeds()) << wrong;
    EXPECT_EQ(only_failure(), "malformed") << wrong;
  }
  EXPECT_EQ(sink_.reports.size(), 1U);
  EXPECT_TRUE(sink_.ended.empty());
}

TEST_F(EcsSourceTest, NoListIsNotAnEmptyList) {
  start_and_settle();
  server_.says["ListClusters"] = [](const std::string&) {
    return std::optional(answer(200, R"({"clusterArns":null})"));
  };
  EXPECT_FALSE(next_look_succeeds());
  EXPECT_EQ(only_failure(), "malformed");
}

TEST_F(EcsSourceTest, AsksOnceForTheMachinesOfAClustersOwn) {
  server_.instances["m1"] = "i-0abc";
  server_.clusters["web"]["t1"].instance = "m1";
  start_and_settle();
  ASSERT_TRUE(next_look_succeeds());
  const ContainerObservation& container = sink_.reports.back().containers.front();
  EXPECT_EQ(container.node, "i-0abc");
  EXPECT_EQ(to_string(container.platform), "linux/amd64");
  EXPECT_EQ(server_.count("DescribeContainerInstances"), 1U);
}

TEST_F(EcsSourceTest, LeavesThePlatformOpenWhereMachinesMayNotBeRead) {
  server_.instances["m1"] = "i-0abc";
  server_.clusters["web"]["t1"].instance = "m1";
  server_.says["DescribeContainerInstances"] = [](const std::string&) {
    return std::optional(FakeEcs::error(400, "AccessDeniedException"));
  };
  start_and_settle();
  const ContainerObservation& container = sink_.reports.back().containers.front();
  EXPECT_EQ(container.node, "m1");
  EXPECT_EQ(to_string(container.platform), "");
}

}  // namespace
}  // namespace scanclock
