#include "cli/json_fields.hpp"

#include "core/domain/digest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {

const nlohmann::json& field_of(const nlohmann::json& object, const char* key) {
  static const nlohmann::json nothing;
  if (!object.is_object()) {
    return nothing;
  }
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text_of(const nlohmann::json& object, const char* key) {
  const nlohmann::json& field = field_of(object, key);
  if (field.is_string()) {
    return field.get<std::string>();
  }
  return field.is_number() || field.is_boolean() ? field.dump() : "";
}

bool flag_of(const nlohmann::json& object, const char* key) {
  const nlohmann::json& field = field_of(object, key);
  return field.is_boolean() && field.get<bool>();
}

std::optional<TimePoint> time_of(const nlohmann::json& object, const char* key) {
  return parse_rfc3339(text_of(object, key));
}

std::string in_words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string short_digest(const std::string& digest) {
  const std::optional<Digest> parsed = Digest::parse(digest);
  return parsed && !parsed->empty() ? parsed->short_form() : digest;
}

}  // namespace scanclock
