#include "core/domain/ports.hpp"

#include <array>
#include <utility>

namespace scanclock {

std::string_view to_string(NotificationState state) {
  switch (state) {
    case NotificationState::waiting:
      return "waiting";
    case NotificationState::delivered:
      return "delivered";
    case NotificationState::set_aside:
      break;
  }
  return "set_aside";
}

std::optional<NotificationState> parse_notification_state(std::string_view text) {
  static constexpr std::array states{NotificationState::waiting, NotificationState::delivered,
                                     NotificationState::set_aside};
  for (const NotificationState state : states) {
    if (to_string(state) == text) {
      return state;
    }
  }
  return std::nullopt;
}

boost::asio::awaitable<void> Outbox::delivered_all(std::vector<DeliveredMessage> messages) {
  for (DeliveredMessage& message : messages) {
    co_await delivered(std::move(message.id), message.at, message.status);
  }
}

boost::asio::awaitable<void> Outbox::release(std::vector<std::string>) { co_return; }

}  // namespace scanclock
