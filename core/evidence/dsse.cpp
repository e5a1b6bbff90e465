#include "core/evidence/dsse.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/json_tree.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

// in-toto/attestation spec/v1/envelope.md: the plain type, or one that names the predicate.
bool is_in_toto_type(std::string_view type) {
  constexpr std::string_view plain = "application/vnd.in-toto+json";
  constexpr std::string_view prefix = "application/vnd.in-toto.";
  constexpr std::string_view suffix = "+json";
  return type == plain || (type.size() > prefix.size() + suffix.size() &&
                           type.starts_with(prefix) && type.ends_with(suffix));
}

void open_signatures(ScanReport& report, const json& document, Envelope& envelope) {
  const json* signatures = find_array(report, document, "signatures");
  if (signatures == nullptr) {
    return;
  }
  if (signatures->size() > envelope_signatures_max) {
    envelope.fault = "more than " + std::to_string(envelope_signatures_max) + " signatures";
  }
  for (const json& item : *signatures) {
    const std::string text = find_text(report, item, "signatures[].sig");
    if (text.empty() || envelope.signatures.size() == envelope_signatures_max) {
      continue;
    }
    EnvelopeSignature signature;
    signature.bytes = decode_base64_text(text).value_or("");
    signature.has_certificate = !text_or_empty(item, "cert").empty();
    envelope.signatures.push_back(std::move(signature));
  }
}

constexpr std::string_view dsse_keeps[] = {
    "{payloadType,payload<base64>}",
    "signatures[].{sig,cert}",
};

}  // namespace

bool looks_like_dsse(const json& document) {
  return find_any(document, "payloadType") != nullptr && find_any(document, "payload") != nullptr;
}

std::optional<Envelope> open_dsse(ScanReport& report, json& document) {
  Envelope envelope;
  envelope.payload_type = find_text(report, document, "payloadType");
  json& payload = document.at("payload");
  if (!payload.is_string() && !payload.is_binary()) {
    note_defect(report, Rejection::malformed, "payload is not a string");
    return std::nullopt;
  }
  if (!is_in_toto_type(envelope.payload_type)) {
    note_defect(
        report, Rejection::not_a_vulnerability_scan,
        "payloadType is " + shown_text(envelope.payload_type) + ", not an in-toto statement");
    return std::nullopt;
  }
  if (payload.is_binary()) {
    note_defect(report, Rejection::malformed, "payload is not base64");
    return std::nullopt;
  }
  envelope.payload = std::move(payload.get_ref<std::string&>());
  open_signatures(report, document, envelope);
  if (report.defect) {
    return std::nullopt;
  }
  return envelope;
}

ScanReport read_payload(Envelope& envelope) {
  ScanReport report;
  report.format = "dsse";
  const auto statement =
      parse_json(report, envelope.payload, envelope.payload.capacity() - envelope.payload.size());
  if (!statement) {
    report.defect_detail = "payload: " + report.defect_detail;
    return report;
  }
  envelope.predicate_type = text_or_empty(*statement, "predicateType");
  return in_toto_format.read(*statement);
}

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
                       "application/vnd.in-toto.<predicate>+json: not_a_vulnerability_scan; base64 "
                       "of both alphabets in one text: malformed. The signatures are checked apart "
                       "from reading, over the bytes that are read",
        },
    .looks_like = looks_like_dsse,
    .open = open_dsse,
    .keeps = dsse_keeps,
    .is_wrapper = true,
};

}  // namespace scanclock::evidence
