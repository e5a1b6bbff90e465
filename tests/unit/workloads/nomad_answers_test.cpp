#include "core/workloads/nomad_answers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

const std::string nomad_hex(64, 'a');

/// An entry of the list, as Nomad 1.9 prints it, shortened.
json nomad_stub() {
  return json{
      {"ID", "5a1c"},
      {"Namespace", "default"},
      {"NodeID", "n1"},
      {"NodeName", "client-a"},
      {"JobID", "web"},
      {"JobVersion", 3},
      {"TaskGroup", "front"},
      {"DesiredStatus", "run"},
      {"ClientStatus", "running"},
      {"TaskStates", {{"app", {{"State", "running"}, {"Restarts", 0}, {"StartedAt", nullptr}}}}},
      {"ModifyIndex", 12}};
}

std::string nomad_refusal(const json& entry) {
  const auto parsed = parse_nomad_allocations(json::array({entry}).dump());
  return parsed ? "accepted" : parsed.error().message;
}

std::size_t nomad_deployed(const json& entry) {
  const auto parsed = parse_nomad_allocations(json::array({entry}).dump());
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return parsed ? parsed->front().deployed.size() : 99;
}

TEST(NomadAllocations, AreReadWithTheirOwnVersionOfTheJob) {
  const auto parsed = parse_nomad_allocations(json::array({nomad_stub()}).dump());
  ASSERT_TRUE(parsed.has_value());
  const NomadAllocation& allocation = parsed->front();
  EXPECT_EQ(allocation.job_version, 3U);
  EXPECT_EQ(allocation.modify_index, 12U);
  EXPECT_TRUE(allocation.is_wanted);
  ASSERT_EQ(allocation.deployed.size(), 1U);
  EXPECT_EQ(allocation.deployed.front().name, "app");
}

TEST(NomadAllocations, CountTasksThatRunOrAreBeingRestarted) {
  struct Case {
    const char* client_status;
    const char* state;
    int restarts;
    std::size_t deployed;
  };
  for (const Case& one : {Case{"running", "running", 0, 1}, Case{"running", "running", 4, 1},
                          Case{"pending", "running", 0, 1}, Case{"unknown", "running", 0, 1},
                          Case{"pending", "pending", 0, 0}, Case{"running", "pending", 2, 1},
                          Case{"running", "dead", 0, 0}, Case{"complete", "running", 0, 0},
                          Case{"failed", "running", 0, 0}, Case{"lost", "running", 0, 0}}) {
    json entry = nomad_stub();
    entry["ClientStatus"] = one.client_status;
    entry["TaskStates"]["app"]["State"] = one.state;
    entry["TaskStates"]["app"]["Restarts"] = one.restarts;
    EXPECT_EQ(nomad_deployed(entry), one.deployed) << one.client_status << " " << one.state;
  }
}

TEST(NomadAllocations, ThatHaveNotStartedHaveNoTaskStates) {
  json entry = nomad_stub();
  entry["ClientStatus"] = "pending";
  entry["TaskStates"] = nullptr;
  EXPECT_EQ(nomad_deployed(entry), 0U);
}

TEST(NomadAllocations, ThatCannotBeReadFailTheWholeList) {
  struct Case {
    const char* key;
    json value;
  };
  for (const Case& one :
       {Case{"ID", nullptr}, Case{"ID", 7}, Case{"Namespace", nullptr}, Case{"JobID", ""},
        Case{"TaskGroup", nullptr}, Case{"ModifyIndex", -1}, Case{"JobVersion", "3"},
        Case{"TaskStates", 7}, Case{"TaskStates", nullptr}, Case{"TaskStates", {{"app", 1}}}}) {
    json entry = nomad_stub();
    entry[one.key] = one.value;
    EXPECT_NE(nomad_refusal(entry), "accepted") << one.key << " " << one.value;
  }
  EXPECT_NE(nomad_refusal(nullptr), "accepted");
  for (const char* text : {"", "null", "{}", "[", "[{}]", "[1]"}) {
    EXPECT_FALSE(parse_nomad_allocations(text).has_value()) << text;
  }
}

TEST(NomadJob, TellsDriverAndImageOfEachTask) {
  json detail = nomad_stub();
  const json tasks =
      json::array({{{"Name", "app"}, {"Driver", "docker"}, {"Config", {{"image", "redis:7"}}}},
                   {{"Name", "side"}, {"Driver", "exec"}, {"Config", {{"command", "/bin/side"}}}},
                   {{"Name", "odd"}, {"Driver", "podman"}, {"Config", {{"image", 7}}}},
                   {{"Name", "bare"}, {"Driver", "containerd-driver"}, {"Config", nullptr}}});
  detail["Job"] = {{"Version", 9},
                   {"TaskGroups", json::array({{{"Name", "front"}, {"Tasks", tasks}},
                                               {{"Name", "empty"}, {"Tasks", nullptr}}})}};
  const auto parsed = parse_nomad_allocation(detail.dump());
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->allocation.job_version, 9U);
  const auto& front = parsed->job.at("front");
  EXPECT_EQ(front.at("app").image, "redis:7");
  EXPECT_TRUE(front.at("app").is_container());
  EXPECT_FALSE(front.at("side").is_container());
  EXPECT_TRUE(front.at("odd").is_container());
  EXPECT_EQ(front.at("odd").image, "");
  EXPECT_TRUE(front.at("bare").is_container());
  detail.erase("Job");
  EXPECT_FALSE(parse_nomad_allocation(detail.dump()).has_value());
}

