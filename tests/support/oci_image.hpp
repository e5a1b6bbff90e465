#pragma once

#include "core/domain/digest.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace scanclock {

/// Content of a repository, kept in memory: blobs by digest. Formats: opencontainers/image-spec,
/// image-layout.md, image-index.md, manifest.md and config.md.
class OciContent {
 public:
  struct Manifest {
    std::string media_type;
    std::string bytes;
  };

  /// A descriptor of the blob.
  nlohmann::json add_blob(const std::string& bytes, const std::string& media_type);
  nlohmann::json add_manifest(const nlohmann::json& manifest);

  const std::map<std::string, std::string>& blobs() const { return blobs_; }
  /// In the order of adding: children come before their index.
  const std::vector<Manifest>& manifests() const { return manifests_; }

 private:
  std::map<std::string, std::string> blobs_;
  std::vector<Manifest> manifests_;
};

/// An image as BuildKit pushes it: an index over linux/amd64, linux/arm64 and an attestation
/// manifest. The layer is a small file that makes the content unique by `name`.
class OciImage {
 public:
  explicit OciImage(const std::string& name);

  const Digest& index() const { return index_; }
  const Digest& amd64() const { return amd64_; }
  const Digest& arm64() const { return arm64_; }
  /// Of the amd64 manifest.
  nlohmann::json amd64_descriptor() const;
  const std::string& index_bytes() const { return content_.manifests().back().bytes; }

  /// `registry` is `http://127.0.0.1:port`; throws std::runtime_error when it does not take it.
  void push(const std::string& registry, const std::string& repository,
            const std::string& tag) const;
  void write_layout(const std::filesystem::path& folder) const;

 private:
  std::string add_platform(const std::string& name, const std::string& architecture,
                           nlohmann::json& entries);

  OciContent content_;
  Digest index_;
  Digest amd64_;
  Digest arm64_;
};

/// Uploads a blob in one piece (distribution-spec, "Pushing blobs").
void push_blob(const std::string& registry, const std::string& repository,
               const std::string& bytes);
void push_manifest(const std::string& registry, const std::string& repository,
                   const std::string& reference, const std::string& media_type,
                   const std::string& bytes);

inline constexpr const char* oci_index_type = "application/vnd.oci.image.index.v1+json";
inline constexpr const char* oci_manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* oci_config_type = "application/vnd.oci.image.config.v1+json";

}  // namespace scanclock
