#include "core/runtime/hashing.hpp"
#include "tests/unit/evidence/forge.hpp"

namespace scanclock::forging {
namespace {

using nlohmann::json;

/// Of ECDSA: `30 len 02 len r 02 len s` becomes r and s of 32 bytes each.
std::string raw_form(const std::string& der) {
  std::string raw;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const auto length = static_cast<unsigned char>(der.at(at + 1));
    std::string number = der.substr(at + 2, length);
    number.erase(0, number.size() > 32 ? number.size() - 32 : 0);
    raw += std::string(32 - number.size(), '\0') + number;
    at += 2 + length;
  }
  return raw;
}

std::string around(const Forge& forge, const std::string& payload) {
  return dsse_envelope(payload, {forge.ci.sign(dsse_message(payload))}).dump();
}

const Forgery about_the_signature[] = {
    {"NoSignatures",
     [](const Forge& forge) { return dsse_envelope(forge.fresh().dump(), {}).dump(); },
     Rejection::untrusted},
    {"AnEmptySignature",
     [](const Forge& forge) { return dsse_envelope(forge.fresh().dump(), {""}).dump(); },
     Rejection::untrusted},
    {"NoListOfSignatures",
     [](const Forge& forge) {
       return changed(forge.good(forge.fresh()),
                      [](json& envelope) { envelope.erase("signatures"); });
     },
     Rejection::untrusted},
    {"TheBareStatement", [](const Forge& forge) { return forge.fresh().dump(); },
     Rejection::untrusted},
    {"TheBareReport", [](const Forge&) { return report_of(target, fresh_time).dump(); },
     Rejection::untrusted},
    {"ASignatureOverThePayloadAlone",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(payload)}).dump();
     },
     Rejection::bad_signature},
    {"ASignatureOverTheBase64Text",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(dsse_message(base64_encode(payload)))}).dump();
     },
     Rejection::bad_signature},
    {"ASignatureOverAnotherPayloadType",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(dsse_message(payload, "text/plain"))}).dump();
     },
     Rejection::bad_signature},
    {"AnotherPayloadTypeThanTheSigned",
     [](const Forge& forge) {
       return changed(forge.good(forge.fresh()), [](json& envelope) {
         envelope["payloadType"] = "application/vnd.in-toto.vuln+json";
       });
     },
     Rejection::bad_signature},
    {"ACutSignature",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       std::string signature = forge.ci.sign(dsse_message(payload));
       signature.resize(signature.size() - 4);
       return dsse_envelope(payload, {signature}).dump();
     },
     Rejection::bad_signature},
    {"ASignatureWithATail",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(dsse_message(payload)) + "tail"}).dump();
     },
     Rejection::bad_signature},
    {"TheTwoNumbersWithoutTheirEncoding",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {raw_form(forge.ci.sign(dsse_message(payload)))}).dump();
     },
     Rejection::bad_signature},
    {"AnotherPaddingOfRsa",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.rsa.sign(dsse_message(payload), "-sha256",
                                                     {"-sigopt", "rsa_padding_mode:pss"})})
           .dump();
     },
     Rejection::bad_signature},
    {"ABrokenHash",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.rsa.sign(dsse_message(payload), "-sha1")}).dump();
     },
     Rejection::bad_signature},
    {"ABrokenHashOnACurve",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(dsse_message(payload), "-sha1")}).dump();
     },
     Rejection::bad_signature},
    {"ASignatureThatIsNoBase64",
     [](const Forge& forge) {
       return changed(forge.good(forge.fresh()),
                      [](json& envelope) { envelope["signatures"][0]["sig"] = "!!"; });
     },
     Rejection::bad_signature},
    {"ASignatureInBothAlphabetsAtOnce",
     [](const Forge& forge) {
       return changed(forge.good(forge.fresh()), [](json& envelope) {
         auto& signature = envelope["signatures"][0]["sig"].get_ref<std::string&>();
         signature = "+-" + signature.substr(2);
       });
     },
     Rejection::bad_signature},
    {"MoreSignaturesThanAnybodyMakes",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       const std::string signature = forge.ci.sign(dsse_message(payload));
       return dsse_envelope(payload, std::vector<std::string>(17, signature)).dump();
     },
     Rejection::bad_signature},
    {"ABundleOfTwoSignatures",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       const std::string signature = forge.ci.sign(dsse_message(payload));
       return sigstore_bundle(dsse_envelope(payload, {signature, signature}), bundle_type).dump();
     },
     Rejection::bad_signature},
    {"ABundleWithAKeyAndACertificate",
     [](const Forge& forge) {
       json bundle = sigstore_bundle(json::parse(forge.good(forge.fresh())), bundle_type);
       bundle["verificationMaterial"]["certificate"] = {{"rawBytes", "AAAA"}};
       return bundle.dump();
     },
     Rejection::bad_signature},
    {"ABundleWithoutMaterial",
     [](const Forge& forge) {
       json bundle = sigstore_bundle(json::parse(forge.good(forge.fresh())), bundle_type);
       bundle.erase("verificationMaterial");
       return bundle.dump();
     },
     Rejection::bad_signature},
};

