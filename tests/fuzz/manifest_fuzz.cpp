#include "core/registry/image_config.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/media_types.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

bool is_sound(const Digest& digest) { return Digest::parse(digest.str()) == digest; }

void require_sound(const Manifest& manifest, const Digest& digest, std::string_view bytes) {
  require(manifest.digest == digest && manifest.size_bytes == bytes.size(),
          "a manifest keeps the digest and size that it was checked with");
  require(manifest.children.size() <= index_children_max, "an index has a bounded length");
  require(manifest.kind == ManifestKind::index || manifest.children.empty(),
          "nothing but an index lists manifests");
  require((manifest.kind == ManifestKind::image) != manifest.config.empty(),
          "an image, and nothing else, has a config");
  require(manifest.subject.empty() || is_sound(manifest.subject), "a subject is a digest");
  require(manifest.config.empty() || is_sound(manifest.config), "a config is a digest");
  for (const ManifestChild& child : manifest.children) {
    require(is_sound(child.digest), "an entry of an index is a digest");
    require(child.runnable || child.platform.os.empty(),
            "an entry with a real platform is runnable, whatever else it says");
  }
}

}  // namespace

// The first line is the Content-Type, the rest the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzzing::text_of(data, size);
  const std::string_view type = fuzzing::take_line(body);
  static const Digest digest = Digest::from_trusted("sha256:" + std::string(64, 'a'));
  const auto manifest = parse_manifest(digest, type, body);
  if (manifest) {
    require_sound(*manifest, digest, body);
    if (manifest->media_type != bare_media_type(type)) {
      const auto elsewhere = parse_manifest(digest, "application/json", body);
      require(elsewhere && *elsewhere == *manifest,
              "a body that names its type means the same under any Content-Type");
    }
  } else {
    require(!manifest.error().empty(), "a refusal is explained");
  }
  const auto layers = parse_layers(body);
  for (std::size_t i = 0; layers && i < layers->size(); ++i) {
    require(is_sound((*layers)[i].digest), "a layer is a digest");
  }
  parse_image_config(body);
  return 0;
}
