#include "core/evidence/dsse.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> bundle_types = {
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
};

bool looks_like_sigstore_bundle(const json& document) {
  return text_or_empty(document, "mediaType").starts_with("application/vnd.dev.sigstore.bundle");
}

/// The material is one of: a hint about a public key, a chain of certificates (v0.1, v0.2) or a
/// certificate (v0.3). The hint is anybody's claim and is not looked at.
void open_material(ScanReport& report, const json& document, Envelope& envelope) {
  const json* material = find_object(report, document, "verificationMaterial");
  const bool has_key = material != nullptr && find_any(*material, "publicKey") != nullptr;
  const bool has_certificate =
      material != nullptr && (find_any(*material, "certificate") != nullptr ||
                              find_any(*material, "x509CertificateChain") != nullptr);
  envelope.has_certificate = has_certificate && !has_key;
  if (has_key == has_certificate) {
    envelope.fault = has_key ? "the bundle names a public key and a certificate"
                             : "the bundle names neither a public key nor a certificate";
  }
}

std::optional<Envelope> open_sigstore_bundle(ScanReport& report, json& document) {
  const std::string type = text_or_empty(document, "mediaType");
  if (std::find(bundle_types.begin(), bundle_types.end(), type) == bundle_types.end()) {
    note_defect(report, Rejection::unknown_format, "mediaType is " + shown_text(type));
    return std::nullopt;
  }
  if (find_object(report, document, "dsseEnvelope") == nullptr) {
    if (find_any(document, "messageSignature") != nullptr) {
      note_defect(report, Rejection::not_a_vulnerability_scan,
                  "the bundle holds a signature and no attestation");
    } else {
      note_defect(report, Rejection::malformed, "dsseEnvelope is missing");
    }
    return std::nullopt;
  }
  json& inner = document.at("dsseEnvelope");
  if (!looks_like_dsse(inner)) {
    note_defect(report, Rejection::malformed, "dsseEnvelope has no payload");
    return std::nullopt;
  }
  auto envelope = open_dsse(report, inner);
  if (envelope) {
    envelope->is_bundle = true;
    open_material(report, document, *envelope);
    if (report.defect) {
      return std::nullopt;
    }
  }
  return envelope;
}

constexpr std::string_view sigstore_bundle_keeps[] = {
    "{mediaType,messageSignature}",
    "verificationMaterial.{publicKey,certificate,x509CertificateChain}",
    "dsseEnvelope.{payloadType,payload<base64>,signatures[].sig,signatures[].cert}",
};

}  // namespace

constinit const Format sigstore_bundle_format{
    .info =
        {
            .name = "sigstore-bundle",
            .detection =
                "mediaType application/vnd.dev.sigstore.bundle+json;version=0.1, 0.2 or 0.3, or "
                "application/vnd.dev.sigstore.bundle.v0.3+json",
            .finished_at = "as the envelope in dsseEnvelope",
            .subjects = "as the envelope in dsseEnvelope",
            .scanner = "as the envelope in dsseEnvelope",
            .database_built_at = "as the envelope in dsseEnvelope",
            .counts = "as the envelope in dsseEnvelope",
            .defects =
                "messageSignature instead of dsseEnvelope: not_a_vulnerability_scan; another "
                "version: unknown_format. A certificate in verificationMaterial is no key of the "
                "settings: such a bundle counts as unsigned",
        },
    .looks_like = looks_like_sigstore_bundle,
    .open = open_sigstore_bundle,
    .keeps = sigstore_bundle_keeps,
    .is_wrapper = true,
};

}  // namespace scanclock::evidence
