#include "core/workloads/docker_api.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;
using namespace docker_json;

std::map<std::string, std::string> labels_of(const json& object) {
  std::map<std::string, std::string> labels;
  if (const json* found = find_object(object, "Labels")) {
    for (const auto& [key, value] : found->items()) {
      if (value.is_string() && labels.size() < docker_labels_max &&
          key.size() + value.get_ref<const std::string&>().size() <= docker_label_bytes_max) {
        labels.emplace(without_nul(key), without_nul(value.get<std::string>()));
      }
    }
  }
  return labels;
}

/// Docker's field names are upper case for images and lower case in OCI descriptors.
Platform platform_of(const json& object, const char* os, const char* architecture,
                     const char* variant, const char* os_version) {
  Platform platform;
  platform.os = text_of(object, os);
  platform.architecture = text_of(object, architecture);
  platform.variant = text_of(object, variant);
  platform.os_version = text_of(object, os_version);
  return platform;
}

void read_manifest_descriptor(const json& object, DockerContainer& container) {
  if (const json* descriptor = find_object(object, "ImageManifestDescriptor")) {
    container.manifest = Digest::parse(text_of(*descriptor, "digest")).value_or(Digest());
    if (const json* platform = find_object(*descriptor, "platform")) {
      container.manifest_platform =
          platform_of(*platform, "os", "architecture", "variant", "os.version");
    }
  }
}

std::string required_id(const json& object) {
  std::string id = text_of(object, "Id");
  if (id.empty()) {
    throw Unreadable{"a container has no Id"};
  }
  return id;
}

/// Legacy links show as further names with two slashes: `/web/db`.
std::string own_name(const json& object) {
  for (std::string name : texts_of(object, "Names")) {
    name.erase(0, name.rfind('/', 0) == 0 ? 1 : 0);
    if (name.find('/') == std::string::npos) {
      return name;
    }
  }
  return {};
}

DockerContainer listed_container(const json& object) {
  if (!object.is_object()) {
    throw Unreadable{"an entry of the container list is no object"};
  }
  DockerContainer container;
  container.id = required_id(object);
  container.name = own_name(object);
  container.image = text_of(object, "Image");
  container.image_id = text_of(object, "ImageID");
  container.labels = labels_of(object);
  const std::string state = text_of(object, "State");
  container.running =
      state != "created" && state != "configured" && state != "exited" && state != "dead";
  read_manifest_descriptor(object, container);
  return container;
}

DockerContainer inspected_container(const json& object) {
  DockerContainer container;
  container.id = required_id(object);
  container.name = text_of(object, "Name");
  container.name.erase(0, container.name.rfind('/', 0) == 0 ? 1 : 0);
  container.image_id = text_of(object, "Image");
  if (const json* config = find_object(object, "Config")) {
    container.image = text_of(*config, "Image");
    container.labels = labels_of(*config);
  }
  container.running = false;
  if (const json* state = find_object(object, "State")) {
    container.running =
        flag_of(*state, "Running") || flag_of(*state, "Paused") || flag_of(*state, "Restarting");
    const auto started_at = parse_rfc3339(text_of(*state, "StartedAt"));
    container.started_at = started_at && is_set(*started_at) ? started_at : std::nullopt;
  }
  read_manifest_descriptor(object, container);
  return container;
}

DockerImage inspected_image(const json& object) {
  DockerImage image;
  if (const auto id = Digest::parse(text_of(object, "Id"))) {
    image.digests.insert(*id);
  }
  // `<none>@sha256:…` stands for a digest that no repository name is left for.
  for (const std::string& text : texts_of(object, "RepoDigests")) {
    if (const auto reference = parse_image_reference(text)) {
      image.repositories.insert(reference->host + "/" + reference->repository);
    }
    if (const auto at = text.rfind('@'); at != std::string::npos) {
      if (const auto digest = Digest::parse(std::string_view(text).substr(at + 1))) {
        image.digests.insert(*digest);
        image.repository_digests.insert(*digest);
      }
    }
  }
  image.platform = platform_of(object, "Os", "Architecture", "Variant", "OsVersion");
  return image;
}

