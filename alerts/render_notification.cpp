#include "alerts/message.hpp"
#include "alerts/receivers/email.hpp"
#include "alerts/receivers/opsgenie.hpp"
#include "alerts/receivers/pagerduty.hpp"
#include "alerts/receivers/slack.hpp"
#include "alerts/receivers/teams.hpp"

namespace scanclock::alerts {

std::string render_notification(const Receiver& receiver, const MessageInput& input,
                                const Notification& notification) {
  if (receiver.pagerduty) {
    return render_pagerduty(*receiver.pagerduty, input, notification);
  }
  if (receiver.slack) {
    return render_slack(*receiver.slack, input, notification);
  }
  if (receiver.teams) {
    return render_teams(*receiver.teams, input, notification);
  }
  if (receiver.opsgenie) {
    return render_opsgenie(*receiver.opsgenie, input, notification);
  }
  if (receiver.email) {
    return render_email(*receiver.email, input, notification);
  }
  const bool as_alertmanager =
      receiver.webhook && receiver.webhook->format == WebhookFormat::alertmanager;
  return as_alertmanager ? alertmanager_notification_body(input, notification)
                         : webhook_notification_body(input, notification);
}

}  // namespace scanclock::alerts
