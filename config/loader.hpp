#pragma once

#include "config/settings.hpp"
#include "config/settings_error.hpp"
#include "core/domain/result.hpp"

#include <string>
#include <vector>

namespace scanclock {

/// Reads and checks a settings file and every secret that it names. Strict: any error refuses the
/// whole file, and all errors come at once, in the order of the file. Blocks on files, so it is
/// for the start and for the blocking pool.
Result<Settings, std::vector<SettingsError>> load_settings(const std::string& path);

/// The same for a text. `name` stands in errors; relative files lie in `base_dir`.
Result<Settings, std::vector<SettingsError>> load_settings_text(const std::string& text,
                                                                const std::string& name,
                                                                const std::string& base_dir);

}  // namespace scanclock
