#include "core/workloads/swarm_api.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

const std::string index_digest = "sha256:" + std::string(64, '7');

/// As a manager of Engine 20.10 prints a task (API 1.41).
json swarm_task() {
  return json::parse(R"({"ID":"86jmmk5qup9l","Version":{"Index":18},
    "CreatedAt":"2026-11-22T03:08:20.579235413Z","Labels":{},
    "Spec":{"ContainerSpec":{"Image":"registry.example/team/app:b@)" +
                     index_digest + R"(","Labels":{"team":"pay"},"Args":["/bin/sleep","3600"],
      "Init":false,"DNSConfig":{},"Isolation":"default"},"Resources":{"Limits":{}}},
    "ServiceID":"ibyda3iys2kc","Slot":2,"NodeID":"3kb65oqj2btf",
    "Status":{"Timestamp":"2026-11-22T03:08:21.147499597Z","State":"running","Message":"started",
      "ContainerStatus":{"ContainerID":"69f25b82b4f6","PID":29700,"ExitCode":0},"PortStatus":{}},
    "DesiredState":"running"})");
}

SwarmTask read_task(const json& object) {
  const auto tasks = parse_swarm_tasks(json::array({object}).dump());
  EXPECT_TRUE(tasks.has_value()) << tasks.error().message;
  return tasks && !tasks->running.empty() ? tasks->running.front() : SwarmTask();
}

SwarmService shop_web() {
  SwarmService service;
  service.name = "shop_web";
  service.labels = {{"com.docker.stack.namespace", "shop"}, {"team", "platform"}};
  return service;
}

TEST(SwarmTasks, BecomeObservationsOfTheirServiceOnTheirNode) {
  const SwarmService service = shop_web();
  SwarmNode node;
  node.host_name = "worker-1";
  node.platform = Platform{"linux", "amd64", "", ""};
  const auto observation = swarm_observation(read_task(swarm_task()), &service, &node);
  EXPECT_EQ(observation.id, "69f25b82b4f6");
  EXPECT_EQ(observation.namespace_name, "shop");
  EXPECT_EQ(observation.workload, "service/shop_web");
  EXPECT_EQ(observation.name, "shop_web.2");
  EXPECT_EQ(observation.node, "worker-1");
  EXPECT_EQ(observation.image, "registry.example/team/app:b@" + index_digest);
  EXPECT_EQ(observation.digests, std::vector<Digest>{Digest::from_trusted(index_digest)});
  EXPECT_EQ(observation.pullable, observation.digests);
  EXPECT_FALSE(observation.assumed);
  EXPECT_EQ(to_string(observation.platform), "linux/amd64");
  EXPECT_EQ(observation.labels.at("team"), "pay")
      << "the container's own label before the service's";
  EXPECT_EQ(observation.started_at, parse_rfc3339("2026-11-22T03:08:21.147499Z"));
}

TEST(SwarmTasks, AreAssumedWhereTheServiceNamesATagAlone) {
  json task = swarm_task();
  for (const char* image : {"registry.example/team/app:b", "app", "", "sha256:short"}) {
    task["Spec"]["ContainerSpec"]["Image"] = image;
    const auto observation = swarm_observation(read_task(task), nullptr, nullptr);
    EXPECT_TRUE(observation.assumed) << image;
    EXPECT_TRUE(observation.digests.empty()) << image;
    EXPECT_EQ(observation.image, image);
  }
}

TEST(SwarmTasks, KeepANameWhereTheManagerForgotServiceAndNode) {
  const auto observation = swarm_observation(read_task(swarm_task()), nullptr, nullptr);
  EXPECT_EQ(observation.workload, "service/ibyda3iys2kc");
  EXPECT_EQ(observation.name, "ibyda3iys2kc.2");
  EXPECT_EQ(observation.node, "3kb65oqj2btf");
}

TEST(SwarmTasks, OfAGlobalServiceAreNamedByTheirNode) {
  json task = swarm_task();
  task.erase("Slot");
  const SwarmService service = shop_web();
  EXPECT_EQ(swarm_observation(read_task(task), &service, nullptr).name, "shop_web.3kb65oqj2btf");
}

