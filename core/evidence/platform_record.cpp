#include "core/evidence/platform_record.hpp"

#include "core/evidence/json_reading.hpp"
#include "core/evidence/report_fields.hpp"

#include <nlohmann/json.hpp>

namespace scanclock::evidence {

using nlohmann::json;

bool is_platform_record(const json& document, std::string_view kind) {
  return text_or_empty(document, "scanclockRecord") == kind;
}

const json* open_platform_record(ScanReport& report, const json& document) {
  report.format = shown_text(text_or_empty(document, "scanclockRecord"));
  add_name(report, image_name(find_text(report, document, "registry"),
                              find_text(report, document, "repository"), {}));
  const json* record = find_object(report, document, "record");
  if (record == nullptr) {
    note_defect(report, Rejection::malformed, "record is missing");
  }
  if (!find_digest(report, document, "digest")) {
    note_defect(report, Rejection::malformed, "digest is missing or no digest");
  }
  return record;
}

void take_platform_subject(ScanReport& report, const json& document, const std::string& recorded,
                           std::string_view path) {
  const auto asked = find_digest(report, document, "digest");
  const auto answered = Digest::parse(recorded);
  if (asked && answered && *asked != *answered) {
    note_defect(report, Rejection::wrong_subject,
                std::string(path) + " is " + answered->short_form() + ", asked for was " +
                    asked->short_form());
  }
  if (asked) {
    add_subject(report, *asked);
  }
}

}  // namespace scanclock::evidence
