#pragma once

#include "core/domain/ports.hpp"
#include "core/domain/silence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace scanclock {

/// `pending`, `active` or `expired`; one that was ended by hand is expired.
std::string_view silence_state(const Silence& silence, TimePoint now);

/// As GET /api/v1/silences lists it.
nlohmann::json silence_json(const Silence& silence, TimePoint now);

nlohmann::json acknowledgement_json(const Acknowledgement& taken);

/// As GET /api/v1/notifications lists it.
nlohmann::json notification_json(const NotificationRecord& record);

}  // namespace scanclock
