#include "core/evidence/reader.hpp"
#include "core/evidence/signature.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

/// Of the one payload that was ever signed with the keys below, whose private halves are gone. Some
/// seeds are envelopes around it.
constexpr std::string_view signed_payload =
    "sha256:269af374fb190da9464c2d13091ca93d847653df4d4971241ceef0a19e145a60";

SigningKey make_key(const char* name, KeyAlgorithm algorithm, std::string_view der) {
  SigningKey key;
  key.name = name;
  key.algorithm = algorithm;
  key.public_key = base64_decode(der);
  key.repositories = {"**"};
  key.predicate_types.assign(std::begin(signable_predicate_types),
                             std::end(signable_predicate_types));
  return key;
}

const std::vector<SigningKey>& keys() {
  static const std::vector<SigningKey> made{
      make_key("one", KeyAlgorithm::ecdsa_p256,
               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuz5thy2Sp4DLY/TU51qv+eBq2UCCoria5foNi7I3Qmj0"
               "PuwKXnpNJXIOuAM74IM2fsAplMC+smoMEAbc6UBF7g=="),
      make_key("two", KeyAlgorithm::ed25519,
               "MCowBQYDK2VwAyEAMhZA8zC33CB4a5GjZUXpipwfljgzxSQwy0o02eBqDCc="),
  };
  return made;
}

}  // namespace

// Reads any bytes as an envelope and checks its signatures. Nothing may verify but the payload that
// was signed, and what is reported is what stands in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ReadEvidence read = read_evidence(fuzzing::text_of(data, size));
  if (!read.envelope) {
    return 0;
  }
  const Envelope& envelope = *read.envelope;
  require(envelope.signatures.size() <= envelope_signatures_max,
          "the number of signatures is bounded");
  const ScanReport inside = read_report(envelope.payload);
  require(inside.format != read.report.format || (inside.finished_at == read.report.finished_at &&
                                                  inside.subjects == read.report.subjects),
          "a report says what stands in the payload, and nothing from around it");
  TrustGround ground;
  ground.found_at = TrustPlace{"prod", "shop/cart", ""};
  ground.places = {*ground.found_at};
  ground.keys = keys();
  const TimePoint collected_at = *parse_rfc3339("2026-10-02T00:00:00Z");
  const SignatureVerdict verdict =
      check_signatures(envelope, ground, read.report.finished_at, collected_at);
  if (verdict.state == SignatureState::verified) {
    require(sha256(envelope.payload).str() == signed_payload,
            "nothing verifies but what is signed");
    require(envelope.payload_type == "application/vnd.in-toto+json", "the type is signed, too");
    require(!read.report.defect && is_bound_by_statement(read.report),
            "what is signed is what is read");
    require(envelope.fault.empty(), "a faulty envelope is not verified");
  }
  return 0;
}
