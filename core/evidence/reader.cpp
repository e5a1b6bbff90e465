#include "core/evidence/reader.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"
#include "core/evidence/xml_documents.hpp"

#include <nlohmann/json.hpp>

#include <string>

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

ScanReport read_document(const json& document) {
  for (const Format* format : format_table()) {
    if (format->looks_like != nullptr && format->looks_like(document)) {
      return format->read(document);
    }
  }
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

}  // namespace
}  // namespace evidence

ScanReport read_report(std::string_view bytes) {
  ScanReport report;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (bytes.starts_with(byte_order_mark)) {
    bytes.remove_prefix(byte_order_mark.size());
  }
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    evidence::note_defect(report, Rejection::malformed, "empty");
    return report;
  }
  if (bytes[first] == '<') {
    return evidence::refuse_xml(bytes.substr(first));
  }
  if (bytes[first] != '{' && bytes[first] != '[') {
    evidence::note_defect(report, Rejection::unknown_format, "not a json document");
    return report;
  }
  const auto document = evidence::parse_json(report, bytes);
  return document ? evidence::read_document(*document) : report;
}

}  // namespace scanclock
