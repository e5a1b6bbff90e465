#pragma once

#include "core/domain/digest.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t evidence_bytes_max = std::size_t{64} << 20;

/// False for artifacts that are known to be something else, such as signatures and SPDX documents.
/// An empty type is unknown and may be anything.
bool artifact_may_be_evidence(std::string_view artifact_type);

/// Whether a layer may hold the report of a scan or an attestation of one: attestations, SARIF,
/// CycloneDX, JSON of unknown meaning; and whatever an artifact of such a type holds, for tools
/// leave the layer's type off.
bool layer_may_be_evidence(std::string_view artifact_type, std::string_view layer_type);

/// What a tag of the form `sha256-<hex>[.suffix]` is for.
enum class EvidenceTagKind { fallback, attestation, other };

/// Nothing for an ordinary tag. `other` are cosign's signatures and SBOMs.
std::optional<EvidenceTagKind> evidence_tag_kind(std::string_view tag);

/// `sha256-<hex>.att` (cosign specs/ATTESTATION_SPEC.md).
std::string attestation_tag(const Digest& subject);

}  // namespace scanclock
