#include "core/registry/media_types.hpp"

#include <algorithm>
#include <array>

namespace scanclock {
namespace {

constexpr std::string_view sigstore_bundle_prefix = "application/vnd.dev.sigstore.bundle";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// As most are. Without branches, for every descriptor of every answer comes by here.
bool is_bare(std::string_view type) {
  bool bare = true;
  for (const char c : type) {
    bare = bare & (c != ';') & (c != ' ') & (c != '\t') & !((c >= 'A') & (c <= 'Z'));
  }
  return bare;
}

}  // namespace

std::string bare_media_type(std::string_view content_type) {
  if (is_bare(content_type)) {
    return std::string(content_type);
  }
  std::string bare(content_type.substr(0, content_type.find(';')));
  std::erase_if(bare, [](char c) { return c == ' ' || c == '\t'; });
  std::transform(bare.begin(), bare.end(), bare.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return bare;
}

bool is_index_type(std::string_view media_type) {
  return media_type == oci_index_type || media_type == docker_list_type;
}

bool is_image_config_type(std::string_view media_type) {
  return media_type.empty() || media_type == oci_config_type || media_type == docker_config_type ||
         media_type == "application/octet-stream";
}

bool is_document_type(std::string_view media_type) {
  static constexpr std::array<std::string_view, 6> types{
      dsse_envelope_type,       in_toto_type,
      oci_empty_type,           "application/vnd.dev.cosign.simplesigning.v1+json",
      "application/sarif+json", "application/vnd.cncf.notary.signature"};
  return std::find(types.begin(), types.end(), media_type) != types.end() ||
         media_type.starts_with(sigstore_bundle_prefix) || contains(media_type, "spdx") ||
         contains(media_type, "cyclonedx");
}

bool is_json_type(std::string_view media_type) { return contains(media_type, "json"); }

}  // namespace scanclock
