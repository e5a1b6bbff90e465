#pragma once

#include "config/settings.hpp"

#include <string>

namespace scanclock {

/// What the settings came to, defaults included, in the form of a settings file, for people.
/// Secrets are shown as `<secret>`, webhook URLs without their paths, which may be secret, too.
std::string redacted_summary(const Settings& settings);

}  // namespace scanclock
