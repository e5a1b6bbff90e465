#pragma once

#include "core/domain/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace scanclock {

/// What is not known is null in the API, and every key is always there.
nlohmann::json time_or_null(const std::optional<TimePoint>& time);
nlohmann::json text_or_null(const std::string& text);

}  // namespace scanclock
