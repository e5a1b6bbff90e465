#include "core/workloads/kubernetes_metadata.hpp"

#include "core/workloads/kubernetes_decoders.hpp"

#include <utility>

namespace scanclock::kubernetes_json {
namespace {

struct NodeReading {
  KubernetesNode& node;
  std::string_view kind;
  std::string label_os;
  std::string label_architecture;
};

constexpr std::array<Field<NodeReading>, 3> node_label_fields{{
    {"kubernetes.io/os",
     [](JsonWalk&, Value value, NodeReading& reading) { read_text(value, reading.label_os); }},
    {"kubernetes.io/arch",
     [](JsonWalk&, Value value, NodeReading& reading) {
       read_text(value, reading.label_architecture);
     }},
    {"node.kubernetes.io/windows-build",
     [](JsonWalk&, Value value, NodeReading& reading) {
       read_text(value, reading.node.platform.os_version);
     }},
}};

struct NodeMetadataReading : KubernetesObject {
  NodeReading* reading = nullptr;
};

constexpr auto node_metadata_fields =
    joined(metadata_fields<NodeMetadataReading>,
           std::array<Field<NodeMetadataReading>, 1>{{
               {"labels",
                [](JsonWalk& walk, Value value, NodeMetadataReading& metadata) {
                  read_fields(walk, object_of(value), node_label_fields, *metadata.reading);
                }},
           }});

constexpr std::array<Field<KubernetesNode>, 3> node_info_fields{{
    {"operatingSystem",
     [](JsonWalk&, Value value, KubernetesNode& node) { read_text(value, node.platform.os); }},
    {"architecture", [](JsonWalk&, Value value,
                        KubernetesNode& node) { read_text(value, node.platform.architecture); }},
    {"containerRuntimeVersion",
     [](JsonWalk&, Value value, KubernetesNode& node) {
       read_text(value, node.container_runtime);
     }},
}};

constexpr std::array<Field<KubernetesNode>, 1> node_status_fields{{
    {"nodeInfo",
     [](JsonWalk& walk, Value value, KubernetesNode& node) {
       read_fields(walk, object_of(value), node_info_fields, node);
     }},
}};

constexpr std::array<Field<NodeReading>, 3> node_fields{{
    {"kind", [](JsonWalk&, Value value, NodeReading& reading) { reading.kind = view_of(value); }},
    {"metadata",
     [](JsonWalk& walk, Value value, NodeReading& reading) {
       NodeMetadataReading metadata;
       metadata.reading = &reading;
       read_fields(walk, object_of(value), node_metadata_fields, metadata);
       static_cast<KubernetesObject&>(reading.node) = std::move(metadata);
     }},
    {"status",
     [](JsonWalk& walk, Value value, NodeReading& reading) {
       read_fields(walk, object_of(value), node_status_fields, reading.node);
     }},
}};

/// An object of which nothing but its metadata is read.
template <class Target>
struct MetadataReading {
  Target& object;
  std::string_view kind;
};

template <class Target>
constexpr std::array<Field<MetadataReading<Target>>, 2> object_fields{{
    {"kind", [](JsonWalk&, Value value,
                MetadataReading<Target>& reading) { reading.kind = view_of(value); }},
    {"metadata",
     [](JsonWalk& walk, Value value, MetadataReading<Target>& reading) {
       read_fields(walk, object_of(value), metadata_fields<Target>, reading.object);
     }},
}};

template <class Target>
std::string_view decode_metadata(JsonWalk& walk, Object json, Target& object) {
  MetadataReading<Target> reading{object, {}};
  read_fields(walk, json, object_fields<Target>, reading);
  require_identity(object);
  return reading.kind;
}

}  // namespace

void require_identity(const KubernetesObject& object) {
  if (object.name.empty()) {
    throw UnreadableObject{"has no metadata.name"};
  }
  if (object.uid.empty()) {
    throw UnreadableObject{"has no metadata.uid"};
  }
}

std::string_view decode(JsonWalk& walk, Object json, KubernetesNode& node) {
  NodeReading reading{node, {}, {}, {}};
  read_fields(walk, json, node_fields, reading);
  require_identity(node);
  if (node.platform.os.empty()) {
    node.platform.os = std::move(reading.label_os);
  }
  if (node.platform.architecture.empty()) {
    node.platform.architecture = std::move(reading.label_architecture);
  }
  return reading.kind;
}

std::string_view decode(JsonWalk& walk, Object json, KubernetesOwned& owned) {
  return decode_metadata(walk, json, owned);
}

std::string_view decode(JsonWalk& walk, Object json, KubernetesReport& report) {
  std::string_view text = json.raw_json();
  // Up to the next token.
  report.json = text.substr(0, text.rfind('}') + 1);
  json.reset();
  return decode_metadata(walk, json, report);
}

}  // namespace scanclock::kubernetes_json
