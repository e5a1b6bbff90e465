#include "core/workloads/docker_api.hpp"
#include "core/workloads/docker_protocol.hpp"
#include "core/workloads/event_framer.hpp"
#include "core/workloads/swarm_api.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

void require_sound(const ContainerObservation& observation) {
  require(!observation.id.empty() && !observation.name.empty(), "a container can be named");
  for (const Digest& digest : observation.digests) {
    require(Digest::parse(digest.str()) == digest, "a digest is one");
  }
  for (const Digest& digest : observation.pullable) {
    require(std::find(observation.digests.begin(), observation.digests.end(), digest) !=
                observation.digests.end(),
            "what may be pulled is a digest of the image");
  }
  for (const auto& [key, value] : observation.labels) {
    require(key.find('\0') == std::string::npos && value.find('\0') == std::string::npos,
            "no NUL reaches the database");
  }
  require(observation.image.find('\0') == std::string::npos, "no NUL reaches the database");
  require(!observation.started_at || is_set(*observation.started_at), "year 1 is no start");
}

/// The first line is the container list, the rest an image that all of them are of.
void try_containers(std::string_view bytes) {
  const std::string_view list = fuzzing::take_line(bytes);
  const auto image = parse_docker_image(bytes);
  const auto containers = parse_docker_containers(list);
  if (!containers) {
    return;
  }
  for (const DockerContainer& container : *containers) {
    require_sound(docker_observation(container, image ? &*image : nullptr, "host"));
  }
}

void try_image(std::string_view bytes) {
  const auto image = parse_docker_image(bytes);
  if (!image) {
    return;
  }
  DockerImage united = *image;
  united.unite(*image);
  require(united == *image, "uniting an image with itself changes nothing");
  for (const Digest& digest : image->repository_digests) {
    require(image->digests.contains(digest), "a repository's digest is one of the image");
  }
}

void try_inspection(std::string_view bytes) {
  const auto container = parse_docker_container(bytes);
  if (container) {
    require_sound(docker_observation(*container, nullptr, ""));
  }
}

/// Cut anywhere, a stream holds the same events.
void try_events(std::string_view bytes) {
  EventFramer whole;
  const auto objects = whole.push(bytes);
  EventFramer piecewise;
  std::vector<std::string> pieces;
  bool failed = false;
  for (std::size_t at = 0; at < bytes.size() && !failed; at += 3) {
    const auto some = piecewise.push(bytes.substr(at, 3));
    failed = !some.has_value();
    if (some) {
      pieces.insert(pieces.end(), some->begin(), some->end());
    }
  }
  require(failed == !objects.has_value(), "a failure does not depend on the cuts");
  if (objects) {
    require(pieces == *objects, "the objects do not depend on the cuts");
    for (const std::string& object : *objects) {
      const auto event = parse_docker_event(object);
      require(!event || event->kind == DockerEvent::Kind::other ||
                  event->kind == DockerEvent::Kind::swarm_changed || !event->container_id.empty(),
              "what starts or ends has an ID");
    }
  }
}

void try_version(std::string_view bytes) {
  const auto versions = negotiate_engine_versions(bytes);
  if (versions) {
    require(
        versions->docker >= docker_api_version_min && versions->docker <= docker_api_version_max,
        "the version is one that we speak");
    require(versions->podman.find_first_not_of("0123456789.") == std::string::npos,
            "the version may stand in a path");
  }
  parse_docker_host_name(bytes);
  require(docker_error_message(bytes).find('\n') == std::string::npos, "an error is one line");
}

/// The lines are the tasks, the services and the nodes.
void try_swarm(std::string_view bytes) {
  const auto tasks = parse_swarm_tasks(fuzzing::take_line(bytes));
  const auto services = parse_swarm_services(fuzzing::take_line(bytes));
  const auto nodes = parse_swarm_nodes(bytes);
  if (!tasks) {
    return;
  }
  for (const SwarmTask& task : tasks->running) {
    const SwarmService* service = nullptr;
    const SwarmNode* node = nullptr;
    if (services && services->contains(task.service_id)) {
      service = &services->at(task.service_id);
    }
    if (nodes && nodes->contains(task.node_id)) {
      node = &nodes->at(task.node_id);
    }
    const ContainerObservation observation = swarm_observation(task, service, node);
    require_sound(observation);
    require(observation.assumed == observation.digests.empty(), "a tag alone is assumed");
  }
}

}  // namespace

// The first line says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view what = fuzzing::take_line(text);
  if (what == "containers") {
    try_containers(text);
  } else if (what == "image") {
    try_image(text);
  } else if (what == "inspection") {
    try_inspection(text);
  } else if (what == "events") {
    try_events(text);
  } else if (what == "swarm") {
    try_swarm(text);
  } else {
    try_version(text);
  }
  return 0;
}
