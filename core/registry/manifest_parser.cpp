#include "core/registry/manifest_parser.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/registry/media_types.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* reference_type_annotation = "vnd.docker.reference.type";

std::optional<Digest> digest_of(const json& descriptor) {
  return descriptor.is_object() ? Digest::parse(text_field(descriptor, "digest")) : std::nullopt;
}

Platform read_platform(const json& descriptor) {
  const json& object = object_field(descriptor, "platform");
  Platform platform;
  platform.os = text_field(object, "os");
  platform.architecture = text_field(object, "architecture");
  platform.variant = text_field(object, "variant");
  platform.os_version = text_field(object, "os.version");
  if (platform.os == "unknown" && platform.architecture == "unknown") {
    return Platform();
  }
  return platform;
}

bool says_unknown_platform(const json& descriptor) {
  return text_field(object_field(descriptor, "platform"), "os") == "unknown";
}

bool child_is_runnable(const json& descriptor, const Platform& platform) {
  if (!platform.os.empty()) {
    return true;
  }
  const bool is_annotated =
      object_field(descriptor, "annotations").contains(reference_type_annotation);
  const std::string artifact_type = text_field(descriptor, "artifactType");
  const bool is_artifact =
      (!artifact_type.empty() && !is_image_config_type(artifact_type)) ||
      bare_media_type(text_field(descriptor, "mediaType")) == oci_artifact_type;
  return !is_annotated && !is_artifact && !says_unknown_platform(descriptor);
}

Result<Manifest, std::string> read_index(Manifest manifest, const json& body) {
  manifest.kind = ManifestKind::index;
  const json& entries = array_field(body, "manifests");
  if (entries.size() > index_children_max) {
    return "index lists more than " + std::to_string(index_children_max) + " manifests";
  }
  for (const json& entry : entries) {
    const auto digest = digest_of(entry);
    if (!digest) {
      return std::string("index lists an entry without a usable digest");
    }
    ManifestChild child;
    child.digest = *digest;
    child.platform = read_platform(entry);
    child.runnable = child_is_runnable(entry, child.platform);
    manifest.children.push_back(std::move(child));
  }
  return manifest;
}

bool all_layers_are_documents(const json& body) {
  const json& layers = array_field(body, "layers");
  return !layers.empty() && std::all_of(layers.begin(), layers.end(), [](const json& layer) {
    return layer.is_object() && is_document_type(bare_media_type(text_field(layer, "mediaType")));
  });
}

Result<Manifest, std::string> read_image(Manifest manifest, const json& body) {
  const json& config = object_field(body, "config");
  const std::string config_type = bare_media_type(text_field(config, "mediaType"));
  const auto config_digest = digest_of(config);
  if (manifest.artifact_type.empty() && !is_image_config_type(config_type)) {
    manifest.artifact_type = config_type;
  }
  if (config.empty() || !is_image_config_type(config_type) || all_layers_are_documents(body)) {
    manifest.kind = ManifestKind::artifact;
    return manifest;
  }
  if (!config_digest) {
    return std::string("image manifest names no usable config digest");
  }
  manifest.kind = ManifestKind::image;
  manifest.config = *config_digest;
  return manifest;
}

enum class Shape { index, image, artifact, unknown };

Shape shape_of(const json& body, const std::string& media_type) {
  const auto version = body.find("schemaVersion");
  if (media_type == oci_artifact_type ||
      (version != body.end() && version->is_number_integer() && *version == 1)) {
    return Shape::artifact;
  }
  if (is_index_type(media_type)) {
    return Shape::index;
  }
  if (media_type == oci_manifest_type || media_type == docker_manifest_type) {
    return Shape::image;
  }
  if (body.contains("manifests")) {
    return Shape::index;
  }
  return body.contains("config") && body.contains("layers") ? Shape::image : Shape::unknown;
}

/// A body that can be read as both would mean one thing to us and another to a runtime
/// (CVE-2021-41190).
bool is_ambiguous(const json& body, Shape shape) {
  if (shape == Shape::index) {
    return !object_field(body, "config").empty() || !array_field(body, "layers").empty();
  }
  return shape == Shape::image && !array_field(body, "manifests").empty();
}

Result<std::vector<ContentDescriptor>, std::string> read_descriptors(const json& entries) {
  std::vector<ContentDescriptor> descriptors;
  for (const json& entry : entries) {
    const auto digest = digest_of(entry);
    if (!digest) {
      return std::string("an entry has no usable digest");
    }
    ContentDescriptor descriptor;
    descriptor.digest = *digest;
    descriptor.media_type = bare_media_type(text_field(entry, "mediaType"));
    descriptor.artifact_type = bare_media_type(text_field(entry, "artifactType"));
    const auto size = entry.find("size");
    if (size != entry.end() && size->is_number_unsigned()) {
      descriptor.size_bytes = size->get<std::uint64_t>();
    }
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

}  // namespace

Result<Manifest, std::string> parse_manifest(const Digest& digest, std::string_view media_type,
                                             std::string_view bytes) {
  if (bytes.size() > manifest_bytes_max) {
    return "manifest over " + std::to_string(manifest_bytes_max) + " bytes";
  }
  json body;
  const std::string defect = parse_registry_object(bytes, body);
  if (!defect.empty()) {
    return "manifest is " + defect;
  }
  Manifest manifest;
  manifest.digest = digest;
  manifest.size_bytes = bytes.size();
  manifest.media_type = bare_media_type(text_field(body, "mediaType"));
  if (manifest.media_type.empty()) {
    manifest.media_type = bare_media_type(media_type);
  }
  manifest.artifact_type = bare_media_type(text_field(body, "artifactType"));
  manifest.subject = digest_of(object_field(body, "subject")).value_or(Digest());
  const Shape shape = shape_of(body, manifest.media_type);
  if (is_ambiguous(body, shape)) {
    return std::string("manifest is both an index and an image");
  }
  switch (shape) {
    case Shape::index:
      return read_index(std::move(manifest), body);
    case Shape::image:
      return read_image(std::move(manifest), body);
    case Shape::artifact:
      manifest.kind = ManifestKind::artifact;
      return manifest;
    case Shape::unknown:
      break;
  }
  return "no manifest of a known kind (type " + manifest.media_type.substr(0, 100) + ")";
}

Result<std::vector<ContentDescriptor>, std::string> parse_layers(std::string_view bytes) {
  json body;
  const std::string defect = parse_registry_object(bytes, body);
  if (!defect.empty()) {
    return "manifest is " + defect;
  }
  const json& layers = array_field(body, "layers");
  return read_descriptors(layers.empty() ? array_field(body, "blobs") : layers);
}

}  // namespace scanclock