TEST(SwarmTasks, CountWhileTheyRunWhateverIsDesired) {
  struct Case {
    const char* state;
    const char* desired;
    bool runs;
    bool in_motion;
  };
  const std::vector<Case> cases{
      {"running", "running", true, false},    {"running", "shutdown", true, true},
      {"running", "remove", true, true},      {"new", "running", false, true},
      {"pending", "running", false, true},    {"preparing", "running", false, true},
      {"starting", "running", false, true},   {"ready", "ready", false, false},
      {"shutdown", "shutdown", false, false}, {"failed", "shutdown", false, false},
      {"rejected", "shutdown", false, false}, {"complete", "shutdown", false, false},
      {"orphaned", "shutdown", false, false}, {"pending", "shutdown", false, false}};
  for (const Case& each : cases) {
    json task = swarm_task();
    task["Status"]["State"] = each.state;
    task["DesiredState"] = each.desired;
    const auto tasks = parse_swarm_tasks(json::array({task}).dump());
    ASSERT_TRUE(tasks.has_value());
    EXPECT_EQ(tasks->running.size(), each.runs ? 1U : 0U) << each.state << " " << each.desired;
    EXPECT_EQ(tasks->in_motion, each.in_motion) << each.state << " " << each.desired;
  }
}

TEST(SwarmTasks, OfPluginsRunNoContainer) {
  json plugin = swarm_task();
  plugin["Spec"] = json{{"PluginSpec", {{"Name", "driver"}}}};
  json fresh = swarm_task();
  fresh["ID"] = "other";
  fresh["Status"] = nullptr;
  const auto tasks = parse_swarm_tasks(json::array({plugin, fresh}).dump());
  ASSERT_TRUE(tasks.has_value()) << tasks.error().message;
  EXPECT_TRUE(tasks->running.empty());
}

TEST(SwarmTasks, WithoutAContainersIdGoByTheirOwn) {
  json task = swarm_task();
  task["Status"]["ContainerStatus"] = nullptr;
  EXPECT_EQ(swarm_observation(read_task(task), nullptr, nullptr).id, "task/86jmmk5qup9l");
}

TEST(SwarmLists, AreRefusedAsAWholeWhenOneEntryIsUnreadable) {
  json odd = swarm_task();
  odd["Spec"]["ContainerSpec"]["Image"] = 7;
  for (const std::string& body :
       {json::array({swarm_task(), swarm_task()}).dump(), json::array({odd}).dump(),
        std::string("[{}]"), std::string("[7]"), std::string("null"), std::string("{}"),
        std::string("[{\"ID\":\"a\"},")}) {
    EXPECT_FALSE(parse_swarm_tasks(body).has_value()) << body.substr(0, 80);
  }
  EXPECT_FALSE(parse_swarm_services(R"([{"ID":"s","Spec":7}])").has_value());
  EXPECT_FALSE(parse_swarm_nodes(R"([{"ID":"n","Description":[]}])").has_value());
}

TEST(SwarmServices, AreReadByTheirId) {
  const auto services = parse_swarm_services(
      R"([{"ID":"s1","Spec":{"Name":"web","Labels":{"com.docker.stack.namespace":"shop"}}},)"
      R"({"ID":"s2","Spec":null}])");
  ASSERT_TRUE(services.has_value()) << services.error().message;
  EXPECT_EQ(services->at("s1").name, "web");
  EXPECT_EQ(services->at("s1").labels.size(), 1U);
  EXPECT_EQ(services->at("s2"), SwarmService());
}

TEST(SwarmNodes, SayTheirPlatformAsImagesDo) {
  struct Case {
    const char* machine;
    const char* platform;
  };
  for (const Case& each : std::vector<Case>{{"x86_64", "linux/amd64"},
                                            {"aarch64", "linux/arm64"},
                                            {"armv7l", "linux/arm/v7"},
                                            {"armv6l", "linux/arm/v6"},
                                            {"i686", "linux/386"},
                                            {"ppc64le", "linux/ppc64le"},
                                            {"amd64", "linux/amd64"}}) {
    const auto nodes = parse_swarm_nodes(
        json::array({json{{"ID", "n1"},
                          {"Description",
                           {{"Hostname", "worker-1"},
                            {"Platform", {{"Architecture", each.machine}, {"OS", "linux"}}}}}}})
            .dump());
    ASSERT_TRUE(nodes.has_value()) << nodes.error().message;
    EXPECT_EQ(nodes->at("n1").host_name, "worker-1");
    EXPECT_EQ(to_string(nodes->at("n1").platform), each.platform);
  }
}

}  // namespace
}  // namespace scanclock
