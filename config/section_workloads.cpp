#include "config/sections.hpp"
#include "config/workload_types.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {
namespace {

constexpr Duration cycle_min = std::chrono::milliseconds(100);
constexpr Duration blind_after_floor = std::chrono::minutes(10);

struct TypeReader {
  std::string_view word;
  WorkloadType type;
  void (*read)(MapReader&, WorkloadSettings&);
};

constexpr TypeReader type_readers[] = {
    {"docker", WorkloadType::docker, read_docker_workload},
    {"file", WorkloadType::file, read_file_workload},
    {"podman", WorkloadType::podman, read_podman_workload},
    {"swarm", WorkloadType::swarm, read_swarm_workload},
    {"kubernetes", WorkloadType::kubernetes, read_kubernetes_workload},
    {"nomad", WorkloadType::nomad, read_nomad_workload},
    {"ecs", WorkloadType::ecs, read_ecs_workload},
};

/// Nothing, reported, when the type is missing or unknown: then nobody knows the other keys.
const TypeReader* read_type(MapReader& map) {
  const auto type = map.require("type");
  if (!type) {
    return nullptr;
  }
  std::vector<std::string> words;
  for (const TypeReader& reader : type_readers) {
    words.emplace_back(reader.word);
  }
  const auto word = type->word(words);
  return word ? &type_readers[*word] : nullptr;
}

WorkloadSettings read_workload(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  WorkloadSettings workload;
  workload.name = read_name(map);
  names.add(map, "workload", workload.name);
  const TypeReader* type = read_type(map);
  if (type != nullptr) {
    workload.type = type->type;
    type->read(map, workload);
  }
  map.duration("poll_every", workload.poll_every, cycle_min);
  read_environment(map, workload.environment);
  read_filter(map, "namespaces", workload.namespaces);
  read_environment_rules(map, workload.environments);
  read_globs(map, "ignore_images", workload.ignore_images);
  workload.blind_after = std::max(2 * workload.poll_every, Duration(blind_after_floor));
  map.duration("blind_after", workload.blind_after, std::chrono::seconds(1));
  if (type != nullptr) {
    map.finish();
  }
  return workload;
}

}  // namespace

void read_workloads(MapReader& root, UniqueNames& sources,
                    std::vector<WorkloadSettings>& workloads) {
  if (const auto section = root.find("workloads")) {
    const std::vector<Cursor> items = section->items();
    for (const Cursor& item : items) {
      workloads.push_back(read_workload(item, sources));
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      check_docker_sources(items[i], workloads[i], workloads);
    }
  }
}

}  // namespace scanclock
