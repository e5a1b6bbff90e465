#include "daemon/alerting_options.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

alerts::Route route_of(const RouteSettings& settings) {
  alerts::Route route;
  route.match = settings.match;
  route.receivers = settings.receivers;
  route.continues = settings.continue_;
  route.group_by = settings.group_by;
  route.repeat_every = settings.repeat_every;
  return route;
}

alerts::Receiver receiver_of(const ReceiverSettings& settings) {
  alerts::Receiver receiver;
  receiver.name = settings.name;
  receiver.heartbeat_every = settings.heartbeat_every;
  if (settings.webhook) {
    alerts::WebhookReceiver webhook;
    webhook.url = settings.webhook->url;
    for (const Secret& secret : settings.webhook->signing_secrets) {
      webhook.signing_secrets.push_back(secret.reveal());
    }
    webhook.format = settings.webhook->format == WebhookFormat::standard
                         ? alerts::WebhookFormat::standard
                         : alerts::WebhookFormat::alertmanager;
    receiver.webhook = std::move(webhook);
  }
  if (settings.alertmanager) {
    alerts::AlertmanagerReceiver alertmanager;
    alertmanager.urls = settings.alertmanager->urls;
    alertmanager.resolve_after = settings.alertmanager->resolve_after;
    receiver.alertmanager = std::move(alertmanager);
  }
  return receiver;
}

}  // namespace

alerts::EvaluatorOptions evaluator_options(const Settings& settings,
                                           const std::string& external_url) {
  alerts::EvaluatorOptions options;
  options.external_url = external_url;
  options.rules.runbook_base = external_url + "/runbook";
  options.notify = settings.mode == Mode::alert;
  for (const RouteSettings& route : settings.routes) {
    options.routes.push_back(route_of(route));
  }
  for (const ReceiverSettings& receiver : settings.receivers) {
    options.receivers.push_back(receiver_of(receiver));
  }
  if (!settings.registries.empty()) {
    Duration cycle = Duration::zero();
    for (const RegistrySettings& registry : settings.registries) {
      cycle = std::max(cycle, registry.poll.evidence_every);
    }
    // NeverScanned waits for at most two cycles of asking (contract.md, "Alert rules").
    options.rules.never_scanned_hold = 2 * cycle;
    options.rules.first_answer_hold = 2 * cycle;
    options.rules.unwatched_max = cycle;
  }
  return options;
}

}  // namespace scanclock
