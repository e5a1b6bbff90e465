#pragma once

#include "core/domain/time.hpp"

#include <string>

/// Values of command-line options. Both throw CLI::ValidationError, which ends in a usage error.
namespace scanclock {

/// `7d`, `12h`, `2m`.
Duration duration_argument(const std::string& text);

/// `2026-11-01T12:00:00Z`, or with another zone.
TimePoint time_argument(const std::string& text);

}  // namespace scanclock
