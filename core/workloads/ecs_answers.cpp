#include "core/workloads/ecs_answers.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

/// Seconds since 1970 with a fraction, as AWS JSON 1.1 writes times.
std::optional<TimePoint> ecs_time(const json& object, const char* key) {
  constexpr double seconds_max = 1e11;
  const json* found = docker_json::find(object, key);
  if (found == nullptr || !found->is_number()) {
    return std::nullopt;
  }
  const double seconds = found->get<double>();
  if (!(seconds > 0 && seconds < seconds_max)) {
    return std::nullopt;
  }
  return TimePoint(Duration(static_cast<std::int64_t>(seconds * 1e6)));
}

/// The objects of an array; absent counts as empty.
template <class Read>
void for_each_object(const json& object, const char* key, Read read) {
  const json* found = docker_json::find(object, key);
  if (found == nullptr) {
    return;
  }
  if (!found->is_array()) {
    throw docker_json::Unreadable{std::string(key) + " is no array"};
  }
  for (const json& element : *found) {
    if (!element.is_object()) {
      throw docker_json::Unreadable{std::string(key) + " holds something that is no object"};
    }
    read(element);
  }
}

std::string ecs_attribute(const json& object, std::string_view name) {
  std::string value;
  for_each_object(object, "attributes", [&](const json& attribute) {
    if (docker_json::text_of(attribute, "name") == name) {
      value = docker_json::text_of(attribute, "value");
    }
  });
  return value;
}

EcsContainer ecs_container_of(const json& object) {
  EcsContainer container;
  container.arn = docker_json::text_of(object, "containerArn");
  container.name = docker_json::text_of(object, "name");
  container.image = docker_json::text_of(object, "image");
  container.image_digest_text = docker_json::text_of(object, "imageDigest");
  container.image_digest = Digest::parse(container.image_digest_text).value_or(Digest());
  container.runtime_id = docker_json::text_of(object, "runtimeId");
  container.last_status = docker_json::text_of(object, "lastStatus");
  return container;
}

EcsTask ecs_task_of(const json& object) {
  EcsTask task;
  task.arn = docker_json::text_of(object, "taskArn");
  task.last_status = docker_json::text_of(object, "lastStatus");
  if (task.arn.empty() || task.last_status.empty()) {
    throw docker_json::Unreadable{"a task has no taskArn or no lastStatus"};
  }
  task.cluster_arn = docker_json::text_of(object, "clusterArn");
  task.definition_arn = docker_json::text_of(object, "taskDefinitionArn");
  task.group = docker_json::text_of(object, "group");
  task.instance_arn = docker_json::text_of(object, "containerInstanceArn");
  task.launch_type = docker_json::text_of(object, "launchType");
  task.platform_family = docker_json::text_of(object, "platformFamily");
  task.cpu_architecture = ecs_attribute(object, "ecs.cpu-architecture");
  task.started_at = ecs_time(object, "startedAt");
  for_each_object(object, "containers", [&](const json& container) {
    task.containers.push_back(ecs_container_of(container));
  });
  return task;
}

std::string lower_case_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// GOARCH, as image indexes write it.
std::string ecs_architecture(const std::string& name) { return name == "x86_64" ? "amd64" : name; }

Platform ecs_platform(const EcsTask& task, const EcsInstance* instance) {
  Platform platform = instance == nullptr ? Platform() : instance->platform;
  const std::string family = lower_case_of(task.platform_family);
  if (family.starts_with("linux") || family.starts_with("windows")) {
    platform.os = family.starts_with("linux") ? "linux" : "windows";
  }
  if (!task.cpu_architecture.empty()) {
    platform.architecture = ecs_architecture(task.cpu_architecture);
  }
  return platform.os.empty() || platform.architecture.empty() ? Platform() : platform;
}

/// `hello` of `arn:aws:ecs:us-east-1:123456789012:task-definition/hello:8`.
std::string ecs_family(const EcsTask& task) {
  const std::string name = ecs_resource_id(task.definition_arn);
  return name.substr(0, name.find(':'));
}

std::string ecs_workload(const EcsTask& task) {
  const auto colon = task.group.find(':');
  if (colon == std::string::npos) {
    return "family/" + (task.group.empty() ? ecs_family(task) : task.group);
  }
  return task.group.substr(0, colon) + "/" + task.group.substr(colon + 1);
}

std::string ecs_node(const EcsTask& task, const EcsInstance* instance) {
  if (task.instance_arn.empty()) {
    return task.launch_type.empty() ? "fargate" : lower_case_of(task.launch_type);
  }
  return instance != nullptr && !instance->machine_id.empty() ? instance->machine_id
                                                              : ecs_resource_id(task.instance_arn);
}

bool ecs_has_not_ended(const std::string& status) {
  constexpr std::array ended{"PROVISIONING", "DEPROVISIONING", "STOPPED", "DELETED"};
  return std::find(ended.begin(), ended.end(), status) == ended.end();
}

/// A task that is being stopped goes on running until its containers end.
bool ecs_runs(const EcsContainer& container, const EcsTask& task) {
  if (!container.last_status.empty()) {
    return container.last_status == "RUNNING";
  }
  return task.last_status == "RUNNING" || task.last_status == "DEACTIVATING" ||
         task.last_status == "STOPPING";
}

