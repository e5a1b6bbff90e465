#include "core/workloads/nomad_answers.hpp"

#include "core/domain/allocation_twins.hpp"
#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

std::optional<std::uint64_t> nomad_number(const json& object, const char* key) {
  const json* found = docker_json::find(object, key);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_number_unsigned()) {
    throw docker_json::Unreadable{std::string(key) + " is no number"};
  }
  return found->get<std::uint64_t>();
}

std::string nomad_text(const json& object, const char* key) {
  std::string text = docker_json::text_of(object, key);
  if (text.empty()) {
    throw docker_json::Unreadable{"an allocation has no " + std::string(key)};
  }
  return text;
}

/// `unknown` is an allocation on a node that is cut off and may come back: it is believed to run.
bool nomad_may_run(const std::string& client_status) {
  return client_status == "running" || client_status == "pending" || client_status == "unknown";
}

/// A task between two attempts is `pending` again and counts its restarts.
std::optional<NomadTaskState> nomad_deployed_task(const std::string& name, const json& task) {
  if (!task.is_object()) {
    throw docker_json::Unreadable{"the state of a task is no object"};
  }
  const std::string state = docker_json::text_of(task, "State");
  const std::uint64_t restarts = nomad_number(task, "Restarts").value_or(0);
  const bool is_restarting = state == "pending" && restarts > 0;
  if (state != "running" && !is_restarting) {
    return std::nullopt;
  }
  NomadTaskState deployed;
  deployed.name = docker_json::without_nul(name);
  deployed.restarts = restarts;
  const auto started_at = parse_rfc3339(docker_json::text_of(task, "StartedAt"));
  if (!is_restarting && started_at && is_set(*started_at)) {
    deployed.started_at = started_at;
  }
  return deployed;
}

std::vector<NomadTaskState> nomad_deployed_tasks(const json& object, const std::string& id) {
  std::vector<NomadTaskState> deployed;
  const std::string status = docker_json::text_of(object, "ClientStatus");
  if (!nomad_may_run(status)) {
    return deployed;
  }
  const json* states = docker_json::find_object(object, "TaskStates");
  if (states == nullptr && status == "running") {
    throw docker_json::Unreadable{"allocation " + id + " runs and has no TaskStates"};
  }
  if (states != nullptr) {
    for (const auto& [name, task] : states->items()) {
      if (auto state = nomad_deployed_task(name, task)) {
        deployed.push_back(std::move(*state));
      }
    }
  }
  return deployed;
}

NomadAllocation nomad_allocation_of(const json& object) {
  if (!object.is_object()) {
    throw docker_json::Unreadable{"an allocation is no object"};
  }
  NomadAllocation allocation;
  allocation.id = nomad_text(object, "ID");
  allocation.namespace_name = nomad_text(object, "Namespace");
  allocation.node_id = docker_json::text_of(object, "NodeID");
  allocation.node_name = docker_json::text_of(object, "NodeName");
  allocation.job_id = nomad_text(object, "JobID");
  allocation.job_version = nomad_number(object, "JobVersion");
  allocation.task_group = nomad_text(object, "TaskGroup");
  allocation.is_wanted = docker_json::text_of(object, "DesiredStatus") == "run";
  allocation.modify_index = nomad_number(object, "ModifyIndex").value_or(0);
  allocation.deployed = nomad_deployed_tasks(object, allocation.id);
  return allocation;
}

/// A configuration value that is no string (a driver of another kind) is as good as none.
std::string nomad_config_text(const json* config, const char* key) {
  const json* found = config == nullptr ? nullptr : docker_json::find(*config, key);
  return found != nullptr && found->is_string()
             ? docker_json::without_nul(found->get<std::string>())
             : std::string();
}

const json& nomad_list(const json& object, const char* key) {
  static const json empty = json::array();
  const json* found = docker_json::find(object, key);
  if (found != nullptr && !found->is_array()) {
    throw docker_json::Unreadable{std::string(key) + " is no array"};
  }
  return found == nullptr ? empty : *found;
}

NomadJob nomad_job_of(const json& object) {
  NomadJob job;
  for (const json& group : nomad_list(object, "TaskGroups")) {
    if (!group.is_object()) {
      throw docker_json::Unreadable{"a task group is no object"};
    }
    auto& tasks = job[docker_json::text_of(group, "Name")];
    for (const json& element : nomad_list(group, "Tasks")) {
      if (!element.is_object()) {
        throw docker_json::Unreadable{"a task is no object"};
      }
      const json* config = docker_json::find_object(element, "Config");
      NomadTask task;
      task.driver = docker_json::text_of(element, "Driver");
      task.image = nomad_config_text(config, "image");
      task.load = nomad_config_text(config, "load");
      tasks[docker_json::text_of(element, "Name")] = std::move(task);
    }
  }
  return job;
}

bool cut_prefix(std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.erase(0, prefix.size());
  return true;
}

