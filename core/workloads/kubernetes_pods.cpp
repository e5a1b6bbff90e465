#include "core/workloads/kubernetes_pods.hpp"

#include "core/workloads/kubernetes_decoders.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::kubernetes_json {
namespace {

constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";
constexpr std::string_view template_hash_label = "pod-template-hash";

void read_time(Value value, std::optional<TimePoint>& time) {
  time = parse_rfc3339(view_of(value));
  if (time && !is_set(*time)) {
    time.reset();
  }
}

/// Puts the elements of an array of objects behind those of `targets`.
template <class Target, std::size_t count, class Prepare>
void append_elements(JsonWalk& walk, Value value, const std::array<Field<Target>, count>& fields,
                     std::vector<Target>& targets, const Prepare& prepare) {
  if (targets.empty()) {
    targets.reserve(2);
  }
  read_elements(walk, value, [&](Value element) {
    Target& target = targets.emplace_back();
    prepare(target);
    read_fields(walk, object_of(element), fields, target);
  });
}

constexpr std::array<Field<PodContainer>, 3> container_fields{{
    {"name",
     [](JsonWalk&, Value value, PodContainer& container) { read_text(value, container.name); }},
    {"image", [](JsonWalk&, Value value,
                 PodContainer& container) { read_whole_text(value, container.image); }},
    {"restartPolicy", [](JsonWalk&, Value value,
                         PodContainer& container) { read_text(value, container.restart_policy); }},
}};

template <PodContainerKind kind>
void read_containers(JsonWalk& walk, Value value, KubernetesPod& pod) {
  append_elements(walk, value, container_fields, pod.containers,
                  [](PodContainer& container) { container.kind = kind; });
}

struct VolumeReading {
  PodImageVolume volume;
  bool is_image = false;
};

constexpr std::array<Field<PodImageVolume>, 1> volume_image_fields{{
    {"reference", [](JsonWalk&, Value value,
                     PodImageVolume& volume) { read_whole_text(value, volume.reference); }},
}};

constexpr std::array<Field<VolumeReading>, 2> volume_fields{{
    {"name",
     [](JsonWalk&, Value value, VolumeReading& reading) { read_text(value, reading.volume.name); }},
    {"image",
     [](JsonWalk& walk, Value value, VolumeReading& reading) {
       reading.is_image = true;
       read_fields(walk, object_of(value), volume_image_fields, reading.volume);
     }},
}};

void read_volumes(JsonWalk& walk, Value value, KubernetesPod& pod) {
  read_elements(walk, value, [&](Value element) {
    VolumeReading read;
    read_fields(walk, object_of(element), volume_fields, read);
    if (read.is_image) {
      pod.image_volumes.push_back(std::move(read.volume));
    }
  });
}

constexpr std::array<Field<KubernetesPod>, 7> spec_fields{{
    {"nodeName",
     [](JsonWalk&, Value value, KubernetesPod& pod) { read_text(value, pod.node_name); }},
    {"runtimeClassName",
     [](JsonWalk&, Value value, KubernetesPod& pod) { read_text(value, pod.runtime_class); }},
    {"restartPolicy",
     [](JsonWalk&, Value value, KubernetesPod& pod) { read_text(value, pod.restart_policy); }},
    {"containers", read_containers<PodContainerKind::main>},
    {"initContainers", read_containers<PodContainerKind::init>},
    {"ephemeralContainers", read_containers<PodContainerKind::ephemeral>},
    {"volumes", read_volumes},
}};

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

void read_labels(JsonWalk& walk, Value value, KubernetesPod& pod) {
  const auto& kept = walk.options().labels;
  for (simdjson::ondemand::field field : object_of(value)) {
    const std::string_view name = name_of(field).text;
    const bool is_hash = name == template_hash_label;
    const bool is_kept = !kept || kept->contains(name);
    if (!is_hash && !is_kept) {
      continue;
    }
    walk.enter(name);
    std::string text;
    Value label = field.value();
    if (!is_null(label)) {
      read_whole_text(label, text);
    }
    if (is_hash) {
      pod.template_hash = text;
    }
    std::string key(name);
    std::replace(key.begin(), key.end(), '\0', '?');
    if (is_kept && pod.labels.size() < kubernetes_labels_max &&
        key.size() + text.size() <= kubernetes_label_bytes_max &&
        !pod.labels.emplace(std::move(key), std::move(text)).second) {
      throw UnreadableObject{"stands twice"};
    }
    walk.leave();
  }
}

constexpr std::array<Field<KubernetesPod>, 1> annotation_fields{{
    {mirror_annotation, [](JsonWalk&, Value, KubernetesPod& pod) { pod.is_mirror = true; }},
}};

constexpr auto pod_metadata_fields =
    joined(metadata_fields<KubernetesPod>,
           std::array<Field<KubernetesPod>, 3>{{
               {"deletionTimestamp",
                [](JsonWalk&, Value value, KubernetesPod& pod) {
                  pod.is_deleting = !view_of(value).empty();
                }},
               {"labels", read_labels},
               {"annotations",
                [](JsonWalk& walk, Value value, KubernetesPod& pod) {
                  read_fields(walk, object_of(value), annotation_fields, pod);
                }},
           }});

struct PodReading {
  KubernetesPod& pod;
  std::string_view kind;
};

constexpr std::array<Field<PodReading>, 4> pod_fields{{
    {"kind", [](JsonWalk&, Value value, PodReading& reading) { reading.kind = view_of(value); }},
    {"metadata",
     [](JsonWalk& walk, Value value, PodReading& reading) {
       read_fields(walk, object_of(value), pod_metadata_fields, reading.pod);
     }},
    {"spec",
     [](JsonWalk& walk, Value value, PodReading& reading) {
       read_fields(walk, object_of(value), spec_fields, reading.pod);
     }},
    {"status",
     [](JsonWalk& walk, Value value, PodReading& reading) {
       read_fields(walk, object_of(value), status_fields, reading.pod);
     }},
}};

}  // namespace

void renew(KubernetesPod& pod) {
  KubernetesPod fresh;
  const auto keep = [](auto& kept, auto& memory) {
    kept = std::move(memory);
    kept.clear();
  };
  keep(fresh.uid, pod.uid);
  keep(fresh.name, pod.name);
  keep(fresh.node_name, pod.node_name);
  keep(fresh.containers, pod.containers);
  keep(fresh.statuses, pod.statuses);
  pod = std::move(fresh);
}

std::string_view decode(JsonWalk& walk, Object json, KubernetesPod& pod) {
  PodReading reading{pod, {}};
  read_fields(walk, json, pod_fields, reading);
  require_identity(pod);
  if (pod.namespace_name.empty()) {
    throw UnreadableObject{"has no metadata.namespace"};
  }
  // The API server takes no pod without one, so that this is none, or not all of one.
  if (std::none_of(pod.containers.begin(), pod.containers.end(), [](const PodContainer& container) {
        return container.kind == PodContainerKind::main;
      })) {
    throw UnreadableObject{"has no spec.containers"};
  }
  return reading.kind;
}

}  // namespace scanclock::kubernetes_json
