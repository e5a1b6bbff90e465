#pragma once

#include "config/settings.hpp"
#include "core/registry/options.hpp"

namespace scanclock {

/// The login of a registry or of its API as the settings name it; secrets are read at each use.
RegistryCredentials registry_credentials(const RegistryCredentialSettings& settings);

}  // namespace scanclock
