#pragma once

#include "alerts/digest.hpp"

#include <string>

namespace scanclock::alerts {

/// The body of a digest's message for a receiver that takes_digests(), within its limits: JSON for
/// webhooks, and the digest's text in the form of Slack, Teams or mail. Throws
/// std::invalid_argument for a receiver that takes none.
std::string render_digest(const Receiver& receiver, const ForecastDigest& digest,
                          const std::string& external_url);

}  // namespace scanclock::alerts