const Forgery about_the_payload[] = {
    {"AnotherPayloadUnderAGoodSignature",
     [](const Forge& forge) {
       return changed(forge.good(statement_of(target, honest_time)), [&](json& envelope) {
         envelope["payload"] = base64_encode(forge.fresh().dump());
       });
     },
     Rejection::bad_signature},
    {"AnotherReportUnderAGoodSignature",
     [](const Forge& forge) {
       json statement = forge.fresh();
       statement["predicate"]["scanner"]["result"]["Results"] = json::array();
       statement["predicate"]["scanner"]["result"]["Results"].push_back(
           {{"Target", "alpine"}, {"Class", "os-pkgs"}, {"Type", "alpine"}});
       return changed(forge.good(forge.fresh()), [&](json& envelope) {
         envelope["payload"] = base64_encode(statement.dump());
       });
     },
     Rejection::bad_signature},
    {"APayloadThatDoesNotParse", [](const Forge& forge) { return around(forge, "{\"_type\": "); },
     Rejection::malformed},
    {"BytesBehindTheStatement",
     [](const Forge& forge) { return around(forge, forge.fresh().dump() + " {}"); },
     Rejection::malformed},
    {"AKeyTwiceInTheStatement",
     [](const Forge& forge) {
       std::string payload = forge.fresh().dump();
       payload.insert(1, "\"predicateType\":\"https://spdx.dev/Document\",");
       return around(forge, payload);
     },
     Rejection::malformed},
    {"AKeyTwiceInTheEnvelope",
     [](const Forge& forge) {
       std::string envelope = forge.good(forge.fresh());
       return envelope.insert(1, "\"payload\":\"e30=\",");
     },
     Rejection::malformed},
    {"BytesBehindTheEnvelope", [](const Forge& forge) { return forge.good(forge.fresh()) + "{}"; },
     Rejection::malformed},
    {"APayloadInBothAlphabetsAtOnce",
     [](const Forge& forge) {
       return changed(forge.good(forge.fresh()), [](json& envelope) {
         auto& payload = envelope["payload"].get_ref<std::string&>();
         payload = "+-" + payload.substr(2);
       });
     },
     Rejection::malformed},
    {"AnInventoryOfPackages",
     [](const Forge& forge) {
       json statement = forge.fresh();
       statement["predicateType"] = "https://cyclonedx.org/bom";
       return forge.good(statement);
     },
     Rejection::not_a_vulnerability_scan},
    {"AnotherKindOfPayload",
     [](const Forge& forge) {
       const std::string payload = forge.fresh().dump();
       return dsse_envelope(payload, {forge.ci.sign(dsse_message(payload, "text/plain"))},
                            "text/plain")
           .dump();
     },
     Rejection::not_a_vulnerability_scan},
    {"AFailedScan",
     [](const Forge& forge) {
       json statement = forge.fresh();
       statement["predicate"]["scanner"]["result"] = nullptr;
       return forge.good(statement);
     },
     Rejection::no_packages},
};

}  // namespace

std::span<const Forgery> forgeries_of_the_signature() { return about_the_signature; }
std::span<const Forgery> forgeries_of_the_payload() { return about_the_payload; }

}  // namespace scanclock::forging
