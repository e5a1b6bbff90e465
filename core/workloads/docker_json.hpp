#pragma once

#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::docker_json {

inline constexpr std::size_t docker_body_bytes_max = std::size_t{64} << 20;
inline constexpr std::size_t docker_json_depth_max = 64;
/// Longer labels, and those beyond the count, are left out of the observation.
inline constexpr std::size_t docker_label_bytes_max = 4096;
inline constexpr std::size_t docker_labels_max = 256;

/// Ends the reading of an answer of the Docker Engine; thrown and caught within read_object and
/// read_array.
struct Unreadable {
  std::string message;
};

/// Parses `body` and hands its object, or array, to `reader`, which may throw Unreadable. Nothing
/// when all went well.
std::optional<JsonFailure> read_object(std::string_view body,
                                       const std::function<void(const nlohmann::json&)>& reader);
std::optional<JsonFailure> read_array(std::string_view body,
                                      const std::function<void(const nlohmann::json&)>& reader);

/// Null when the key is absent or null: Go writes null for empty lists and maps.
const nlohmann::json* find(const nlohmann::json& object, const char* key);
/// The same; throws Unreadable when the value is no object.
const nlohmann::json* find_object(const nlohmann::json& object, const char* key);
/// The same for an array.
const nlohmann::json* find_array(const nlohmann::json& object, const char* key);
/// The strings of an array, empty when absent; throws Unreadable for anything else.
std::vector<std::string> texts_of(const nlohmann::json& object, const char* key);
/// Empty when absent; throws Unreadable when the value is no string.
std::string text_of(const nlohmann::json& object, const char* key);
bool flag_of(const nlohmann::json& object, const char* key);
/// Nothing when absent or no integer of 64 bits.
std::optional<std::int64_t> integer_of(const nlohmann::json& object, const char* key);
/// `Labels`, within docker_label_bytes_max and docker_labels_max.
std::map<std::string, std::string> labels_of(const nlohmann::json& object);

/// PostgreSQL stores no NUL, and whoever starts a container chooses its labels: one such byte must
/// not stop the recording of everything else.
std::string without_nul(std::string text);

}  // namespace scanclock::docker_json
