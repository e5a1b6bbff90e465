#pragma once

#include "core/domain/evidence.hpp"
#include "core/domain/signing_key.hpp"
#include "core/domain/trust.hpp"
#include "core/evidence/envelope.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// What checking an envelope came to: goes into Evidence::signature and signature_detail.
struct SignatureVerdict {
  SignatureVerdict() = default;
  SignatureState state = SignatureState::none;
  /// verified: label_of the key. failed: what was tried and why it failed. no_key: `certificate`
  /// where no key could ever verify it, else empty.
  std::string detail;
};

inline constexpr std::string_view certificate_detail = "certificate";

/// Checks the envelope with the keys that are bound to its predicate type and to any place of
/// `ground`. One good signature suffices. A key must be valid when the scan finished (where the
/// report says so) and when the evidence was collected. `failed` only where a key is bound to the
/// place of the evidence itself: elsewhere nobody promised that its signatures are known.
///
/// Pure and safe on any thread. Hashes the payload once for all keys, but for each try of an
/// Ed25519 key, so large envelopes belong on the blocking pool.
SignatureVerdict check_signatures(const Envelope& envelope, const TrustGround& ground,
                                  std::optional<TimePoint> finished_at, TimePoint collected_at);

/// True when the signed statement itself says which image was scanned and when: else its signature
/// proves nothing about this image or this time.
bool is_bound_by_statement(const ScanReport& report);

}  // namespace scanclock
