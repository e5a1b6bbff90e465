#include "core/domain/ports.hpp"

#include <array>

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

}  // namespace scanclock
