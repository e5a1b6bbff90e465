#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"
#include "core/workloads/bounded_json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A task of an allocation that is deployed: it runs, or is being restarted.
struct NomadTaskState {
  std::string name;
  /// Nothing between two attempts.
  std::optional<TimePoint> started_at;
  std::uint64_t restarts = 0;

  bool operator==(const NomadTaskState&) const = default;
};

/// An entry of `GET /v1/allocations`, or the Allocation of an event, as far as is read.
struct NomadAllocation {
  std::string id;
  std::string namespace_name;
  std::string node_id;
  std::string node_name;
  std::string job_id;
  /// Of the job that this allocation runs, which need not be the current one. Events and old
  /// servers name none.
  std::optional<std::uint64_t> job_version;
  std::string task_group;
  /// The scheduler wants it to go on.
  bool is_wanted = false;
  std::uint64_t modify_index = 0;
  /// Empty where nothing of it runs. Nomad's `lost` is believed: nobody can tell what runs there.
  std::vector<NomadTaskState> deployed;
};

/// `[...]` of `GET /v1/allocations?task_states=true`. Not a single entry may be unreadable, for
/// what is left out would count as ended. Blocking for big pages.
Result<std::vector<NomadAllocation>, JsonFailure> parse_nomad_allocations(std::string_view body);

/// What a task of a job says it runs.
struct NomadTask {
  std::string driver;
  /// Raw, with interpolation.
  std::string image;
  /// The Docker driver loads the image from this archive of the task, not from a registry.
  std::string load;
  bool is_container() const;
  bool operator==(const NomadTask&) const = default;
};

/// Task group → task.
using NomadJob = std::map<std::string, std::map<std::string, NomadTask>>;

/// `GET /v1/allocation/{id}`: the allocation and its own version of the job.
struct NomadAllocationDetail {
  NomadAllocation allocation;
  NomadJob job;
};
Result<NomadAllocationDetail, JsonFailure> parse_nomad_allocation(std::string_view body);

/// `GET /v1/node/{id}`: attributes `kernel.name` and `cpu.arch`. Empty where they are absent.
Result<Platform, JsonFailure> parse_nomad_platform(std::string_view body);

/// One line of `GET /v1/event/stream`: `{"Index":N,"Events":[...]}`, or `{}` as a heartbeat.
struct NomadEvents {
  /// Nothing in a heartbeat.
  std::optional<std::uint64_t> index;
  std::vector<NomadAllocation> allocations;
  /// There were events, of whatever kind.
  bool has_events = false;
};
Result<NomadEvents, JsonFailure> parse_nomad_events(std::string_view object);

/// What a registry can be asked for, from a task's raw image.
struct NomadImage {
  /// Without `https://`, `http://` and `docker://`, which drivers cut off, too. Where it is
  /// interpolated or comes from an archive the text is no image reference.
  std::string text;
  /// Of an image that is pinned by digest.
  Digest digest;
};
NomadImage read_nomad_image(const NomadTask& task);

/// The observation of one deployed task, `id` being `ALLOCATION/TASK`, and `ALLOCATION/TASK#N` once
/// it was restarted: each attempt is another container and may have pulled another image. It is
/// `assumed` unless the image is pinned by digest, for Nomad keeps no digest anywhere. The workload
/// is `job/NAME`; children of periodic and dispatched jobs belong to their parent's.
ContainerObservation nomad_observation(const NomadAllocation& allocation,
                                       const NomadTaskState& state, const NomadTask& task,
                                       const Platform& platform);

}  // namespace scanclock
