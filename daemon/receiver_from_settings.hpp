#pragma once

#include "alerts/receiver.hpp"
#include "config/settings.hpp"

namespace scanclock {

/// With the secrets as they were when the settings were loaded.
alerts::Receiver receiver_from_settings(const ReceiverSettings& settings);

}  // namespace scanclock
