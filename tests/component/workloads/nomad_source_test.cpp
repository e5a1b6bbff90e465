#include "tests/component/workloads/nomad_source_fixture.hpp"

#include <map>
#include <memory>
#include <set>
#include <stdexcept>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

TEST_F(NomadSourceTest, ReportsTasksOfTheContainerDrivers) {
  start_and_settle();
  const WorkloadReport& report = sink_.reports.front();
  EXPECT_TRUE(report.complete);
  EXPECT_FALSE(report.namespaces.has_value());
  const ContainerObservation& container = only_container();
  EXPECT_EQ(container.id, "a1/app");
  EXPECT_EQ(container.namespace_name, "default");
  EXPECT_EQ(container.workload, "job/web");
  EXPECT_EQ(container.name, "app");
  EXPECT_EQ(container.node, "client-a");
  EXPECT_EQ(container.image, "registry.example/team/app:1");
  EXPECT_TRUE(container.digests.empty());
  EXPECT_TRUE(container.assumed) << "nomad keeps no digest";
  EXPECT_EQ(to_string(container.platform), "linux/arm64");
  EXPECT_EQ(container.started_at, parse_rfc3339("2026-11-01T11:00:00.123456Z"));
  EXPECT_EQ(sink_.requests, server_.targets().size());
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(NomadSourceTest, ListsAgainAfterTheStreamOpenedForItMayHaveBegunTooLate) {
  start_and_settle();
  std::vector<std::string> order;
  for (const std::string& target : server_.targets()) {
    order.push_back(target.substr(0, target.find('?')));
  }
  const auto stream = std::find(order.begin(), order.end(), "/v1/event/stream");
  ASSERT_NE(stream, order.end());
  EXPECT_EQ(std::count(order.begin(), stream, "/v1/allocations"), 1);
  EXPECT_EQ(std::count(stream, order.end(), "/v1/allocations"), 1);
  EXPECT_EQ(server_.count("index=11"), 1U) << "the stream begins after the list";
}

TEST_F(NomadSourceTest, AsksOnceForTheVersionOfTheJobThatAnAllocationRuns) {
  server_.set_image("registry.example/team/app:2", 1);
  for (const char* id : {"a2", "a3", "a4"}) {
    server_.allocations[id] = FakeAllocation();
    server_.allocations[id].job_version = 1;
  }
  start_and_settle();
  std::map<std::string, std::string> images;
  for (const ContainerObservation& container : sink_.reports.back().containers) {
    images[container.id] = container.image;
  }
  EXPECT_EQ(images["a1/app"], "registry.example/team/app:1");
  EXPECT_EQ(images["a4/app"], "registry.example/team/app:2");
  EXPECT_EQ(server_.count("/v1/allocation/"), 2U);
  clock_.advance(io_, minutes(5));
  EXPECT_EQ(server_.count("/v1/allocation/"), 2U) << "what is known is not asked for again";
  EXPECT_EQ(server_.count("/v1/node/"), 1U);
}

TEST_F(NomadSourceTest, TakesAJobThatBeganAgainAtVersionZeroForANewOne) {
  start_and_settle();
  server_.allocations.clear();
  server_.allocations["b1"] = FakeAllocation();
  server_.set_image("registry.example/team/other:1");
  ASSERT_TRUE(comes([&] { return sink_.ids() == Ids{"b1/app"}; }));
  EXPECT_EQ(only_container().image, "registry.example/team/other:1");
}

TEST_F(NomadSourceTest, ReadsEveryPage) {
  server_.page_size = 3;
  for (int i = 2; i <= 10; ++i) {
    server_.allocations["a" + std::to_string(i)] = FakeAllocation();
  }
  start_and_settle();
  EXPECT_EQ(sink_.reports.back().containers.size(), 10U);
  EXPECT_EQ(server_.count("next_token="), 6U) << "three more pages in each of two lists";
  EXPECT_EQ(server_.count("per_page=500"), 8U);
}

TEST_F(NomadSourceTest, AListCutAtAnyByteRemovesNothing) {
  server_.allocations["a2"] = FakeAllocation();
  start_and_settle();
  const std::size_t size = server_.list_body("*").size();
  ASSERT_GT(size, 300U);
  for (std::size_t bytes = 0; bytes < size; bytes += 23) {
    const std::size_t problems = sink_.problems.size();
    const std::size_t reports = sink_.reports.size();
    server_.cut("/v1/allocations", bytes);
    ASSERT_TRUE(comes([&] { return sink_.problems.size() > problems; })) << bytes;
    EXPECT_EQ(sink_.reports.size(), reports) << bytes;
    server_.stop_cutting();
    // The whole of an answer that is no whole document is no view either.
    server_.answer("/v1/allocations", 200, server_.list_body("*").substr(0, bytes));
    ASSERT_TRUE(comes([&] { return sink_.problems.size() > problems + 1; })) << bytes;
    EXPECT_EQ(sink_.problems.back().reason, "malformed");
    server_.answer_normally();
    ASSERT_TRUE(comes([&] { return sink_.reports.size() > reports; })) << bytes;
    EXPECT_EQ(sink_.ids().size(), 2U);
  }
  EXPECT_TRUE(sink_.ended.empty());
}

TEST_F(NomadSourceTest, ARefusedListIsNoEmptyOne) {
  struct Case {
    int status;
    const char* reason;
  };
  start_and_settle();
  for (const Case& one :
       {Case{401, "unauthorized"}, Case{403, "forbidden"}, Case{429, "too_many_requests"},
        Case{500, "server_error"}, Case{503, "server_error"}, Case{302, "unexpected_status"}}) {
    const std::size_t reports = sink_.reports.size();
    server_.answer("/v1/allocations", one.status, "Permission denied\n");
    ASSERT_TRUE(comes([&] {
      return !sink_.problems.empty() && sink_.problems.back().reason == one.reason;
    })) << one.status;
    EXPECT_EQ(sink_.reports.size(), reports);
    EXPECT_NE(sink_.problems.back().message.find("Permission denied"), std::string::npos);
    server_.answer_normally();
    ASSERT_TRUE(comes([&] { return sink_.reports.size() > reports; }));
  }
}

TEST_F(NomadSourceTest, WaitsAsLongAsTheServerAsks) {
  start_and_settle();
  server_.answer("/v1/allocations", 429, "slow down", "Retry-After: 200\r\n");
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  const std::size_t asked = server_.count("/v1/allocations");
  clock_.advance(io_, seconds(190));
  EXPECT_EQ(server_.count("/v1/allocations"), asked);
  clock_.advance(io_, seconds(20));
  EXPECT_EQ(server_.count("/v1/allocations"), asked + 1);
}

TEST_F(NomadSourceTest, AListThatATokenWithoutRightsMadeEmptyIsForbidden) {
  start_and_settle();
  server_.forbidden_namespaces = {"default"};
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "forbidden");
  EXPECT_NE(sink_.problems.back().message.find("read-job"), std::string::npos);
  EXPECT_EQ(sink_.ids(), Ids{"a1/app"}) << "zero containers is not what was seen";
  server_.forbidden_namespaces.clear();
  const std::size_t reports = sink_.reports.size();
  EXPECT_TRUE(comes([&] { return sink_.reports.size() > reports; }));
}

