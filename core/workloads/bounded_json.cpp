#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace scanclock {
namespace {

/// Counts brackets outside strings. Done before the parser sees the text, so that a hostile depth
/// costs no memory.
std::size_t nesting_depth(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  bool escaped = false;
  for (const char character : text) {
    if (in_string) {
      in_string = escaped || character != '"';
      escaped = !escaped && character == '\\';
    } else if (character == '"') {
      in_string = true;
    } else if (character == '{' || character == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((character == '}' || character == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// nlohmann's texts begin with a code for its own readers: `[json.exception.parse_error.101] `.
std::string without_exception_code(std::string_view text) {
  const auto end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

/// nlohmann::json converts to and from nearly everything; only this constructor is unambiguous.
Result<nlohmann::json, JsonFailure> success(nlohmann::json document) {
  return Result<nlohmann::json, JsonFailure>(boost::system::in_place_value, std::move(document));
}

class DuplicateKeys {
 public:
  bool operator()(int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      open_objects_.emplace_back();
    } else if (event == Event::object_end && !open_objects_.empty()) {
      open_objects_.pop_back();
    } else if (event == Event::key && !open_objects_.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!open_objects_.back().insert(key).second && !first_) {
        first_ = key;
      }
    }
    return true;
  }

  const std::optional<std::string>& first() const { return first_; }

 private:
  std::vector<std::set<std::string>> open_objects_;
  std::optional<std::string> first_;
};

}  // namespace

Result<nlohmann::json, JsonFailure> parse_bounded_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return JsonFailure("larger than " + std::to_string(limits.bytes_max) + " bytes");
  }
  if (nesting_depth(text) > limits.depth_max) {
    return JsonFailure("nested deeper than " + std::to_string(limits.depth_max) + " levels");
  }
  try {
    if (!limits.refuse_duplicate_keys) {
      return success(nlohmann::json::parse(text));
    }
    DuplicateKeys duplicates;
    auto document = nlohmann::json::parse(text, std::ref(duplicates));
    if (duplicates.first()) {
      return JsonFailure("names the key '" + *duplicates.first() + "' twice in one object");
    }
    return success(std::move(document));
  } catch (const nlohmann::json::exception& failure) {
    return JsonFailure("not JSON: " + without_exception_code(failure.what()));
  }
}

}  // namespace scanclock