TEST(NomadImage, IsWhatTheDriverWouldPull) {
  struct Case {
    std::string image;
    std::string load;
    std::string text;
    bool pinned;
  };
  const std::string pin = "@sha256:" + nomad_hex;
  for (const Case& one : {
           Case{"redis:7", "", "redis:7", false},
           Case{"https://registry.example/app:1", "", "registry.example/app:1", false},
           Case{"http://registry.example/app:1", "", "registry.example/app:1", false},
           Case{"docker://docker.io/library/redis", "", "docker.io/library/redis", false},
           Case{"registry.example/app" + pin, "", "registry.example/app" + pin, true},
           Case{"registry.example/app:1" + pin, "", "registry.example/app:1" + pin, true},
           Case{"${NOMAD_META_image}", "", "${NOMAD_META_image}", false},
           Case{"https://${attr.registry}/app:${meta.tag}", "",
                "https://${attr.registry}/app:${meta.tag}", false},
           Case{"${meta.registry}/app" + pin, "", "${meta.registry}/app" + pin, true},
           Case{"registry.example/app@${meta.digest}", "", "registry.example/app@${meta.digest}",
                false},
           Case{"redis:7", "redis.tar", "redis:7 (loaded from redis.tar)", false},
           Case{"", "", "", false},
       }) {
    NomadTask task;
    task.driver = "docker";
    task.image = one.image;
    task.load = one.load;
    const NomadImage image = read_nomad_image(task);
    EXPECT_EQ(image.text, one.text);
    EXPECT_EQ(!image.digest.empty(), one.pinned) << one.image;
  }
}

TEST(NomadObservation, IsAssumedUnlessTheImageIsPinned) {
  NomadAllocation allocation;
  allocation.id = "5a1c";
  allocation.namespace_name = "pay";
  allocation.node_id = "n1";
  allocation.job_id = "backup/periodic-1700000000";
  allocation.task_group = "front";
  NomadTaskState state;
  state.name = "app";
  NomadTask task;
  task.image = "redis:7";
  ContainerObservation seen = nomad_observation(allocation, state, task, Platform());
  EXPECT_EQ(seen.id, "5a1c/app");
  EXPECT_EQ(seen.workload, "job/backup") << "each run of a periodic job is one of the same";
  EXPECT_EQ(seen.node, "n1") << "old servers name no node";
  EXPECT_TRUE(seen.assumed);
  EXPECT_TRUE(seen.digests.empty());
  EXPECT_EQ(seen.labels.at("com.hashicorp.nomad.alloc_id"), "5a1c");
  task.image = "redis@sha256:" + nomad_hex;
  state.restarts = 2;
  seen = nomad_observation(allocation, state, task, Platform());
  EXPECT_EQ(seen.id, "5a1c/app#2");
  EXPECT_FALSE(seen.assumed);
  EXPECT_EQ(seen.digests, std::vector<Digest>{Digest::from_trusted("sha256:" + nomad_hex)});
  EXPECT_EQ(seen.pullable, seen.digests);
}

TEST(NomadEvents, TellHeartbeatsFromChanges) {
  const auto heartbeat = parse_nomad_events("{}");
  ASSERT_TRUE(heartbeat.has_value());
  EXPECT_FALSE(heartbeat->index.has_value());
  EXPECT_FALSE(heartbeat->has_events);
  json event = nomad_stub();
  event.erase("JobVersion");
  const json batch{
      {"Index", 44},
      {"Events", json::array({{{"Topic", "Allocation"}, {"Payload", {{"Allocation", event}}}},
                              {{"Topic", "Job"}, {"Payload", {{"Job", {{"ID", "web"}}}}}},
                              {{"Topic", "Allocation"}, {"Payload", nullptr}}})}};
  const auto changes = parse_nomad_events(batch.dump());
  ASSERT_TRUE(changes.has_value()) << changes.error().message;
  EXPECT_EQ(changes->index, 44U);
  ASSERT_EQ(changes->allocations.size(), 1U);
  EXPECT_FALSE(changes->allocations.front().job_version.has_value());
}

TEST(NomadPlatform, IsThatOfTheNodesKernel) {
  const auto platform = [](const char* text) {
    const auto parsed = parse_nomad_platform(text);
    return parsed ? to_string(*parsed) : "unreadable";
  };
  EXPECT_EQ(platform(R"({"Attributes":{"kernel.name":"linux","cpu.arch":"amd64"}})"),
            "linux/amd64");
  EXPECT_EQ(platform(R"({"Attributes":{"kernel.name":"darwin","cpu.arch":"arm64"}})"), "");
  EXPECT_EQ(platform(R"({"Attributes":null})"), "");
  EXPECT_EQ(platform(R"({"Attributes":[]})"), "unreadable");
}

}  // namespace
}  // namespace scanclock
