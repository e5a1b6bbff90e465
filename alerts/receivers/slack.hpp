#pragma once

#include "alerts/notification.hpp"
#include "alerts/receiver.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock::alerts {

/// Slack, "Block Kit reference" and "Formatting message text": characters of a section's text and
/// of one of its fields, fields of a section, and characters of the message's own text.
inline constexpr std::size_t slack_section_max = 3000;
inline constexpr std::size_t slack_field_max = 2000;
inline constexpr std::size_t slack_section_fields_max = 10;
inline constexpr std::size_t slack_text_max = 4000;
/// Of the whole message. Slack publishes none; larger ones serve no reader.
inline constexpr std::size_t slack_message_bytes_max = 100'000;

/// A message for an incoming webhook: the text that notifications show, and blocks under a bar in
/// the colour of the severity.
std::string render_slack(const SlackReceiver& receiver, const MessageInput& input,
                         const Notification& notification);

/// `&`, `<` and `>` as entities, so that no value becomes a link, a mention or a command.
std::string slack_escaped(std::string_view text);

}  // namespace scanclock::alerts
