#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// Deeper nesting than any manifest, token or list of a registry needs.
inline constexpr std::size_t registry_json_depth_max = 64;

/// True when brackets outside strings nest deeper than `depth_max`. Linear, no recursion.
bool nests_deeper_than(std::string_view json, std::size_t depth_max);

/// Reads a JSON object from a registry. Returns what is wrong with the text, nothing when it is
/// good.
std::string parse_registry_object(std::string_view bytes, nlohmann::json& into);

/// The field's text, empty when it is absent or no string.
std::string text_field(const nlohmann::json& object, const char* name);

/// The field when it is an array, otherwise an empty array: registries write null for "none".
const nlohmann::json& array_field(const nlohmann::json& object, const char* name);

/// The field when it is an object, otherwise an empty object.
const nlohmann::json& object_field(const nlohmann::json& object, const char* name);

}  // namespace scanclock
