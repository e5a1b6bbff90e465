#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/bounded_json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A page of ListClusters or ListTasks.
struct EcsArns {
  std::vector<std::string> arns;
  /// Empty on the last page.
  std::string next_token;
};

/// `list` is `clusterArns` or `taskArns` (API version 2014-11-13, as are all below).
Result<EcsArns, JsonFailure> parse_ecs_arns(std::string_view body, const char* list);

struct EcsContainer {
  std::string arn;
  std::string name;
  std::string image;
  /// The digest that the agent pulled: of an index for images of several platforms. Missing before
  /// the pull, and from old agents.
  Digest image_digest;
  /// As printed, also when it is no digest.
  std::string image_digest_text;
  std::string runtime_id;
  std::string last_status;
};

struct EcsTask {
  std::string arn;
  std::string cluster_arn;
  std::string definition_arn;
  /// `service:web` or `family:import`.
  std::string group;
  /// Empty on Fargate.
  std::string instance_arn;
  std::string launch_type;
  std::string last_status;
  /// Fargate's `Linux` or `Windows Server 2019 Core`; empty on instances of one's own.
  std::string platform_family;
  /// Attribute `ecs.cpu-architecture`: `x86_64` or `arm64`.
  std::string cpu_architecture;
  std::optional<TimePoint> started_at;
  std::vector<EcsContainer> containers;
};

struct EcsFailure {
  std::string arn;
  /// `MISSING`: there is no such thing (any more).
  std::string reason;
};

/// An answer of DescribeTasks.
struct EcsTasks {
  std::vector<EcsTask> tasks;
  std::vector<EcsFailure> failures;
};
/// Not a single task may be unreadable, for what is left out would count as ended.
Result<EcsTasks, JsonFailure> parse_ecs_tasks(std::string_view body);

/// A machine that tasks run on.
struct EcsInstance {
  std::string arn;
  /// `i-0123…`, `mi-0123…` where the machine is elsewhere; empty when not told.
  std::string machine_id;
  Platform platform;
};
Result<std::vector<EcsInstance>, JsonFailure> parse_ecs_instances(std::string_view body);

/// An error of an AWS JSON 1.1 service.
struct AwsError {
  /// `ThrottlingException`; empty when the body names none.
  std::string name;
  /// For people, one line. Only of errors about time: others may repeat the request's headers.
  std::string text;
};
AwsError parse_aws_error(std::string_view body);

/// What of a task ARN stays the same in its short and its long form: the part after the last slash.
std::string ecs_resource_id(std::string_view arn);

/// The containers of the task that run: RUNNING themselves, in a task that has not ended.
/// `instance` is null on Fargate and where it may not be read. Namespace is the cluster's name, the
/// workload `service/NAME`, or `family/NAME` for tasks of no service.
std::vector<ContainerObservation> ecs_observations(const EcsTask& task,
                                                   const EcsInstance* instance);

}  // namespace scanclock
