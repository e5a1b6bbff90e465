#include "core/workloads/docker_api.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;
using namespace docker_json;

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

void read_manifests(const json& object, DockerImage& image) {
  const json* manifests = find_array(object, "Manifests");
  if (manifests == nullptr) {
    return;
  }
  for (const json& element : *manifests) {
    if (!element.is_object()) {
      throw Unreadable{"an entry of Manifests is no object"};
    }
    const json* descriptor = find_object(element, "Descriptor");
    const json* data = find_object(element, "ImageData");
    if (descriptor == nullptr || data == nullptr || text_of(element, "Kind") != "image") {
      continue;
    }
    DockerManifest manifest;
    manifest.digest = Digest::parse(text_of(*descriptor, "digest")).value_or(Digest());
    if (const json* platform = find_object(*data, "Platform")) {
      manifest.platform = platform_of(*platform, "os", "architecture", "variant", "os.version");
    }
    for (const std::string& container : texts_of(*data, "Containers")) {
      if (!manifest.digest.empty()) {
        image.manifests_in_use[container] = manifest;
      }
    }
  }
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
  if (const json* target = find_object(object, "Descriptor")) {
    if (const auto digest = Digest::parse(text_of(*target, "digest"))) {
      image.digests.insert(*digest);
      image.repository_digests.insert(*digest);
    }
  }
  read_manifests(object, image);
  return image;
}

}  // namespace

Result<std::vector<DockerContainer>, JsonFailure> read_containers(
    std::string_view body, DockerContainer (*read_one)(const json&)) {
  std::vector<DockerContainer> containers;
  const auto failure = read_array(body, [&](const json& array) {
    if (array.size() > docker_containers_max) {
      throw Unreadable{"more than " + std::to_string(docker_containers_max) + " containers"};
    }
    std::set<std::string> ids;
    for (const json& element : array) {
      containers.push_back(read_one(element));
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

Result<std::vector<DockerContainer>, JsonFailure> parse_docker_containers(std::string_view body) {
  return read_containers(body, listed_container);
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

Result<DockerImage, JsonFailure> parse_docker_image(std::string_view body) {
  DockerImage image;
  const auto failure =
      read_object(body, [&](const json& object) { image = inspected_image(object); });
  if (failure) {
    return *failure;
  }
  return image;
}

}  // namespace scanclock
