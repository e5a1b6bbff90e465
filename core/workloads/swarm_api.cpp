#include "core/workloads/swarm_api.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

namespace scanclock {
namespace {

using nlohmann::json;
using namespace docker_json;

constexpr std::string_view swarm_service_prefix = "service/";

/// What `uname -m` says on a node, and what images call it (containerd platforms/database.go).
struct SwarmArchitecture {
  std::string_view node;
  std::string_view architecture;
  std::string_view variant;
};

constexpr SwarmArchitecture swarm_architectures[] = {
    {"x86_64", "amd64", ""}, {"aarch64", "arm64", ""}, {"armv7l", "arm", "v7"},
    {"armhf", "arm", "v7"},  {"armv6l", "arm", "v6"},  {"armel", "arm", "v6"},
    {"i386", "386", ""},     {"i686", "386", ""},
};

Platform swarm_platform(const json& object) {
  Platform platform;
  platform.os = text_of(object, "OS");
  platform.architecture = text_of(object, "Architecture");
  for (const SwarmArchitecture& known : swarm_architectures) {
    if (platform.architecture == known.node) {
      platform.architecture = known.architecture;
      platform.variant = known.variant;
      break;
    }
  }
  return platform;
}

std::string swarm_id(const json& object, const char* what) {
  std::string id = object.is_object() ? text_of(object, "ID") : std::string();
  if (id.empty()) {
    throw Unreadable{std::string("a ") + what + " has no ID"};
  }
  return id;
}

/// Hands every entry of the list, each with an ID of its own, to `reader`.
std::optional<JsonFailure> read_swarm_list(
    std::string_view body, const char* what,
    const std::function<void(const std::string& id, const json& object)>& reader) {
  return read_array(body, [&](const json& array) {
    if (array.size() > swarm_entries_max) {
      throw Unreadable{"more than " + std::to_string(swarm_entries_max) + " entries"};
    }
    std::set<std::string> ids;
    for (const json& element : array) {
      const std::string id = swarm_id(element, what);
      if (!ids.insert(id).second) {
        throw Unreadable{std::string(what) + " " + id + " is listed twice"};
      }
      reader(id, element);
    }
  });
}

/// The states of a task in their order (swarmkit api/types.proto, TaskState).
constexpr std::array<std::string_view, 8> states_before_running = {
    "new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"};

bool is_in_motion(const std::string& state, const std::string& desired) {
  const bool starts = std::find(states_before_running.begin(), states_before_running.end(),
                                state) != states_before_running.end();
  return (desired == "running" && starts) || (desired != "running" && state == "running");
}

void read_swarm_task(const std::string& id, const json& object, SwarmTasks& tasks) {
  const json* spec = find_object(object, "Spec");
  const json* container = spec == nullptr ? nullptr : find_object(*spec, "ContainerSpec");
  const json* status = find_object(object, "Status");
  if (container == nullptr || status == nullptr) {
    return;
  }
  const std::string state = text_of(*status, "State");
  tasks.in_motion = tasks.in_motion || is_in_motion(state, text_of(object, "DesiredState"));
  if (state != "running") {
    return;
  }
  SwarmTask task;
  task.id = id;
  task.service_id = text_of(object, "ServiceID");
  task.node_id = text_of(object, "NodeID");
  task.slot = integer_of(object, "Slot").value_or(0);
  task.image = text_of(*container, "Image");
  task.labels = labels_of(*container);
  if (const json* running = find_object(*status, "ContainerStatus")) {
    task.container_id = text_of(*running, "ContainerID");
  }
  const auto since = parse_rfc3339(text_of(*status, "Timestamp"));
  task.started_at = since && is_set(*since) ? since : std::nullopt;
  tasks.running.push_back(std::move(task));
}

}  // namespace

Result<std::map<std::string, SwarmService>, JsonFailure> parse_swarm_services(
    std::string_view body) {
  std::map<std::string, SwarmService> services;
  const auto failure =
      read_swarm_list(body, "service", [&](const std::string& id, const json& object) {
        SwarmService& service = services[id];
        if (const json* spec = find_object(object, "Spec")) {
          service.name = text_of(*spec, "Name");
          service.labels = labels_of(*spec);
        }
      });
  if (failure) {
    return *failure;
  }
  return services;
}

Result<std::map<std::string, SwarmNode>, JsonFailure> parse_swarm_nodes(std::string_view body) {
  std::map<std::string, SwarmNode> nodes;
  const auto failure =
      read_swarm_list(body, "node", [&](const std::string& id, const json& object) {
        SwarmNode& node = nodes[id];
        if (const json* description = find_object(object, "Description")) {
          node.host_name = text_of(*description, "Hostname");
          if (const json* platform = find_object(*description, "Platform")) {
            node.platform = swarm_platform(*platform);
          }
        }
      });
  if (failure) {
    return *failure;
  }
  return nodes;
}

Result<SwarmTasks, JsonFailure> parse_swarm_tasks(std::string_view body) {
  SwarmTasks tasks;
  const auto failure = read_swarm_list(
      body, "task",
      [&](const std::string& id, const json& object) { read_swarm_task(id, object, tasks); });
  if (failure) {
    return *failure;
  }
  return tasks;
}

ContainerObservation swarm_observation(const SwarmTask& task, const SwarmService* service,
                                       const SwarmNode* node) {
  ContainerObservation observation;
  observation.id = task.container_id.empty() ? "task/" + task.id : task.container_id;
  observation.labels = task.labels;
  std::string name = task.service_id;
  if (service != nullptr) {
    name = service->name.empty() ? name : service->name;
    observation.labels.insert(service->labels.begin(), service->labels.end());
  }
  if (const auto stack = observation.labels.find("com.docker.stack.namespace");
      stack != observation.labels.end()) {
    observation.namespace_name = stack->second;
  }
  observation.workload = std::string(swarm_service_prefix) + name;
  observation.name = name + "." + (task.slot > 0 ? std::to_string(task.slot) : task.node_id);
  observation.node = node == nullptr || node->host_name.empty() ? task.node_id : node->host_name;
  observation.platform = node == nullptr ? Platform() : node->platform;
  observation.image = task.image;
  observation.started_at = task.started_at;
  const auto reference = parse_image_reference(task.image);
  if (reference && !reference->digest.empty()) {
    observation.digests.push_back(reference->digest);
    observation.pullable.push_back(reference->digest);
  } else {
    observation.assumed = true;
  }
  return observation;
}

}  // namespace scanclock
