#include "core/workloads/kubernetes_decoders.hpp"

#include <utility>

namespace scanclock::kubernetes_json {
namespace {

void read_time(Value value, std::optional<TimePoint>& time) {
  time = parse_rfc3339(view_of(value));
  if (time && !is_set(*time)) {
    time.reset();
  }
}

constexpr std::array<Field<PodContainerStatus>, 1> running_fields{{
    {"startedAt", [](JsonWalk&, Value value,
                     PodContainerStatus& status) { read_time(value, status.started_at); }},
}};

constexpr std::array<Field<PodContainerStatus>, 1> waiting_fields{{
    {"reason", [](JsonWalk&, Value value,
                  PodContainerStatus& status) { read_text(value, status.waiting_reason); }},
}};

constexpr std::array<Field<PodContainerStatus>, 2> terminated_fields{{
    {"reason", [](JsonWalk&, Value value,
                  PodContainerStatus& status) { read_text(value, status.terminated_reason); }},
    {"exitCode", [](JsonWalk&, Value value,
                    PodContainerStatus& status) { status.exit_code = integer_of(value); }},
}};

constexpr std::array<Field<PodContainerStatus>, 2> last_terminated_fields{{
    {"containerID", [](JsonWalk&, Value value,
                       PodContainerStatus& status) { read_text(value, status.last_container_id); }},
    {"startedAt", [](JsonWalk&, Value value,
                     PodContainerStatus& status) { read_time(value, status.last_started_at); }},
}};

enum StateBit : std::uint32_t { running_bit = 1, waiting_bit = 2, terminated_bit = 4 };

struct StateReading {
  PodContainerStatus& status;
  std::uint32_t given = 0;
};

constexpr std::array<Field<StateReading>, 3> state_fields{{
    {"running",
     [](JsonWalk& walk, Value value, StateReading& reading) {
       reading.given |= running_bit;
       read_fields(walk, object_of(value), running_fields, reading.status);
     }},
    {"waiting",
     [](JsonWalk& walk, Value value, StateReading& reading) {
       reading.given |= waiting_bit;
       read_fields(walk, object_of(value), waiting_fields, reading.status);
     }},
    {"terminated",
     [](JsonWalk& walk, Value value, StateReading& reading) {
       reading.given |= terminated_bit;
       read_fields(walk, object_of(value), terminated_fields, reading.status);
     }},
}};

constexpr std::array<Field<PodContainerStatus>, 1> last_state_fields{{
    {"terminated",
     [](JsonWalk& walk, Value value, PodContainerStatus& status) {
       status.ran_before = true;
       read_fields(walk, object_of(value), last_terminated_fields, status);
     }},
}};

void read_state(JsonWalk& walk, Value value, PodContainerStatus& status) {
  StateReading reading{status};
  read_fields(walk, object_of(value), state_fields, reading);
  using State = PodContainerStatus::State;
  status.state = (reading.given & running_bit) != 0      ? State::running
                 : (reading.given & waiting_bit) != 0    ? State::waiting
                 : (reading.given & terminated_bit) != 0 ? State::terminated
                                                         : State::waiting;
}

constexpr std::array<Field<PodVolumeStatus>, 1> image_ref_fields{{
    {"imageRef", [](JsonWalk&, Value value,
                    PodVolumeStatus& volume) { read_whole_text(value, volume.image_ref); }},
}};

constexpr std::array<Field<PodVolumeStatus>, 1> volume_status_fields{{
    {"image",
     [](JsonWalk& walk, Value value, PodVolumeStatus& volume) {
       read_fields(walk, object_of(value), image_ref_fields, volume);
     }},
}};

constexpr std::array<Field<PodVolumeStatus>, 2> volume_mount_fields{{
    {"name",
     [](JsonWalk&, Value value, PodVolumeStatus& volume) { read_text(value, volume.name); }},
    {"volumeStatus",
     [](JsonWalk& walk, Value value, PodVolumeStatus& volume) {
       read_fields(walk, object_of(value), volume_status_fields, volume);
     }},
}};

void read_volume_mounts(JsonWalk& walk, Value value, PodContainerStatus& status) {
  read_elements(walk, value, [&](Value element) {
    PodVolumeStatus volume;
    read_fields(walk, object_of(element), volume_mount_fields, volume);
    if (!volume.image_ref.empty()) {
      status.volumes.push_back(std::move(volume));
    }
  });
}

constexpr std::array<Field<PodContainerStatus>, 8> container_status_fields{{
    {"name",
     [](JsonWalk&, Value value, PodContainerStatus& status) { read_text(value, status.name); }},
    {"image", [](JsonWalk&, Value value,
                 PodContainerStatus& status) { read_whole_text(value, status.image); }},
    {"imageID", [](JsonWalk&, Value value,
                   PodContainerStatus& status) { read_whole_text(value, status.image_id); }},
    {"containerID", [](JsonWalk&, Value value,
                       PodContainerStatus& status) { read_text(value, status.container_id); }},
    {"restartCount", [](JsonWalk&, Value value,
                        PodContainerStatus& status) { status.restart_count = integer_of(value); }},
    {"state", read_state},
    {"lastState",
     [](JsonWalk& walk, Value value, PodContainerStatus& status) {
       read_fields(walk, object_of(value), last_state_fields, status);
     }},
    {"volumeMounts", read_volume_mounts},
}};

template <PodContainerKind kind>
void read_statuses(JsonWalk& walk, Value value, KubernetesPod& pod) {
  append_elements(walk, value, container_status_fields, pod.statuses,
                  [](PodContainerStatus& status) { status.kind = kind; });
}

constexpr std::array<Field<KubernetesPod>, 5> status_fields{{
    {"phase", [](JsonWalk&, Value value, KubernetesPod& pod) { read_text(value, pod.phase); }},
    {"reason", [](JsonWalk&, Value value, KubernetesPod& pod) { read_text(value, pod.reason); }},
    {"containerStatuses", read_statuses<PodContainerKind::main>},
    {"initContainerStatuses", read_statuses<PodContainerKind::init>},
    {"ephemeralContainerStatuses", read_statuses<PodContainerKind::ephemeral>},
}};

}  // namespace

void read_pod_status(JsonWalk& walk, Value value, KubernetesPod& pod) {
  read_fields(walk, object_of(value), status_fields, pod);
}

}  // namespace scanclock::kubernetes_json
