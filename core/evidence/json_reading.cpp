#include "core/evidence/json_reading.hpp"

#include "core/evidence/json_tree.hpp"
#include "core/evidence/keep_tree.hpp"
#include "core/evidence/reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock::evidence {

using nlohmann::json;

std::optional<json> parse_json(ScanReport& report, std::string_view text, std::size_t spare_bytes) {
  if (text.size() > report_bytes_max) {
    note_defect(report, Rejection::too_large,
                "larger than " + std::to_string(report_bytes_max) + " bytes");
    return std::nullopt;
  }
  return build_json_tree(report, text, kept_of_documents(), spare_bytes);
}

void note_defect(ScanReport& report, Rejection reason, std::string detail) {
  if (report.defect && *report.defect <= reason) {
    return;
  }
  report.defect = reason;
  report.defect_detail = std::move(detail);
}

std::string shown_text(std::string_view text) {
  std::size_t size = std::min(text.size(), shown_text_bytes_max);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && size < text.size() && continues(size)) {
    --size;
  }
  std::string shown(text.substr(0, size));
  for (char& character : shown) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7F) {
      character = '?';
    }
  }
  return shown;
}

const json* find_any(const json& parent, std::string_view key) {
  if (!parent.is_object()) {
    return nullptr;
  }
  const auto found = parent.find(std::string(key));
  return found == parent.end() || found->is_null() ? nullptr : &*found;
}

namespace {

const json* find_at(const json& parent, std::string_view path) {
  return find_any(parent, path.substr(path.rfind('.') + 1));
}

void note_type(ScanReport& report, std::string_view path, std::string_view wanted) {
  note_defect(report, Rejection::malformed, std::string(path) + " is not " + std::string(wanted));
}

}  // namespace

const json* find_object(ScanReport& report, const json& parent, std::string_view path) {
  const json* found = find_at(parent, path);
  if (found != nullptr && !found->is_object()) {
    note_type(report, path, "an object");
    return nullptr;
  }
  return found;
}

const json* find_array(ScanReport& report, const json& parent, std::string_view path) {
  const json* found = find_at(parent, path);
  if (found != nullptr && !found->is_array()) {
    note_type(report, path, "an array");
    return nullptr;
  }
  return found;
}

const json& elements_of(const json* found) {
  static const json none = json::array();
  return found != nullptr ? *found : none;
}

void for_each_object(ScanReport& report, const json* array, std::string_view path,
                     const std::function<void(const json&)>& visit) {
  for (const json& element : elements_of(array)) {
    if (element.is_object()) {
      visit(element);
    } else {
      note_type(report, std::string(path) + "[]", "an object");
    }
  }
}

std::string find_text(ScanReport& report, const json& parent, std::string_view path) {
  const json* found = find_at(parent, path);
  if (found == nullptr) {
    return {};
  }
  if (!found->is_string()) {
    note_type(report, path, "a string");
    return {};
  }
  return found->get<std::string>();
}

std::string text_or_empty(const json& parent, std::string_view key) {
  const json* found = find_any(parent, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<TimePoint> find_time(ScanReport& report, const json& parent, std::string_view path,
                                   Zone zone) {
  const std::string text = find_text(report, parent, path);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto time = zone == Zone::required ? parse_rfc3339(text) : parse_rfc3339_assuming_utc(text);
  if (!time) {
    note_defect(report, Rejection::malformed,
                std::string(path) + " is not an rfc 3339 time: " + shown_text(text));
    return std::nullopt;
  }
  return is_set(*time) ? time : std::nullopt;
}

void note_finish(ScanReport& report, std::optional<TimePoint> time, std::string_view path) {
  if (!time || (report.finished_at && *report.finished_at <= *time)) {
    return;
  }
  report.finished_at = time;
  report.finished_at_field = path;
}

void note_database(ScanReport& report, std::optional<TimePoint> time) {
  if (time && (!report.database_built_at || *time < *report.database_built_at)) {
    report.database_built_at = time;
  }
}

void add_subject(ScanReport& report, const Digest& digest) {
  if (std::find(report.subjects.begin(), report.subjects.end(), digest) != report.subjects.end()) {
    return;
  }
  if (report.subjects.size() == subjects_max) {
    note_defect(report, Rejection::malformed,
                "more than " + std::to_string(subjects_max) + " subjects");
    return;
  }
  report.subjects.push_back(digest);
}

void add_subject_reference(ScanReport& report, const json& reference) {
  if (!reference.is_string()) {
    return;
  }
  const auto& text = reference.get_ref<const std::string&>();
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos) {
    return;
  }
  if (const auto digest = Digest::parse(std::string_view(text).substr(at + 1))) {
    add_subject(report, *digest);
  }
}

void add_subject_references(ScanReport& report, const json* references) {
  if (references == nullptr) {
    return;
  }
  for (const json& reference : *references) {
    add_subject_reference(report, reference);
  }
}

void add_name(ScanReport& report, std::string_view name) {
  const std::string shown = shown_text(name);
  if (shown.empty() || report.names.size() == names_max ||
      std::find(report.names.begin(), report.names.end(), shown) != report.names.end()) {
    return;
  }
  report.names.push_back(shown);
}

void conclude(ScanReport& report) {
  if (!report.finished_at) {
    note_defect(report, Rejection::no_time, "the report gives no time for the end of the scan");
  }
  if (report.subjects.empty() && report.subject_config.empty()) {
    note_defect(report, Rejection::no_subject, "the report names no image digest and no image id");
  }
}

}  // namespace scanclock::evidence