const std::string& first_label(const std::map<std::string, std::string>& labels,
                               std::initializer_list<const char*> keys,
                               const std::string& otherwise) {
  for (const char* key : keys) {
    if (const auto found = labels.find(key); found != labels.end() && !found->second.empty()) {
      return found->second;
    }
  }
  return otherwise;
}

void add_digest(std::vector<Digest>& digests, const Digest& digest) {
  if (!digest.empty() && std::find(digests.begin(), digests.end(), digest) == digests.end()) {
    digests.push_back(digest);
  }
}

}  // namespace

Result<std::vector<DockerContainer>, JsonFailure> parse_docker_containers(std::string_view body) {
  std::vector<DockerContainer> containers;
  const auto failure = read_array(body, [&](const json& array) {
    if (array.size() > docker_containers_max) {
      throw Unreadable{"more than " + std::to_string(docker_containers_max) + " containers"};
    }
    std::set<std::string> ids;
    for (const json& element : array) {
      containers.push_back(listed_container(element));
      if (!ids.insert(containers.back().id).second) {
        throw Unreadable{"container " + containers.back().id + " is listed twice"};
      }
    }
  });
  if (failure) {
    return *failure;
  }
  return containers;
}

Result<DockerContainer, JsonFailure> parse_docker_container(std::string_view body) {
  DockerContainer container;
  const auto failure =
      read_object(body, [&](const json& object) { container = inspected_container(object); });
  if (failure) {
    return *failure;
  }
  return container;
}

bool image_name_is_lost(const DockerContainer& container) {
  return container.image.empty() || Digest::parse(container.image).has_value();
}

void DockerImage::unite(const DockerImage& newer) {
  digests.insert(newer.digests.begin(), newer.digests.end());
  repository_digests.insert(newer.repository_digests.begin(), newer.repository_digests.end());
  repositories.insert(newer.repositories.begin(), newer.repositories.end());
  if (!newer.platform.os.empty()) {
    platform = newer.platform;
  }
}

Result<DockerImage, JsonFailure> parse_docker_image(std::string_view body) {
  DockerImage image;
  const auto failure =
      read_object(body, [&](const json& object) { image = inspected_image(object); });
  if (failure) {
    return *failure;
  }
  return image;
}

ContainerObservation docker_observation(const DockerContainer& container, const DockerImage* image,
                                        const std::string& node) {
  ContainerObservation observation;
  observation.id = container.id;
  observation.name = container.name.empty() ? container.id.substr(0, 12) : container.name;
  observation.namespace_name = first_label(
      container.labels, {"com.docker.compose.project", "com.docker.stack.namespace"}, {});
  observation.workload =
      first_label(container.labels, {"com.docker.compose.service", "com.docker.swarm.service.name"},
                  observation.name);
  observation.node = node;
  observation.labels = container.labels;
  observation.image = container.image;
  add_digest(observation.digests, Digest::parse(container.image_id).value_or(Digest()));
  add_digest(observation.digests, container.manifest);
  add_digest(observation.pullable, container.manifest);
  if (const auto reference = parse_image_reference(container.image)) {
    add_digest(observation.digests, reference->digest);
    add_digest(observation.pullable, reference->digest);
  }
  if (image != nullptr) {
    for (const Digest& digest : image->digests) {
      add_digest(observation.digests, digest);
    }
    for (const Digest& digest : image->repository_digests) {
      add_digest(observation.pullable, digest);
    }
    observation.repositories.assign(image->repositories.begin(), image->repositories.end());
    observation.platform = image->platform;
  }
  if (!container.manifest_platform.os.empty()) {
    observation.platform = container.manifest_platform;
  }
  observation.started_at = container.started_at;
  return observation;
}

}  // namespace scanclock
