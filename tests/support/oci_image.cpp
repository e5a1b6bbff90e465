#include "tests/support/oci_image.hpp"

#include "core/runtime/hashing.hpp"
#include "tests/support/blocking_http.hpp"
#include "tests/support/child_process.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* layer_type = "application/vnd.oci.image.layer.v1.tar";
constexpr const char* in_toto_type = "application/vnd.in-toto+json";
constexpr std::size_t tar_block_bytes = 512;

/// A tar archive of one file (POSIX.1-1988, "ustar").
std::string tar_of(const std::string& path, const std::string& content) {
  std::array<char, tar_block_bytes> header{};
  std::snprintf(header.data(), 100, "%s", path.c_str());
  std::snprintf(header.data() + 100, 8, "%07o", 0644);
  std::snprintf(header.data() + 108, 8, "%07o", 0);
  std::snprintf(header.data() + 116, 8, "%07o", 0);
  std::snprintf(header.data() + 124, 12, "%011zo", content.size());
  std::snprintf(header.data() + 136, 12, "%011o", 0);
  header[156] = '0';
  std::memcpy(header.data() + 257, "ustar", 6);
  std::memcpy(header.data() + 263, "00", 2);
  std::memset(header.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char byte : header) {
    sum += static_cast<unsigned char>(byte);
  }
  std::snprintf(header.data() + 148, 8, "%06o", sum);
  std::string archive(header.data(), header.size());
  archive += content;
  archive.resize((archive.size() + tar_block_bytes - 1) / tar_block_bytes * tar_block_bytes);
  archive.append(2 * tar_block_bytes, '\0');
  return archive;
}

json manifest_of(const json& config, const json& layers) {
  return {{"schemaVersion", 2},
          {"mediaType", oci_manifest_type},
          {"config", config},
          {"layers", layers}};
}

/// BuildKit's provenance, which is no scan and no image.
json attestation_entry(OciContent& content, const std::string& subject) {
  const json statement = {
      {"_type", "https://in-toto.io/Statement/v0.1"},
      {"predicateType", "https://slsa.dev/provenance/v0.2"},
      {"subject", json::array({{{"name", "_"},
                                {"digest", {{"sha256", subject.substr(subject.find(':') + 1)}}}}})},
      {"predicate", json::object()}};
  const json config = {{"architecture", "unknown"},
                       {"os", "unknown"},
                       {"config", json::object()},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", json::array()}}}};
  const json layers = json::array({content.add_blob(statement.dump(), in_toto_type)});
  json entry =
      content.add_manifest(manifest_of(content.add_blob(config.dump(), oci_config_type), layers));
  entry["platform"] = {{"architecture", "unknown"}, {"os", "unknown"}};
  entry["annotations"] = {{"vnd.docker.reference.digest", subject},
                          {"vnd.docker.reference.type", "attestation-manifest"}};
  return entry;
}

void require(const HttpAnswer& answer, int status, const std::string& what) {
  if (answer.status != status) {
    throw std::runtime_error(what + ": status " + std::to_string(answer.status) + ": " +
                             answer.body);
  }
}

}  // namespace

json OciContent::add_blob(const std::string& bytes, const std::string& media_type) {
  const std::string digest = sha256(bytes).str();
  blobs_[digest] = bytes;
  return {{"mediaType", media_type}, {"digest", digest}, {"size", bytes.size()}};
}

json OciContent::add_manifest(const json& manifest) {
  Manifest added;
  added.media_type = manifest.at("mediaType");
  added.bytes = manifest.dump();
  json descriptor = {{"mediaType", added.media_type},
                     {"digest", sha256(added.bytes).str()},
                     {"size", added.bytes.size()}};
  manifests_.push_back(std::move(added));
  return descriptor;
}

