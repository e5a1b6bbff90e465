#pragma once

#include "config/loader.hpp"
#include "config/settings_error.hpp"

#include <string>

namespace scanclock {

/// All that the loader says against the text of a file named s.yaml; empty when it takes it.
inline std::string errors_of(const std::string& yaml, const std::string& base_dir = ".") {
  const auto settings = load_settings_text(yaml, "s.yaml", base_dir);
  return settings.has_value() ? "" : to_string(settings.error());
}

}  // namespace scanclock
