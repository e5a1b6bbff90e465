#include "tests/unit/evidence/document_path.hpp"

#include "core/runtime/hashing.hpp"

#include <chrono>
#include <utility>

namespace scanclock::testing {
namespace {

using nlohmann::json;

constexpr std::string_view joint = " + ";

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

void add_members(const json& value, const std::string& index, std::vector<json>& found) {
  if (index.empty()) {
    for (const json& member : value.is_structured() ? value : json::array()) {
      found.push_back(member);
    }
  } else if (const auto at = static_cast<std::size_t>(std::stoul(index));
             value.is_array() && at < value.size()) {
    found.push_back(value[at]);
  }
}

std::vector<json> step(const std::vector<json>& values, const std::string& name) {
  const std::size_t bracket = name.find('[');
  const std::string key = name.substr(0, bracket);
  std::vector<json> found;
  for (const json& value : values) {
    if (key.empty()) {
      found.push_back(value);
    } else if (value.is_object() && value.contains(key)) {
      found.push_back(value[key]);
    }
  }
  if (bracket == std::string::npos) {
    return found;
  }
  std::vector<json> members;
  const std::string index = name.substr(bracket + 1, name.find(']') - bracket - 1);
  for (const json& value : found) {
    add_members(value, index, members);
  }
  return members;
}

}  // namespace

std::vector<json> values_at(const json& document, std::string_view paths) {
  std::vector<json> all;
  for (const std::string& path : split(paths, joint)) {
    std::vector<json> values = {document};
    for (const std::string& name : split(path, ".")) {
      values = step(values, name);
    }
    for (json& value : values) {
      if (!value.is_null()) {
        all.push_back(std::move(value));
      }
    }
  }
  return all;
}

std::optional<TimePoint> time_at(const json& document, std::string_view paths) {
  const std::vector<json> values = values_at(document, paths);
  if (values.empty()) {
    return std::nullopt;
  }
  std::optional<TimePoint> time;
  if (values.front().is_string()) {
    time = parse_rfc3339_assuming_utc(values.front().get<std::string>());
  } else if (values.front().is_number()) {
    time = TimePoint(std::chrono::seconds(values.front().get<std::int64_t>()));
  }
  for (std::size_t further = 1; time && further < values.size(); ++further) {
    *time += std::chrono::seconds(values[further].get<std::int64_t>());
  }
  return time;
}

json unwrapped(json document) {
  if (document.is_object() && document.contains("dsseEnvelope")) {
    document = json(document["dsseEnvelope"]);
  }
  if (document.is_object() && document.contains("payload")) {
    return json::parse(base64_decode(document["payload"].get<std::string>()));
  }
  return document;
}

}  // namespace scanclock::testing
