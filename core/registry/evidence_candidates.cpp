#include "core/registry/evidence_candidates.hpp"

#include "core/registry/media_types.hpp"

#include <algorithm>
#include <array>

namespace scanclock {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_other_document(std::string_view type) {
  static constexpr std::array<std::string_view, 6> types{
      "application/vnd.dev.cosign.artifact.sig.v1+json",
      "application/vnd.dev.cosign.artifact.sbom.v1+json",
      "application/vnd.dev.cosign.simplesigning.v1+json",
      "application/vnd.cncf.notary.signature",
      "application/vnd.cncf.notary.v2.signature",
      "application/vnd.docker.attestation.manifest.v1+json"};
  return std::find(types.begin(), types.end(), type) != types.end() || contains(type, "spdx") ||
         type == oci_empty_type || is_image_config_type(type);
}

}  // namespace

bool artifact_may_be_evidence(std::string_view artifact_type) {
  return artifact_type.empty() || artifact_type == oci_config_type ||
         artifact_type == oci_empty_type || !is_other_document(artifact_type);
}

bool layer_may_be_evidence(std::string_view artifact_type, std::string_view layer_type) {
  if (!layer_type.empty() && layer_type != "application/octet-stream" &&
      is_other_document(layer_type)) {
    return false;
  }
  if (layer_type == dsse_envelope_type || layer_type == in_toto_type || is_json_type(layer_type)) {
    return true;
  }
  return is_json_type(artifact_type) || contains(artifact_type, "sarif");
}

std::optional<EvidenceTagKind> evidence_tag_kind(std::string_view tag) {
  constexpr std::size_t hex_length = 64;
  constexpr std::size_t prefix_length = 7;
  if (!(tag.starts_with("sha256-") || tag.starts_with("sha512-")) ||
      tag.size() < prefix_length + hex_length) {
    return std::nullopt;
  }
  const std::string_view hex = tag.substr(prefix_length, hex_length);
  if (hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view suffix = tag.substr(prefix_length + hex_length);
  if (suffix.empty()) {
    return EvidenceTagKind::fallback;
  }
  if (suffix == ".att") {
    return EvidenceTagKind::attestation;
  }
  return suffix == ".sig" || suffix == ".sbom" ? std::optional(EvidenceTagKind::other)
                                               : std::nullopt;
}

std::string attestation_tag(const Digest& subject) { return subject.referrers_tag() + ".att"; }

}  // namespace scanclock
