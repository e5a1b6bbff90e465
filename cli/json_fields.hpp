#pragma once

#include "core/domain/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

/// Forgiving access to the API's answers: a newer or older server may lack a field.
namespace scanclock {

/// The text of a field; numbers and truth values as they are written; empty for null or absent.
std::string text_of(const nlohmann::json& object, const char* key);
bool flag_of(const nlohmann::json& object, const char* key);
/// The field, or a null.
const nlohmann::json& field_of(const nlohmann::json& object, const char* key);
std::optional<TimePoint> time_of(const nlohmann::json& object, const char* key);

/// `never scanned` for `never_scanned`.
std::string in_words(std::string text);

/// `sha256:0123456789ab`; other text unchanged.
std::string short_digest(const std::string& digest);

}  // namespace scanclock
