#pragma once

#include "alerts/notification.hpp"
#include "alerts/receiver.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::alerts {

/// Opsgenie's alert API, "Create alert": in characters; details take at most so many as a whole.
inline constexpr std::size_t opsgenie_message_max = 130;
inline constexpr std::size_t opsgenie_alias_max = 512;
inline constexpr std::size_t opsgenie_description_max = 15'000;
inline constexpr std::size_t opsgenie_details_max = 8'000;
inline constexpr std::size_t opsgenie_entity_max = 512;
inline constexpr std::size_t opsgenie_source_max = 100;
inline constexpr std::size_t opsgenie_tags_max = 20;
inline constexpr std::size_t opsgenie_tag_max = 50;
/// Requests that one message is made of.
inline constexpr std::size_t opsgenie_requests_max = 4;

/// One request of a message, relative to the API's URL.
struct OpsgenieRequest {
  OpsgenieRequest() = default;
  std::string method;
  std::string path;
  /// JSON.
  std::string body;
};

/// What the outbox keeps: `{"opsgenie":[{"method","path","body":{…}},…]}`. A first message and a
/// repeat create the alert, which Opsgenie counts up when the alias is open; an update also changes
/// message, description and priority; a resolve closes it. Every request may be sent again.
std::string render_opsgenie(const OpsgenieReceiver& receiver, const MessageInput& input,
                            const Notification& notification);

/// Reads it back; nothing for what was written for another kind of receiver.
std::vector<OpsgenieRequest> opsgenie_requests(std::string_view message);

}  // namespace scanclock::alerts
