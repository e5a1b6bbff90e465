#include "core/evidence/reader.hpp"

#include "core/evidence/dsse.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/xml_documents.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace scanclock {
namespace evidence {
namespace {

using nlohmann::json;

// Documents that come up beside scans, so that their senders read what they sent.
std::string_view name_of_other_document(const json& document) {
  if (find_any(document, "bomFormat") != nullptr) {
    return "a cyclonedx document";
  }
  if (find_any(document, "spdxVersion") != nullptr) {
    return "an spdx document";
  }
  if (text_or_empty(document, "@context").starts_with("https://openvex.dev/")) {
    return "an openvex document";
  }
  if (const json* producer = find_any(document, "descriptor");
      producer != nullptr && text_or_empty(*producer, "name") == "syft") {
    return "a syft document";
  }
  return {};
}

ScanReport refuse_document(const json& document) {
  ScanReport report;
  if (const auto name = name_of_other_document(document); !name.empty()) {
    note_defect(report, Rejection::not_a_vulnerability_scan,
                std::string(name) + " is no vulnerability scan");
  } else if (find_any(document, "scanner") != nullptr &&
             find_any(document, "metadata") != nullptr) {
    note_defect(report, Rejection::unknown_format,
                "a predicate without its in-toto statement names no image");
  } else {
    note_defect(report, Rejection::unknown_format, "no known scan report or attestation");
  }
  return report;
}

/// Gives the document up before what is inside an envelope is parsed, for both may be large.
ReadEvidence read_document(json document) {
  ReadEvidence result;
  for (const Format* format : format_table()) {
    if (format->looks_like == nullptr || !format->looks_like(document)) {
      continue;
    }
    if (format->open == nullptr) {
      result.report = format->read(document);
      return result;
    }
    result.report.format = format->info.name;
    result.envelope = format->open(result.report, document);
    document = nullptr;
    if (result.envelope) {
      result.report = read_payload(*result.envelope);
    }
    return result;
  }
  result.report = refuse_document(document);
  return result;
}

}  // namespace
}  // namespace evidence

ReadEvidence read_evidence(std::string_view bytes) {
  ReadEvidence result;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (bytes.starts_with(byte_order_mark)) {
    bytes.remove_prefix(byte_order_mark.size());
  }
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    evidence::note_defect(result.report, Rejection::malformed, "empty");
    return result;
  }
  if (bytes[first] == '<') {
    result.report = evidence::refuse_xml(bytes.substr(first));
    return result;
  }
  if (bytes[first] != '{' && bytes[first] != '[') {
    evidence::note_defect(result.report, Rejection::unknown_format, "not a json document");
    return result;
  }
  auto document = evidence::parse_json(result.report, bytes);
  return document ? evidence::read_document(std::move(*document)) : result;
}

ScanReport read_report(std::string_view bytes) { return read_evidence(bytes).report; }

}  // namespace scanclock
