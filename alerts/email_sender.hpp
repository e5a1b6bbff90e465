#pragma once

#include "alerts/sender.hpp"

namespace scanclock::alerts {

/// Throws std::invalid_argument for an address that is none and without a mail client.
std::unique_ptr<Sender> make_email_sender(const EmailReceiver& receiver, const SenderTools& tools);

}  // namespace scanclock::alerts
