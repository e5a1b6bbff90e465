#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/platform.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace scanclock {

enum class ManifestKind {
  index,
  /// Runnable: an image manifest of a platform.
  image,
  /// Everything else: attestation manifests of BuildKit, referrers, signatures, Helm charts.
  artifact,
};

std::string_view to_string(ManifestKind kind);

/// An entry of an image index. Attestation manifests (platform unknown/unknown or annotation
/// vnd.docker.reference.type) and artifacts are not runnable.
struct ManifestChild {
  Digest digest;
  Platform platform;
  bool runnable = true;

  bool operator==(const ManifestChild&) const = default;
};

/// What a checked manifest says. Only made from bytes that hash to `digest`.
struct Manifest {
  Digest digest;
  ManifestKind kind = ManifestKind::image;
  std::string media_type;
  std::string artifact_type;
  std::uint64_t size_bytes = 0;
  /// Of an index.
  std::vector<ManifestChild> children;
  /// Of an image. `config_identifies` is true when the config is an image config with non-empty
  /// rootfs.diff_ids, so that an equal config means equal content (design.md, rule 6).
  Digest config;
  bool config_identifies = false;
  Platform platform;
  /// Of a referrer.
  Digest subject;

  bool operator==(const Manifest&) const = default;
};

/// Index, manifest and config digests and the edges between them. Adding is idempotent; edges are
/// never removed, for a manifest never changes.
class DigestGraph {
 public:
  void add(Manifest manifest);

  const Manifest* find(const Digest& digest) const;
  bool is_image(const Digest& digest) const;

  /// Indexes that list `manifest` directly or through nested indexes, sorted.
  std::vector<Digest> indexes_above(const Digest& manifest) const;

  /// Known image manifests with this identifying config, sorted.
  std::vector<Digest> images_with_config(const Digest& config) const;

  /// Runnable entries under an index, nested ones included, in index order without repeats. An
  /// entry that was not fetched yet is listed, too.
  std::vector<ManifestChild> runnable_children(const Digest& index) const;

  /// Equal for two images if and only if their content is equal: the config digest where it
  /// identifies, otherwise the manifest digest itself. `image` need not be known.
  Digest content_key(const Digest& image) const;

  /// True when one of the digests is the other's index, manifest or config, or both name the same
  /// content.
  bool related(const Digest& left, const Digest& right) const;

  const std::unordered_map<Digest, Manifest>& manifests() const { return manifests_; }

 private:
  std::unordered_map<Digest, Manifest> manifests_;
  std::unordered_map<Digest, std::vector<Digest>> images_by_config_;
  std::unordered_map<Digest, std::vector<Digest>> parents_;
};

}  // namespace scanclock
