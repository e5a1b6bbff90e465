#pragma once

#include "core/domain/digest.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// `host[:port]/repository[:tag][@digest]` (distribution/reference). Docker Hub's short names are
/// completed: `busybox` is `docker.io/library/busybox`.
struct ImageReference {
  std::string host;
  std::string repository;
  std::string tag;
  Digest digest;

  auto operator<=>(const ImageReference&) const = default;
};

/// Strips the `docker-pullable://` and `docker://` prefixes of old kubelets. Returns nothing for a
/// bare digest or image ID, and for text that is no reference.
std::optional<ImageReference> parse_image_reference(std::string_view text);

std::string to_string(const ImageReference& reference);

}  // namespace scanclock
