#include "core/evidence/signature.hpp"

#include "core/evidence/json_reading.hpp"
#include "core/evidence/public_key.hpp"

#include <algorithm>
#include <vector>

namespace scanclock {
namespace {

using evidence::PublicKey;
using evidence::SignedMessage;

std::string names_of(const std::vector<SigningKey>& keys) {
  std::string text;
  for (const SigningKey& key : keys) {
    text += (text.empty() ? "" : ", ") + key.name;
  }
  return text;
}

/// Keys that may verify it: bound to any place of its images, the place of the evidence included.
std::vector<SigningKey> candidates(const Envelope& envelope, const TrustGround& ground) {
  std::vector<SigningKey> chosen;
  for (const SigningKey& key : ground.keys) {
    const auto reaches = [&](const TrustPlace& place) {
      return is_bound(key, place.registry, place.repository);
    };
    const bool is_near = std::any_of(ground.places.begin(), ground.places.end(), reaches) ||
                         (ground.found_at && reaches(*ground.found_at));
    if (is_near && is_bound_to_type(key, envelope.predicate_type)) {
      chosen.push_back(key);
    }
  }
  return chosen;
}

/// Why the key does not count although it verifies; empty when it does.
std::string validity_objection(const SigningKey& key, std::optional<TimePoint> finished_at,
                               TimePoint collected_at) {
  const auto range = [&key] {
    return " (valid" + (key.valid_from ? " from " + format_rfc3339(*key.valid_from) : "") +
           (key.valid_until ? " until " + format_rfc3339(*key.valid_until) : "") + ")";
  };
  if (!is_valid_at(key, collected_at)) {
    return "the key " + key.name + range() + " was not valid at the collection, " +
           format_rfc3339(collected_at);
  }
  if (finished_at && !is_valid_at(key, *finished_at)) {
    return "the key " + key.name + range() + " was not valid at the scan's end, " +
           format_rfc3339(*finished_at);
  }
  return {};
}

/// The first key that verifies and counts; else why there is none.
SignatureVerdict try_keys(const Envelope& envelope, const std::vector<SigningKey>& keys,
                          std::optional<TimePoint> finished_at, TimePoint collected_at) {
  SignatureVerdict verdict;
  SignedMessage message(envelope.payload_type, envelope.payload);
  for (const SigningKey& key : keys) {
    const PublicKey ready(key);
    const bool good =
        std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                    [&](const EnvelopeSignature& signature) {
                      return !signature.has_certificate && ready.verifies(message, signature.bytes);
                    });
    if (!good) {
      continue;
    }
    verdict.detail = validity_objection(key, finished_at, collected_at);
    if (verdict.detail.empty()) {
      verdict.state = SignatureState::verified;
      verdict.detail = label_of(key);
      return verdict;
    }
  }
  verdict.state = SignatureState::failed;
  if (verdict.detail.empty()) {
    verdict.detail = evidence::shown_text("no signature verifies with " + names_of(keys));
  }
  return verdict;
}

bool has_certificates_only(const Envelope& envelope) {
  return envelope.has_certificate ||
         std::all_of(envelope.signatures.begin(), envelope.signatures.end(),
                     [](const EnvelopeSignature& signature) { return signature.has_certificate; });
}

}  // namespace

SignatureVerdict check_signatures(const Envelope& envelope, const TrustGround& ground,
                                  std::optional<TimePoint> finished_at, TimePoint collected_at) {
  SignatureVerdict verdict;
  if (envelope.signatures.empty()) {
    return verdict;
  }
  verdict.state = SignatureState::no_key;
  if (has_certificates_only(envelope)) {
    verdict.detail = certificate_detail;
    return verdict;
  }
  const std::vector<SigningKey> keys = candidates(envelope, ground);
  if (keys.empty()) {
    return verdict;
  }
  SignatureVerdict tried;
  tried.state = SignatureState::failed;
  if (!envelope.fault.empty()) {
    tried.detail = envelope.fault;
  } else if (envelope.is_bundle && envelope.signatures.size() != 1) {
    tried.detail = "a bundle must hold one signature, this one holds " +
                   std::to_string(envelope.signatures.size());
  } else {
    tried = try_keys(envelope, keys, finished_at, collected_at);
  }
  TrustGround own = ground;
  own.keys = keys;
  const bool is_accusable = has_bound_key(own);
  return tried.state == SignatureState::verified || is_accusable ? tried : verdict;
}

bool is_bound_by_statement(const ScanReport& report) {
  return !report.subjects.empty() && report.finished_at.has_value();
}

}  // namespace scanclock