void add_ecs_image(const EcsContainer& container, ContainerObservation& observation) {
  const auto reference = parse_image_reference(container.image);
  Digest digest = container.image_digest;
  if (digest.empty() && reference) {
    digest = reference->digest;
  }
  observation.image = container.image;
  observation.image_id = container.image_digest_text;
  observation.assumed = digest.empty();
  if (!digest.empty()) {
    observation.digests.push_back(digest);
    observation.pullable.push_back(digest);
  }
  if (reference) {
    if (!reference->digest.empty() && reference->digest != digest) {
      observation.digests.push_back(reference->digest);
      observation.pullable.push_back(reference->digest);
    }
    observation.repositories.push_back(reference->host + "/" + reference->repository);
  }
}

bool is_error_name(std::string_view name) {
  constexpr std::size_t name_length_max = 80;
  return name.size() <= name_length_max &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char letter) { return std::isalnum(letter) != 0; });
}

/// The only texts that are known to repeat nothing but times.
std::string text_about_time(std::string text) {
  constexpr std::size_t text_length_max = 200;
  if (!text.starts_with("Signature expired: ") &&
      !text.starts_with("Signature not yet current: ")) {
    return {};
  }
  text.resize(std::min(text.size(), text_length_max));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return text;
}

}  // namespace

Result<EcsArns, JsonFailure> parse_ecs_arns(std::string_view body, const char* list) {
  EcsArns page;
  const auto failure = docker_json::read_object(body, [&](const json& answer) {
    if (docker_json::find(answer, list) == nullptr) {
      throw docker_json::Unreadable{"has no " + std::string(list)};
    }
    page.arns = docker_json::texts_of(answer, list);
    page.next_token = docker_json::text_of(answer, "nextToken");
  });
  if (failure) {
    return *failure;
  }
  return page;
}

Result<EcsTasks, JsonFailure> parse_ecs_tasks(std::string_view body) {
  EcsTasks described;
  const auto failure = docker_json::read_object(body, [&](const json& answer) {
    for_each_object(answer, "tasks",
                    [&](const json& task) { described.tasks.push_back(ecs_task_of(task)); });
    for_each_object(answer, "failures", [&](const json& object) {
      EcsFailure one;
      one.arn = docker_json::text_of(object, "arn");
      one.reason = docker_json::text_of(object, "reason");
      described.failures.push_back(std::move(one));
    });
  });
  if (failure) {
    return *failure;
  }
  return described;
}

Result<std::vector<EcsInstance>, JsonFailure> parse_ecs_instances(std::string_view body) {
  std::vector<EcsInstance> instances;
  const auto failure = docker_json::read_object(body, [&](const json& answer) {
    for_each_object(answer, "containerInstances", [&](const json& object) {
      EcsInstance instance;
      instance.arn = docker_json::text_of(object, "containerInstanceArn");
      instance.machine_id = docker_json::text_of(object, "ec2InstanceId");
      instance.platform.os = lower_case_of(ecs_attribute(object, "ecs.os-type"));
      instance.platform.architecture =
          ecs_architecture(ecs_attribute(object, "ecs.cpu-architecture"));
      instances.push_back(std::move(instance));
    });
  });
  if (failure) {
    return *failure;
  }
  return instances;
}

AwsError parse_aws_error(std::string_view body) {
  AwsError error;
  const auto failure = docker_json::read_object(body, [&](const json& answer) {
    std::string name = docker_json::text_of(answer, "__type");
    // The full form is `com.amazonaws.…#Name`.
    name = name.substr(name.find('#') + 1);
    error.name = is_error_name(name) ? name : std::string();
    const char* const key = docker_json::find(answer, "message") != nullptr ? "message" : "Message";
    error.text = text_about_time(docker_json::text_of(answer, key));
  });
  return failure ? AwsError() : error;
}

std::string ecs_resource_id(std::string_view arn) {
  const auto slash = arn.rfind('/');
  return std::string(slash == std::string_view::npos ? arn : arn.substr(slash + 1));
}

std::vector<ContainerObservation> ecs_observations(const EcsTask& task,
                                                   const EcsInstance* instance) {
  std::vector<ContainerObservation> observations;
  if (!ecs_has_not_ended(task.last_status)) {
    return observations;
  }
  for (const EcsContainer& container : task.containers) {
    if (!ecs_runs(container, task)) {
      continue;
    }
    ContainerObservation observation;
    observation.id = !container.arn.empty()          ? container.arn
                     : !container.runtime_id.empty() ? container.runtime_id
                                                     : task.arn + "/" + container.name;
    observation.namespace_name = ecs_resource_id(task.cluster_arn);
    observation.workload = ecs_workload(task);
    observation.name = container.name;
    observation.node = ecs_node(task, instance);
    observation.labels = {{"com.amazonaws.ecs.cluster", observation.namespace_name},
                          {"com.amazonaws.ecs.task-arn", task.arn},
                          {"com.amazonaws.ecs.task-definition-family", ecs_family(task)},
                          {"com.amazonaws.ecs.container-name", container.name}};
    add_ecs_image(container, observation);
    observation.platform = ecs_platform(task, instance);
    observation.started_at = task.started_at;
    observations.push_back(std::move(observation));
  }
  return observations;
}

}  // namespace scanclock
