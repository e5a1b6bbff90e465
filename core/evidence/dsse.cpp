#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
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

// in-toto/attestation spec/v1/envelope.md: the plain type, or one that names the predicate.
bool is_in_toto_type(std::string_view type) {
  constexpr std::string_view plain = "application/vnd.in-toto+json";
  constexpr std::string_view prefix = "application/vnd.in-toto.";
  constexpr std::string_view suffix = "+json";
  return type == plain || (type.size() > prefix.size() + suffix.size() &&
                           type.starts_with(prefix) && type.ends_with(suffix));
}

bool looks_like_dsse(const json& document) {
  return find_any(document, "payloadType") != nullptr && find_any(document, "payload") != nullptr;
}

ScanReport read_dsse(const json& document) {
  ScanReport report;
  report.format = "dsse";
  const std::string type = find_text(report, document, "payloadType");
  const json& payload = document.at("payload");
  if (!payload.is_string()) {
    note_defect(report, Rejection::malformed, "payload is not a string");
    return report;
  }
  if (!is_in_toto_type(type)) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "payloadType is " + shown_text(type) + ", not an in-toto statement");
    return report;
  }
  std::string statement;
  try {
    statement = base64_decode(payload.get_ref<const std::string&>());
  } catch (const std::invalid_argument&) {
    note_defect(report, Rejection::malformed, "payload is not base64");
    return report;
  }
  const auto inner = parse_json(report, statement);
  if (!inner) {
    report.defect_detail = "payload: " + report.defect_detail;
    return report;
  }
  return in_toto_format.read(*inner);
}

bool looks_like_sigstore_bundle(const json& document) {
  return text_or_empty(document, "mediaType").starts_with("application/vnd.dev.sigstore.bundle");
}

ScanReport read_sigstore_bundle(const json& document) {
  ScanReport report;
  report.format = "sigstore-bundle";
  const std::string type = text_or_empty(document, "mediaType");
  if (std::find(bundle_types.begin(), bundle_types.end(), type) == bundle_types.end()) {
    note_defect(report, Rejection::unknown_format, "mediaType is " + shown_text(type));
    return report;
  }
  if (const json* envelope = find_object(report, document, "dsseEnvelope")) {
    if (looks_like_dsse(*envelope)) {
      return read_dsse(*envelope);
    }
    note_defect(report, Rejection::malformed, "dsseEnvelope has no payload");
  } else if (find_any(document, "messageSignature") != nullptr) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                "the bundle holds a signature and no attestation");
  } else {
    note_defect(report, Rejection::malformed, "dsseEnvelope is missing");
  }
  return report;
}

}  // namespace

constinit const Format dsse_format{
    .info =
        {
            .name = "dsse",
            .detection = "payloadType and payload",
            .finished_at = "as the statement in payload",
            .subjects = "as the statement in payload",
            .scanner = "as the statement in payload",
            .database_built_at = "as the statement in payload",
            .counts = "as the statement in payload",
            .defects = "a payloadType other than application/vnd.in-toto+json and "
                       "application/vnd.in-toto.<predicate>+json: not_a_vulnerability_scan",
        },
    .looks_like = looks_like_dsse,
    .read = read_dsse,
    .is_wrapper = true,
};

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
                "version: unknown_format",
        },
    .looks_like = looks_like_sigstore_bundle,
    .read = read_sigstore_bundle,
    .is_wrapper = true,
};

}  // namespace scanclock::evidence
