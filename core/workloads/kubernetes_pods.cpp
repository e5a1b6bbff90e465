#include "core/workloads/kubernetes_pods.hpp"

#include "core/workloads/kubernetes_decoders.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::kubernetes_json {
namespace {

constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";
constexpr std::string_view template_hash_label = "pod-template-hash";

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
    {"status", [](JsonWalk& walk, Value value,
                  PodReading& reading) { read_pod_status(walk, value, reading.pod); }},
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
