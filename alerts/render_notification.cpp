#include "alerts/message.hpp"

namespace scanclock::alerts {

std::string render_notification(const Receiver& receiver, const MessageInput& input,
                                const Notification& notification) {
  const bool as_alertmanager =
      receiver.webhook && receiver.webhook->format == WebhookFormat::alertmanager;
  return as_alertmanager ? alertmanager_notification_body(input, notification)
                         : webhook_notification_body(input, notification);
}

}  // namespace scanclock::alerts
