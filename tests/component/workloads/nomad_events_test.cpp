#include "tests/component/workloads/nomad_source_fixture.hpp"

#include <functional>
#include <string>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

/// The parameter says whether streams are close-delimited.
class NomadEventsTest : public NomadSourceTest, public testing::WithParamInterface<bool> {
 protected:
  NomadEventsTest() { server_.close_delimited = GetParam(); }

  void change(const std::string& id, const std::function<void(FakeAllocation&)>& edit) {
    FakeAllocation& allocation = server_.allocations[id];
    allocation.modify_index = ++server_.index;
    edit(allocation);
    server_.emit_allocation(id);
  }
};

std::string framing_name(const testing::TestParamInfo<bool>& is_close_delimited) {
  return is_close_delimited.param ? "ByClose" : "ByChunks";
}

INSTANTIATE_TEST_SUITE_P(Framing, NomadEventsTest, testing::Bool(), framing_name);

TEST_P(NomadEventsTest, AStartIsKnownBeforeTheNextList) {
  start_and_settle();
  const std::size_t lists = server_.count("/v1/allocations");
  change("a2", [](FakeAllocation&) {});
  ASSERT_TRUE(comes([&] { return !sink_.started.empty(); }, seconds(5)));
  EXPECT_EQ(sink_.started.front().id, "a2/app");
  EXPECT_EQ(sink_.started.front().image, "registry.example/team/app:1");
  EXPECT_EQ(server_.count("/v1/allocations"), lists);
}

TEST_P(NomadEventsTest, AnEndIsKnownBeforeTheNextList) {
  start_and_settle();
  change("a1", [](FakeAllocation& allocation) {
    allocation.client_status = "complete";
    allocation.tasks["app"].state = "dead";
  });
  ASSERT_TRUE(comes([&] { return was_ended("a1/app"); }, seconds(5)));
}

TEST_P(NomadEventsTest, ARestartIsAnotherContainer) {
  start_and_settle();
  change("a1", [](FakeAllocation& allocation) {
    allocation.tasks["app"].state = "pending";
    allocation.tasks["app"].restarts = 1;
  });
  ASSERT_TRUE(comes([&] { return was_ended("a1/app"); }, seconds(5)));
  ASSERT_FALSE(sink_.started.empty());
  EXPECT_EQ(sink_.started.back().id, "a1/app#1") << "between two attempts it is deployed";
  EXPECT_FALSE(sink_.started.back().started_at.has_value());
}

TEST_P(NomadEventsTest, HeartbeatsKeepTheStreamAndSilenceEndsIt) {
  start_and_settle();
  for (int i = 0; i < 10; ++i) {
    clock_.advance(io_, seconds(30));
    server_.emit("{}\n");
  }
  EXPECT_EQ(server_.count("/v1/event/stream"), 1U);
  ASSERT_TRUE(comes([&] { return server_.count("/v1/event/stream") == 2; }, minutes(3)));
}

TEST_P(NomadEventsTest, AStreamThatEndsIsOpenedAnewAndFollowedByAList) {
  start_and_settle();
  const std::size_t lists = server_.count("/v1/allocations");
  server_.allocations["a2"] = FakeAllocation();
  server_.cut_streams(true);
  ASSERT_TRUE(comes([&] { return sink_.ids() == (Ids{"a1/app", "a2/app"}); }, seconds(20)));
  EXPECT_EQ(server_.count("/v1/event/stream"), 2U);
  EXPECT_EQ(server_.count("/v1/allocations"), lists + 1);
}

TEST_P(NomadEventsTest, AnEventCutAtAnyByteEndsNothing) {
  start_and_settle();
  for (const std::size_t bytes : {1U, 9U, 40U, 120U, 300U}) {
    const std::size_t streams = server_.count("/v1/event/stream");
    const std::string event =
        R"({"Index":99,"Events":[{"Topic":"Allocation","Type":"AllocationUpdated","Key":"a1",)"
        R"("Payload":{"Allocation":{"ID":"a1","Namespace":"default","JobID":"web","TaskGroup":)"
        R"("front","ClientStatus":"complete","ModifyIndex":99,"TaskStates":{"app":{"State":)"
        R"("dead","Restarts":0,"StartedAt":null,"FinishedAt":null,"Events":[],)"
        R"("Failed":false}}}}}]})";
    ASSERT_LT(bytes, event.size());
    server_.emit(event.substr(0, bytes));
    clock_.advance(io_, seconds(1));
    server_.cut_streams(false);
    ASSERT_TRUE(comes([&] {
      return server_.count("/v1/event/stream") > streams && server_.open_streams() == 1;
    }));
  }
  EXPECT_TRUE(sink_.ended.empty());
  EXPECT_EQ(sink_.ids(), Ids{"a1/app"});
}

TEST_P(NomadEventsTest, EventsOfUnknownIndexAndIndexesThatGoBackAreFollowedByAList) {
  start_and_settle();
  std::size_t reports = sink_.reports.size();
  server_.emit(R"({"Events":[{"Topic":"Allocation","Payload":{}}]})"
               "\n");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() > reports; }, seconds(5)));
  EXPECT_EQ(server_.count("/v1/event/stream"), 1U);
  change("a2", [](FakeAllocation&) {});
  ASSERT_TRUE(comes([&] { return !sink_.started.empty(); }, seconds(5)));
  reports = sink_.reports.size();
  server_.emit(R"({"Index":3,"Events":[]})"
               "\n");
  ASSERT_TRUE(comes([&] { return server_.count("/v1/event/stream") == 2; }, seconds(20)));
  EXPECT_TRUE(comes([&] { return sink_.reports.size() > reports; }, seconds(20)));
}

TEST_P(NomadEventsTest, AServerRestoredFromABackupIsFollowedAnew) {
  server_.index = 500;
  server_.allocations["a1"].modify_index = 480;
  start_and_settle();
  server_.index = 20;
  server_.allocations["a1"].modify_index = 15;
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 3; }));
  server_.emit("{}\n");
  ASSERT_TRUE(comes([&] { return server_.count("index=21") == 1; }));
  change("a1", [](FakeAllocation& allocation) {
    allocation.client_status = "failed";
    allocation.tasks["app"].state = "dead";
  });
  EXPECT_TRUE(comes([&] { return was_ended("a1/app"); }, seconds(5)));
}

TEST_P(NomadEventsTest, WhatIsNoEventEndsTheStreamAndNothingElse) {
  start_and_settle();
  for (const char* text : {"[1]\n", "{\"Index\":\"x\"}\n", "{\"Events\":7}\n",
                           "{\"Index\":90,\"Events\":[{\"Topic\":\"Allocation\",\"Payload\":"
                           "{\"Allocation\":{\"ID\":\"a1\",\"ClientStatus\":\"complete\"}}}]}\n"}) {
    const std::size_t streams = server_.count("/v1/event/stream");
    server_.emit(text);
    ASSERT_TRUE(comes([&] {
      return server_.count("/v1/event/stream") > streams && server_.open_streams() == 1;
    })) << text;
  }
  EXPECT_TRUE(sink_.ended.empty());
  EXPECT_TRUE(sink_.problems.empty()) << "the list is the truth";
}

TEST_P(NomadEventsTest, ARefusedStreamLeavesTheLists) {
  server_.answer("/v1/event/stream", 403, "Permission denied");
  start();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 4; }, minutes(3)));
  EXPECT_TRUE(sink_.problems.empty());
  EXPECT_GT(server_.count("/v1/event/stream"), 2U);
  EXPECT_LT(server_.count("/v1/event/stream"), 15U) << "with growing pauses";
}

}  // namespace
}  // namespace scanclock
