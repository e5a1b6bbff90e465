#include "daemon/receiver_from_settings.hpp"

#include <utility>

namespace scanclock {
namespace {

alerts::MessageTemplates templates_of(const TemplateSettings& settings) {
  alerts::MessageTemplates templates;
  templates.title = settings.title;
  templates.text = settings.text;
  return templates;
}

alerts::WebhookReceiver webhook_of(const WebhookSettings& settings) {
  alerts::WebhookReceiver webhook;
  webhook.url = settings.url;
  for (const Secret& secret : settings.signing_secrets) {
    webhook.signing_secrets.push_back(secret.reveal());
  }
  webhook.format = settings.format == WebhookFormat::standard ? alerts::WebhookFormat::standard
                                                              : alerts::WebhookFormat::alertmanager;
  return webhook;
}

alerts::PagerDutyReceiver pagerduty_of(const PagerDutySettings& settings) {
  alerts::PagerDutyReceiver pagerduty;
  pagerduty.routing_key = settings.routing_key.reveal();
  pagerduty.url = settings.url;
  pagerduty.templates = templates_of(settings.templates);
  return pagerduty;
}

alerts::OpsgenieReceiver opsgenie_of(const OpsgenieSettings& settings) {
  alerts::OpsgenieReceiver opsgenie;
  opsgenie.api_key = settings.api_key.reveal();
  opsgenie.url = settings.url;
  opsgenie.templates = templates_of(settings.templates);
  return opsgenie;
}

template <class ChatReceiver>
ChatReceiver chat_of(const ChatSettings& settings) {
  ChatReceiver chat;
  chat.url = settings.url.reveal();
  chat.templates = templates_of(settings.templates);
  return chat;
}

alerts::EmailReceiver email_of(const EmailSettings& settings) {
  alerts::EmailReceiver email;
  email.smarthost = settings.smarthost;
  email.from = settings.from;
  email.to = settings.to;
  email.username = settings.username;
  email.password = settings.password.reveal();
  email.implicit_tls = settings.implicit_tls;
  email.allow_plaintext = settings.allow_plaintext;
  email.ca_file = settings.ca_file;
  email.templates = templates_of(settings.templates);
  return email;
}

}  // namespace

alerts::Receiver receiver_from_settings(const ReceiverSettings& settings) {
  alerts::Receiver receiver;
  receiver.name = settings.name;
  receiver.heartbeat_every = settings.heartbeat_every;
  receiver.digest_every = settings.digest_every;
  if (settings.webhook) {
    receiver.webhook = webhook_of(*settings.webhook);
  }
  if (settings.alertmanager) {
    alerts::AlertmanagerReceiver alertmanager;
    alertmanager.urls = settings.alertmanager->urls;
    alertmanager.resolve_after = settings.alertmanager->resolve_after;
    receiver.alertmanager = std::move(alertmanager);
  }
  if (settings.pagerduty) {
    receiver.pagerduty = pagerduty_of(*settings.pagerduty);
  }
  if (settings.slack) {
    receiver.slack = chat_of<alerts::SlackReceiver>(*settings.slack);
  }
  if (settings.teams) {
    receiver.teams = chat_of<alerts::TeamsReceiver>(*settings.teams);
  }
  if (settings.opsgenie) {
    receiver.opsgenie = opsgenie_of(*settings.opsgenie);
  }
  if (settings.email) {
    receiver.email = email_of(*settings.email);
  }
  return receiver;
}

}  // namespace scanclock
