#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// Real envelopes carry one signature, sometimes two; each costs a verification by each bound key.
inline constexpr std::size_t envelope_signatures_max = 16;

struct EnvelopeSignature {
  EnvelopeSignature() = default;
  /// Decoded; empty when the text was no base64.
  std::string bytes;
  /// It comes with a certificate of its own, so that no key of the settings made it.
  bool has_certificate = false;
};

/// A DSSE envelope (secure-systems-lab/dsse envelope.md), by itself or in a Sigstore bundle, with
/// its payload decoded once: the bytes that a signature is checked over are those that are read.
struct Envelope {
  Envelope() = default;
  std::string payload_type;
  std::string payload;
  /// Of the statement in the payload, once that was read; empty when it could not be.
  std::string predicate_type;
  /// All but empty ones. Which key made one is not noted: a keyid is anybody's claim.
  std::vector<EnvelopeSignature> signatures;
  /// A bundle must hold exactly one signature (sigstore/cosign specs/BUNDLE_SPEC.md).
  bool is_bundle = false;
  /// The bundle's verification material is a certificate: signed without a long-lived key.
  bool has_certificate = false;
  /// What makes the signatures unusable whatever they are; empty when nothing does.
  std::string fault;
};

}  // namespace scanclock