/// `backup/periodic-1700000000` and `import/dispatch-1700000000-a1b2c3d4` are runs of one job.
std::string nomad_job_name(const std::string& job_id) {
  for (const char* infix : {"/periodic-", "/dispatch-"}) {
    if (const auto at = job_id.rfind(infix); at != std::string::npos && at > 0) {
      return job_id.substr(0, at);
    }
  }
  return job_id;
}

}  // namespace

bool NomadTask::is_container() const {
  return driver == "docker" || driver == "podman" || driver == "containerd-driver";
}

Result<std::vector<NomadAllocation>, JsonFailure> parse_nomad_allocations(std::string_view body) {
  std::vector<NomadAllocation> allocations;
  const auto failure = docker_json::read_array(body, [&](const json& array) {
    for (const json& element : array) {
      allocations.push_back(nomad_allocation_of(element));
    }
  });
  if (failure) {
    return *failure;
  }
  return allocations;
}

Result<NomadAllocationDetail, JsonFailure> parse_nomad_allocation(std::string_view body) {
  NomadAllocationDetail detail;
  const auto failure = docker_json::read_object(body, [&](const json& object) {
    detail.allocation = nomad_allocation_of(object);
    const json* job = docker_json::find_object(object, "Job");
    if (job == nullptr) {
      throw docker_json::Unreadable{"allocation " + detail.allocation.id + " has no Job"};
    }
    detail.allocation.job_version = nomad_number(*job, "Version");
    detail.job = nomad_job_of(*job);
  });
  if (failure) {
    return *failure;
  }
  return detail;
}

Result<Platform, JsonFailure> parse_nomad_platform(std::string_view body) {
  Platform platform;
  const auto failure = docker_json::read_object(body, [&](const json& object) {
    if (const json* attributes = docker_json::find_object(object, "Attributes")) {
      const std::string kernel = docker_json::text_of(*attributes, "kernel.name");
      if (kernel == "linux" || kernel == "windows") {
        platform.os = kernel;
        platform.architecture = docker_json::text_of(*attributes, "cpu.arch");
      }
    }
  });
  if (failure) {
    return *failure;
  }
  return platform;
}

Result<NomadEvents, JsonFailure> parse_nomad_events(std::string_view object) {
  NomadEvents events;
  const auto failure = docker_json::read_object(object, [&](const json& batch) {
    events.index = nomad_number(batch, "Index");
    for (const json& event : nomad_list(batch, "Events")) {
      if (!event.is_object()) {
        throw docker_json::Unreadable{"an event is no object"};
      }
      events.has_events = true;
      const json* payload = docker_json::text_of(event, "Topic") == "Allocation"
                                ? docker_json::find_object(event, "Payload")
                                : nullptr;
      const json* allocation =
          payload == nullptr ? nullptr : docker_json::find_object(*payload, "Allocation");
      if (allocation != nullptr) {
        events.allocations.push_back(nomad_allocation_of(*allocation));
      }
    }
  });
  if (failure) {
    return *failure;
  }
  return events;
}

NomadImage read_nomad_image(const NomadTask& task) {
  NomadImage image;
  image.text = task.image;
  if (!task.load.empty()) {
    image.text += " (loaded from " + task.load + ")";
    return image;
  }
  for (const std::string_view prefix : {"https://", "http://", "docker://"}) {
    if (cut_prefix(image.text, prefix)) {
      break;
    }
  }
  // What stands for a name may be anything; a digest that is written out is what is pulled.
  if (const auto at = image.text.rfind('@'); at != std::string::npos) {
    image.digest = Digest::parse(std::string_view(image.text).substr(at + 1)).value_or(Digest());
  }
  if (image.text.find("${") != std::string::npos) {
    image.text = task.image;
  }
  return image;
}

ContainerObservation nomad_observation(const NomadAllocation& allocation,
                                       const NomadTaskState& state, const NomadTask& task,
                                       const Platform& platform) {
  const NomadImage image = read_nomad_image(task);
  const std::string job = nomad_job_name(allocation.job_id);
  ContainerObservation observation;
  observation.id = allocation.id + "/" + state.name +
                   (state.restarts == 0 ? "" : "#" + std::to_string(state.restarts));
  observation.namespace_name = allocation.namespace_name;
  observation.workload = "job/" + job;
  observation.name = state.name;
  observation.node = allocation.node_name.empty() ? allocation.node_id : allocation.node_name;
  observation.labels = {{nomad_alloc_id_label, allocation.id},
                        {nomad_task_name_label, state.name},
                        {"com.hashicorp.nomad.job_name", job},
                        {"com.hashicorp.nomad.task_group_name", allocation.task_group}};
  observation.image = image.text;
  if (!image.digest.empty()) {
    observation.digests.push_back(image.digest);
    observation.pullable.push_back(image.digest);
  }
  observation.assumed = image.digest.empty();
  observation.platform = platform;
  observation.started_at = state.started_at;
  return observation;
}

}  // namespace scanclock
