#include "core/workloads/swarm_source.hpp"

#include "tests/component/workloads/engine_fixture.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

using Ids = std::vector<std::string>;

constexpr std::int64_t swarm_event_ns = 1795293563'206844908;

json task(const std::string& id, const std::string& state, const std::string& desired,
          const std::string& image) {
  const json container{{"Image", image}, {"Labels", {{"team", "pay"}}}};
  json status{{"Timestamp", "2026-11-01T11:00:00.25Z"}, {"State", state}};
  if (state == "running") {
    status["ContainerStatus"] = json{{"ContainerID", "container-" + id}, {"PID", 1}};
  }
  return json{{"ID", id},
              {"ServiceID", "s1"},
              {"NodeID", "n1"},
              {"Slot", 1},
              {"Status", status},
              {"DesiredState", desired},
              {"Spec", {{"ContainerSpec", container}}}};
}

class SwarmSourceTest : public EngineFixture {
 protected:
  SwarmSourceTest() {
    pinned_ = "registry.example/team/app:1@" + sha('1');
    set_tasks({task("t1", "running", "running", pinned_)});
    const json spec{{"Name", "web"}, {"Labels", {{"com.docker.stack.namespace", "shop"}}}};
    engine_.services = json::array({json{{"ID", "s1"}, {"Spec", spec}}}).dump();
    const json platform{{"Architecture", "x86_64"}, {"OS", "linux"}};
    const json node{{"Hostname", "worker-1"}, {"Platform", platform}};
    engine_.nodes = json::array({json{{"ID", "n1"}, {"Description", node}}}).dump();
  }

  void set_tasks(const std::vector<json>& tasks) { engine_.tasks = json(tasks).dump(); }

  void start() {
    EngineFixture::start(std::make_unique<SwarmSource>(engine_settings(), *http_, clock_, pool_));
  }

  void change_service() {
    json event{{"Type", "service"},
               {"Action", "update"},
               {"scope", "swarm"},
               {"timeNano", swarm_event_ns}};
    event["Actor"]["ID"] = "s1";
    engine_.emit(event.dump() + "\n");
  }

  std::string pinned_;
};

TEST_F(SwarmSourceTest, ReportsRunningTasksWithServiceStackNodeAndPlatform) {
  start();
  ASSERT_TRUE(settles());
  EXPECT_EQ(source_->kind(), "swarm");
  EXPECT_TRUE(sink_.reports.front().complete);
  ASSERT_EQ(sink_.reports.front().containers.size(), 1U);
  const ContainerObservation& container = sink_.reports.front().containers.front();
  EXPECT_EQ(container.id, "container-t1");
  EXPECT_EQ(container.namespace_name, "shop");
  EXPECT_EQ(container.workload, "service/web");
  EXPECT_EQ(container.name, "web.1");
  EXPECT_EQ(container.node, "worker-1");
  EXPECT_EQ(to_string(container.platform), "linux/amd64");
  EXPECT_EQ(container.digests, std::vector<Digest>{digest('1')});
  EXPECT_FALSE(container.assumed);
  EXPECT_EQ(container.started_at, parse_rfc3339("2026-11-01T11:00:00.25Z"));
  EXPECT_EQ(engine_.count("/v1.41/events?filters="
                          "%7B%22type%22%3A%5B%22service%22%2C%22node%22%5D%7D"),
            1U);
}

TEST_F(SwarmSourceTest, FollowsARollingUpdateUntilNothingMovesAnyMore) {
  start();
  ASSERT_TRUE(settles());
  const std::string next = "registry.example/team/app:2@" + sha('2');
  set_tasks({task("t1", "running", "shutdown", pinned_), task("t2", "preparing", "running", next)});
  change_service();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }, seconds(2)));
  EXPECT_EQ(sink_.ids(), Ids{"container-t1"}) << "what is to end still runs";
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 3; }, seconds(3)));
  set_tasks({task("t1", "shutdown", "shutdown", pinned_), task("t2", "running", "running", next)});
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 4; }, seconds(3)));
  EXPECT_EQ(sink_.ids(), Ids{"container-t2"});
  EXPECT_EQ(sink_.reports.back().containers.front().digests, std::vector<Digest>{digest('2')});
  clock_.advance(io_, seconds(20));
  EXPECT_EQ(sink_.reports.size(), 4U) << "nothing is on its way: the usual period again";
}

TEST_F(SwarmSourceTest, StopsHurryingForATaskThatNeverComesToRun) {
  start();
  ASSERT_TRUE(settles());
  set_tasks({task("t1", "running", "running", pinned_), task("t2", "pending", "running", pinned_)});
  change_service();
  clock_.advance(io_, minutes(2));
  const std::size_t reports = sink_.reports.size();
  EXPECT_GE(reports, 25U);
  clock_.advance(io_, minutes(10));
  EXPECT_LE(sink_.reports.size(), reports + 21);
}

TEST_F(SwarmSourceTest, SaysWhereAManagerIsToBeFoundWhenItAsksAWorker) {
  engine_.tasks.clear();
  start();
  ASSERT_TRUE(comes([&] { return !sink_.problems.empty(); }));
  EXPECT_EQ(sink_.problems.front().reason, "not_a_manager");
  EXPECT_NE(sink_.problems.front().message.find("HINT: let `url` name a manager"),
            std::string::npos)
      << sink_.problems.front().message;
  EXPECT_TRUE(sink_.reports.empty());
  set_tasks({task("t1", "running", "running", pinned_)});
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; })) << "it was promoted";
}

struct BadSwarmAnswer {
  const char* name;
  const char* path;
  int status;
  const char* body;
  const char* reason;
};

void PrintTo(const BadSwarmAnswer& answer, std::ostream* out) { *out << answer.name; }

class SwarmSourceBadAnswers : public SwarmSourceTest,
                              public ::testing::WithParamInterface<BadSwarmAnswer> {};

TEST_P(SwarmSourceBadAnswers, FailTheLookUntilTheyAreGone) {
  engine_.answer(GetParam().path, GetParam().status, GetParam().body);
  start();
  ASSERT_TRUE(comes([&] { return sink_.problems.size() == 2; }));
  EXPECT_TRUE(sink_.reports.empty()) << "no view at all rather than a part of one";
  EXPECT_EQ(sink_.problems.front().reason, GetParam().reason) << sink_.problems.front().message;
  engine_.answer_normally();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; }));
}

INSTANTIATE_TEST_SUITE_P(
    Swarm, SwarmSourceBadAnswers,
    ::testing::Values(
        BadSwarmAnswer{"tasks_500", "/tasks", 500,
                       R"({"message":"rpc error: code = DeadlineExceeded"})", "server_error"},
        BadSwarmAnswer{"no_leader", "/tasks", 503,
                       R"({"message":"The swarm does not have a leader."})", "server_error"},
        BadSwarmAnswer{"tasks_are_html", "/tasks", 200, "<html></html>", "malformed"},
        BadSwarmAnswer{"tasks_are_null", "/tasks", 200, "null", "malformed"},
        BadSwarmAnswer{"a_task_without_id", "/tasks", 200, "[{}]", "malformed"},
        BadSwarmAnswer{"services_403", "/services", 403, "", "forbidden"},
        BadSwarmAnswer{"services_are_cut", "/services", 200, R"([{"ID":"s1"})", "malformed"},
        BadSwarmAnswer{"nodes_404", "/nodes", 404, "", "not_found"},
        BadSwarmAnswer{"nodes_are_an_object", "/nodes", 200, "{}", "malformed"}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace scanclock
