#pragma once

#include "alerts/notification.hpp"
#include "alerts/receiver.hpp"

#include <cstddef>
#include <string>

namespace scanclock::alerts {

/// Microsoft's connector reference: a message of about 28 KB is refused when it is posted. The
/// workflow wraps the card, so some room is left.
inline constexpr std::size_t teams_message_bytes_max = 26'000;

/// What a workflow "Post to a channel when a webhook request is received" takes: a message with one
/// adaptive card (schema version 1.4). All texts are plain ones: none is read as Markdown.
std::string render_teams(const TeamsReceiver& receiver, const MessageInput& input,
                         const Notification& notification);

}  // namespace scanclock::alerts