TEST_F(NomadSourceTest, ANamespaceThatVanishedIsAskedForByName) {
  server_.allocations["b1"] = FakeAllocation();
  server_.allocations["b1"].namespace_name = "pay";
  server_.set_image("registry.example/pay/app:1", 0, "pay");
  start_and_settle();
  EXPECT_EQ(sink_.ids().size(), 2U);
  server_.forbidden_namespaces = {"pay"};
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "forbidden");
  EXPECT_EQ(sink_.ids().size(), 2U);
  // Where the job is gone for good, the namespace answers and is empty.
  server_.forbidden_namespaces.clear();
  server_.allocations.erase("b1");
  EXPECT_TRUE(comes([&] { return sink_.ids() == Ids{"a1/app"}; }));
}

TEST_F(NomadSourceTest, NamedNamespacesMakeAPartialView) {
  settings_.namespaces = {"default", "pay"};
  server_.allocations["b1"] = FakeAllocation();
  server_.allocations["b1"].namespace_name = "pay";
  server_.set_image("registry.example/pay/app:1", 0, "pay");
  server_.allocations["c1"] = FakeAllocation();
  server_.allocations["c1"].namespace_name = "other";
  start_and_settle();
  EXPECT_EQ(sink_.ids(), (Ids{"a1/app", "b1/app"}));
  EXPECT_EQ(sink_.reports.back().namespaces, (std::set<std::string>{"default", "pay"}));
  server_.forbidden_namespaces = {"pay"};
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "forbidden");
}

