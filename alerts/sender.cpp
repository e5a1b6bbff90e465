#include "alerts/sender.hpp"

#include "alerts/email_sender.hpp"
#include "alerts/http_senders.hpp"

#include <stdexcept>

namespace scanclock::alerts {

std::unique_ptr<Sender> make_sender(const Receiver& receiver, const SenderTools& tools) {
  if (receiver.webhook) {
    return make_webhook_sender(*receiver.webhook, tools);
  }
  if (receiver.pagerduty) {
    return make_pagerduty_sender(*receiver.pagerduty, tools);
  }
  if (receiver.slack) {
    return make_slack_sender(*receiver.slack, tools);
  }
  if (receiver.teams) {
    return make_teams_sender(*receiver.teams, tools);
  }
  if (receiver.opsgenie) {
    return make_opsgenie_sender(*receiver.opsgenie, tools);
  }
  if (receiver.email) {
    return make_email_sender(*receiver.email, tools);
  }
  throw std::invalid_argument("receiver " + receiver.name + " is not told through the outbox");
}

std::string_view kind_of(const Receiver& receiver) {
  if (receiver.pagerduty) {
    return "pagerduty";
  }
  if (receiver.slack) {
    return "slack";
  }
  if (receiver.teams) {
    return "teams";
  }
  if (receiver.opsgenie) {
    return "opsgenie";
  }
  if (receiver.email) {
    return "email";
  }
  return receiver.alertmanager ? "alertmanager" : "webhook";
}

}  // namespace scanclock::alerts
