#include "core/registry/evidence_candidates.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/media_types.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scanclock;
  using fuzzing::require;
  std::string_view text = fuzzing::text_of(data, size);
  const auto entries = parse_referrers(text);
  if (!entries) {
    require(!entries.error().empty(), "a refusal is explained");
    evidence_tag_kind(text);
    return 0;
  }
  for (const ContentDescriptor& entry : *entries) {
    require(Digest::parse(entry.digest.str()) == entry.digest, "an entry has a digest");
    require(bare_media_type(entry.media_type) == entry.media_type &&
                bare_media_type(entry.artifact_type) == entry.artifact_type,
            "types are bare");
    require(evidence_tag_kind(attestation_tag(entry.digest)) == EvidenceTagKind::attestation,
            "an attestation tag is told from other tags");
    require(evidence_tag_kind(entry.digest.referrers_tag()) == EvidenceTagKind::fallback,
            "a fallback tag is told from other tags");
    require(artifact_may_be_evidence(entry.artifact_type) || !entry.artifact_type.empty(),
            "what has no type may be evidence");
    layer_may_be_evidence(entry.artifact_type, entry.media_type);
  }
  return 0;
}
