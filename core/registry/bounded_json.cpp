#include "core/registry/bounded_json.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {

bool nests_deeper_than(std::string_view json, std::size_t depth_max) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) {
        return true;
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::string parse_registry_object(std::string_view bytes, nlohmann::json& into) {
  if (nests_deeper_than(bytes, registry_json_depth_max)) {
    return "json nests deeper than " + std::to_string(registry_json_depth_max) + " levels";
  }
  into = nlohmann::json::parse(bytes, nullptr, false);
  if (into.is_discarded()) {
    return "not valid json";
  }
  return into.is_object() ? std::string() : std::string("not a json object");
}

std::string text_field(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

const nlohmann::json& array_field(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none = nlohmann::json::array();
  const auto field = object.find(name);
  return field != object.end() && field->is_array() ? *field : none;
}

const nlohmann::json& object_field(const nlohmann::json& object, const char* name) {
  static const nlohmann::json none = nlohmann::json::object();
  const auto field = object.find(name);
  return field != object.end() && field->is_object() ? *field : none;
}

}  // namespace scanclock
