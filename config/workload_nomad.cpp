#include "config/value_check.hpp"
#include "config/workload_types.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// Node name → the source that sees its containers. Whether there is such a source is checked when
/// all are read.
void read_docker_sources(MapReader& map, NomadWorkloadSettings& nomad) {
  if (const auto sources = map.find("docker_sources")) {
    for (const auto& [node, source] : sources->entries()) {
      if (const auto name = source.text()) {
        nomad.docker_sources[node] = *name;
      }
    }
  }
}

void read_watched_namespaces(MapReader& map, NomadWorkloadSettings& nomad) {
  const auto namespaces = map.find("watch_namespaces");
  if (!namespaces) {
    return;
  }
  for (const Cursor& item : namespaces->text_items()) {
    const std::string name = item.text().value_or("");
    if (name.find('*') != std::string::npos) {
      item.fail("\"" + name + "\" is no namespace's name",
                "leave watch_namespaces out to see all that the token may read");
    }
    nomad.watch_namespaces.insert(name);
  }
  if (nomad.watch_namespaces.empty()) {
    namespaces->fail("names no namespace", "leave it out to see all that the token may read");
  }
}

}  // namespace

void read_nomad_workload(MapReader& map, WorkloadSettings& workload) {
  map.boolean("allow_plaintext", workload.allow_plaintext);
  if (const auto url = map.require("url")) {
    UrlRule rule;
    rule.allow_plaintext = workload.allow_plaintext;
    workload.url = read_http_url(*url, rule).value_or("");
  }
  read_workload_tls(map, workload);
  read_secret_setting(map, "token", workload.nomad.token);
  map.text("region", workload.nomad.region);
  read_watched_namespaces(map, workload.nomad);
  read_docker_sources(map, workload.nomad);
}

void check_docker_sources(const Cursor& item, const WorkloadSettings& workload,
                          const std::vector<WorkloadSettings>& all) {
  if (workload.nomad.docker_sources.empty()) {
    return;
  }
  const auto sources = MapReader(item).find("docker_sources");
  for (const auto& [node, cursor] : sources->entries()) {
    const auto named = workload.nomad.docker_sources.find(node);
    if (named == workload.nomad.docker_sources.end()) {
      continue;
    }
    const bool is_there = std::any_of(all.begin(), all.end(), [&](const WorkloadSettings& other) {
      return other.name == named->second && sees_containers_of_nomad(other.type);
    });
    if (!is_there) {
      cursor.fail("there is no workload source \"" + named->second + "\" of type docker or podman",
                  "name one that watches the container runtime of node " + node);
    }
  }
}

bool sees_containers_of_nomad(WorkloadType type) {
  return type == WorkloadType::docker || type == WorkloadType::podman;
}

}  // namespace scanclock