OciImage::OciImage(const std::string& name) {
  json entries = json::array();
  const std::string amd64 = add_platform(name, "amd64", entries);
  const std::string arm64 = add_platform(name, "arm64", entries);
  entries.push_back(attestation_entry(content_, amd64));
  const json index = content_.add_manifest(
      {{"schemaVersion", 2}, {"mediaType", oci_index_type}, {"manifests", entries}});
  amd64_ = Digest::from_trusted(amd64);
  arm64_ = Digest::from_trusted(arm64);
  index_ = Digest::from_trusted(index.at("digest").get<std::string>());
}

std::string OciImage::add_platform(const std::string& name, const std::string& architecture,
                                   json& entries) {
  const std::string layer = tar_of("etc/image-name", name + " " + architecture);
  const json config = {{"architecture", architecture},
                       {"os", "linux"},
                       {"config", {{"Cmd", {"/bin/true"}}}},
                       {"rootfs", {{"type", "layers"}, {"diff_ids", {sha256(layer).str()}}}}};
  const json layers = json::array({content_.add_blob(layer, layer_type)});
  json entry =
      content_.add_manifest(manifest_of(content_.add_blob(config.dump(), oci_config_type), layers));
  entry["platform"] = {{"architecture", architecture}, {"os", "linux"}};
  entries.push_back(entry);
  return entry.at("digest");
}

json OciImage::amd64_descriptor() const {
  const OciContent::Manifest& manifest = content_.manifests().front();
  return {{"mediaType", manifest.media_type},
          {"digest", amd64_.str()},
          {"size", manifest.bytes.size()}};
}

void OciImage::push(const std::string& registry, const std::string& repository,
                    const std::string& tag) const {
  for (const auto& [digest, bytes] : content_.blobs()) {
    push_blob(registry, repository, bytes);
  }
  for (const OciContent::Manifest& manifest : content_.manifests()) {
    const bool is_index = &manifest == &content_.manifests().back();
    push_manifest(registry, repository, is_index ? tag : sha256(manifest.bytes).str(),
                  manifest.media_type, manifest.bytes);
  }
}

void OciImage::write_layout(const std::filesystem::path& folder) const {
  const std::filesystem::path blobs = folder / "blobs" / "sha256";
  std::filesystem::create_directories(blobs);
  write_file(folder / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  const auto write = [&blobs](const std::string& bytes) {
    const std::string digest = sha256(bytes).str();
    write_file(blobs / digest.substr(digest.find(':') + 1), bytes);
  };
  for (const auto& [digest, bytes] : content_.blobs()) {
    write(bytes);
  }
  for (const OciContent::Manifest& manifest : content_.manifests()) {
    write(manifest.bytes);
  }
  const json descriptor = {
      {"mediaType", oci_index_type}, {"digest", index_.str()}, {"size", index_bytes().size()}};
  const json layout = {{"schemaVersion", 2}, {"manifests", json::array({descriptor})}};
  write_file(folder / "index.json", layout.dump());
}

void push_blob(const std::string& registry, const std::string& repository,
               const std::string& bytes) {
  const std::string where = repository + " at " + registry;
  const HttpAnswer begun = http_call("POST", registry + "/v2/" + repository + "/blobs/uploads/");
  require(begun, 202, "begin an upload to " + where);
  const std::string location = begun.header("Location");
  const std::string url = location.starts_with("http") ? location : registry + location;
  const std::string separator = url.find('?') == std::string::npos ? "?" : "&";
  const std::vector<HttpHeader> headers{HttpHeader("Content-Type", "application/octet-stream")};
  require(http_call("PUT", url + separator + "digest=" + sha256(bytes).str(), bytes, headers), 201,
          "upload a blob to " + where);
}

void push_manifest(const std::string& registry, const std::string& repository,
                   const std::string& reference, const std::string& media_type,
                   const std::string& bytes) {
  const std::vector<HttpHeader> headers{HttpHeader("Content-Type", media_type)};
  require(
      http_call("PUT", registry + "/v2/" + repository + "/manifests/" + reference, bytes, headers),
      201, "push manifest " + reference + " of " + repository + " to " + registry);
}

}  // namespace scanclock
