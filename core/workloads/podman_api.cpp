#include "core/workloads/podman_api.hpp"

#include "core/workloads/docker_json.hpp"
#include "core/workloads/image_id.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock {
namespace {

using nlohmann::json;
using namespace docker_json;

/// Seconds since the Unix epoch, year 1 for "never", as Podman's list says it; times beyond
/// +-100 000 years would not fit and are none.
std::optional<TimePoint> podman_time(const json& object, const char* key) {
  constexpr std::int64_t seconds_max = std::int64_t{100'000} * 366 * 86'400;
  const auto value = integer_of(object, key);
  if (!value || *value > seconds_max || *value < -seconds_max) {
    return std::nullopt;
  }
  const TimePoint time{std::chrono::seconds(*value)};
  return is_set(time) ? std::optional(time) : std::nullopt;
}

DockerContainer podman_container(const json& object) {
  if (!object.is_object()) {
    throw Unreadable{"an entry of the container list is no object"};
  }
  DockerContainer container;
  container.id = text_of(object, "Id");
  if (container.id.empty()) {
    throw Unreadable{"a container has no Id"};
  }
  const auto names = texts_of(object, "Names");
  container.name = names.empty() ? std::string() : names.front();
  container.image = text_of(object, "Image");
  container.image_id = text_of(object, "ImageID");
  container.labels = labels_of(object);
  container.pod = text_of(object, "PodName");
  container.started_at = podman_time(object, "StartedAt");
  const std::string state = text_of(object, "State");
  container.running = state != "created" && state != "configured" && state != "initialized" &&
                      state != "exited" && state != "stopped" && state != "dead";
  if (flag_of(object, "IsInfra")) {
    container.labels[podman_infra_label] = "true";
    if (container.image.empty() && container.image_id.empty()) {
      container.image = podman_pause_without_image;
    }
  }
  return container;
}

DockerImage podman_image(const json& object) {
  DockerImage image;
  const auto id = parse_runtime_image_id(text_of(object, "Id"), ContainerRuntime::podman);
  if (!id.digest.empty()) {
    image.digests.insert(id.digest);
  }
  std::vector<std::string> printed = texts_of(object, "RepoDigests");
  printed.push_back(text_of(object, "Digest"));
  for (const std::string& text : printed) {
    const auto digest = parse_runtime_image_id(text, ContainerRuntime::podman).digest;
    if (!digest.empty()) {
      image.digests.insert(digest);
      image.repository_digests.insert(digest);
    }
  }
  image.platform.os = text_of(object, "Os");
  image.platform.architecture = text_of(object, "Architecture");
  return image;
}

}  // namespace

Result<std::vector<DockerContainer>, JsonFailure> parse_podman_containers(std::string_view body) {
  return read_containers(body, podman_container);
}

Result<DockerImage, JsonFailure> parse_podman_image(std::string_view body) {
  DockerImage image;
  const auto failure = read_object(body, [&](const json& object) { image = podman_image(object); });
  if (failure) {
    return *failure;
  }
  return image;
}

}  // namespace scanclock