TEST_F(NomadSourceTest, ReadsTheTokenAnewForEachRequest) {
  auto token = std::make_shared<std::string>("first");
  settings_.access.token = [token] { return *token; };
  server_.token = "first";
  start_and_settle();
  for (const std::string& sent : server_.tokens()) {
    EXPECT_EQ(sent, "first");
  }
  server_.token = "second";
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "forbidden");
  EXPECT_EQ(sink_.problems.back().message.find("first"), std::string::npos);
  *token = "second";
  const std::size_t reports = sink_.reports.size();
  EXPECT_TRUE(comes([&] { return sink_.reports.size() > reports; }));
}

TEST_F(NomadSourceTest, ATokenThatCannotBeReadIsAFailureAndNoRequest) {
  settings_.access.token = []() -> std::string {
    throw std::runtime_error("/etc/scanclock/nomad-token: no such file");
  };
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "unauthorized");
  EXPECT_NE(sink_.problems.back().message.find("nomad-token"), std::string::npos);
  EXPECT_TRUE(server_.targets().empty());
}

TEST_F(NomadSourceTest, NamesTheRegionWhereOneIsSet) {
  settings_.access.region = "eu west";
  start_and_settle();
  EXPECT_EQ(server_.count("region=eu%20west"), server_.targets().size());
}

TEST_F(NomadSourceTest, LeavesThePlatformOpenWhereNodesMayNotBeRead) {
  server_.nodes_are_forbidden = true;
  server_.nodes["node-2"] = "client-b";
  server_.allocations["a2"] = FakeAllocation();
  server_.allocations["a2"].node_id = "node-2";
  start_and_settle();
  EXPECT_EQ(to_string(sink_.reports.back().containers.front().platform), "");
  EXPECT_EQ(server_.count("/v1/node/"), 2U) << "one refusal a look stands for all nodes";
}

TEST_F(NomadSourceTest, AStalledAnswerIsATimeout) {
  start_and_settle();
  server_.stall("/v1/allocations");
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }, minutes(5)));
  EXPECT_EQ(sink_.problems.back().reason, "timeout");
  EXPECT_EQ(sink_.ids(), Ids{"a1/app"});
  server_.stop_stalling();
  const std::size_t reports = sink_.reports.size();
  EXPECT_TRUE(comes([&] { return sink_.reports.size() > reports; }));
}

TEST_F(NomadSourceTest, AnAllocationThatWasCollectedMeanwhileIsLeftOut) {
  server_.answer("/v1/allocation/", 404, "alloc not found");
  start();
  ASSERT_TRUE(comes([&] { return !sink_.reports.empty(); }));
  EXPECT_TRUE(sink_.ids().empty());
}

TEST_F(NomadSourceTest, AnAllocationThatCannotBeReadFailsTheLook) {
  server_.answer("/v1/allocation/", 500, "no leader");
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.back().reason, "server_error");
  EXPECT_TRUE(sink_.reports.empty());
}

}  // namespace
}  // namespace scanclock
