#pragma once

#include "core/domain/digest_graph.hpp"
#include "core/domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr std::size_t manifest_bytes_max = std::size_t{8} << 20;
/// An index that lists more is refused: each child costs requests.
inline constexpr std::size_t index_children_max = 1000;

/// Reads a manifest whose bytes were checked against `digest`: OCI index and manifest, Docker
/// manifest list and schema 2; the OCI artifact manifest and Docker schema 1 become artifacts.
/// `media_type` is the Content-Type, used where the body names no type of its own. The failure
/// says what is wrong. Sources: image-spec manifest.md and image-index.md, distribution
/// docs/content/spec/manifest-v2-2.md.
///
/// A manifest whose config a runtime would run is an image whatever its artifactType says, unless
/// every layer is a document: a mere label must not hide a runnable image from monitoring. For
/// the same reason an index entry with a real platform is runnable whatever its annotations say.
///
/// `platform` and `config_identifies` stay unset; they come from the config (image_config.hpp).
Result<Manifest, std::string> parse_manifest(const Digest& digest, std::string_view media_type,
                                             std::string_view bytes);

/// An entry of `layers`, `blobs` or a referrers index.
struct ContentDescriptor {
  Digest digest;
  std::string media_type;
  std::string artifact_type;
  std::uint64_t size_bytes = 0;
};

/// The layers (or `blobs`) of a manifest.
Result<std::vector<ContentDescriptor>, std::string> parse_layers(std::string_view bytes);

/// The entries of a referrers answer or of the index behind a fallback tag. Of what is not read,
/// only the structure is checked. About 1 GB/s.
Result<std::vector<ContentDescriptor>, std::string> parse_referrers(std::string_view bytes);

}  // namespace scanclock
