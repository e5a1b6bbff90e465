#include "core/workloads/docker_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock::docker_json {
namespace {

using nlohmann::json;

std::optional<JsonFailure> read(std::string_view body, json::value_t expected,
                                const std::function<void(const json&)>& reader) {
  JsonLimits limits;
  limits.bytes_max = docker_body_bytes_max;
  limits.depth_max = docker_json_depth_max;
  const auto document = parse_bounded_json(body, limits);
  if (!document) {
    return document.error();
  }
  if (document->type() != expected) {
    return JsonFailure(std::string("is ") + document->type_name() + ", expected " +
                       json(expected).type_name());
  }
  try {
    reader(*document);
    return std::nullopt;
  } catch (const Unreadable& unreadable) {
    return JsonFailure(unreadable.message);
  }
}

}  // namespace

std::optional<JsonFailure> read_object(std::string_view body,
                                       const std::function<void(const json&)>& reader) {
  return read(body, json::value_t::object, reader);
}

std::optional<JsonFailure> read_array(std::string_view body,
                                      const std::function<void(const json&)>& reader) {
  return read(body, json::value_t::array, reader);
}

const json* find(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const json* find_object(const json& object, const char* key) {
  const json* found = find(object, key);
  if (found != nullptr && !found->is_object()) {
    throw Unreadable{std::string(key) + " is no object"};
  }
  return found;
}

const json* find_array(const json& object, const char* key) {
  const json* found = find(object, key);
  if (found != nullptr && !found->is_array()) {
    throw Unreadable{std::string(key) + " is no array"};
  }
  return found;
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  std::vector<std::string> texts;
  if (const json* found = find_array(object, key)) {
    for (const json& element : *found) {
      if (!element.is_string()) {
        throw Unreadable{std::string(key) + " holds something that is no string"};
      }
      texts.push_back(without_nul(element.get<std::string>()));
    }
  }
  return texts;
}

std::string text_of(const json& object, const char* key) {
  const json* found = find(object, key);
  if (found == nullptr) {
    return {};
  }
  if (!found->is_string()) {
    throw Unreadable{std::string(key) + " is no string"};
  }
  return without_nul(found->get<std::string>());
}

bool flag_of(const json& object, const char* key) {
  const json* found = find(object, key);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

std::optional<std::int64_t> integer_of(const json& object, const char* key) {
  const json* found = find(object, key);
  if (found == nullptr || !found->is_number_integer() ||
      (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX)) {
    return std::nullopt;
  }
  return found->get<std::int64_t>();
}

std::map<std::string, std::string> labels_of(const json& object) {
  std::map<std::string, std::string> labels;
  if (const json* found = find_object(object, "Labels")) {
    for (const auto& [key, value] : found->items()) {
      if (value.is_string() && labels.size() < docker_labels_max &&
          key.size() + value.get_ref<const std::string&>().size() <= docker_label_bytes_max) {
        labels.emplace(without_nul(key), without_nul(value.get<std::string>()));
      }
    }
  }
  return labels;
}

std::string without_nul(std::string text) {
  std::replace(text.begin(), text.end(), '\0', '?');
  return text;
}

}  // namespace scanclock::docker_json
