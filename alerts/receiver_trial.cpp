#include "alerts/receiver_trial.hpp"

#include "alerts/alertmanager.hpp"
#include "alerts/http_senders.hpp"
#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"

#include <utility>

namespace scanclock::alerts {
namespace {

/// Alertmanager shows the test for so long and then resolves it.
constexpr Duration trial_alert_lasts = std::chrono::minutes(5);

asio::awaitable<void> try_alertmanagers(const Receiver& receiver, const SenderTools& tools,
                                        const MessageInput& input, ReceiverTrial& trial) {
  const Notification notification = trial_notification(receiver, "test_" + random_uuid(), input.at);
  const Alert& alert = notification.alerts.front().alert;
  std::vector<PostableAlert> alerts(1);
  alerts.front().labels = alert.labels;
  alerts.front().annotations = alert.annotations;
  alerts.front().starts_at = input.at;
  alerts.front().ends_at = input.at + trial_alert_lasts;
  const std::vector<std::string> batches = alertmanager_batches(alerts, input.external_url);
  trial.delivered = true;
  for (const std::string& url : receiver.alertmanager->urls) {
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/api/v2/alerts";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = batches.front();
    request.timeout = delivery_timeout;
    request.body_bytes_max = response_bytes_max;
    std::vector<std::string> secrets(1, url);
    const SendOutcome outcome =
        co_await post_message(tools.http, std::move(request), std::move(secrets));
    trial.status = outcome.status;
    if (outcome.status >= 200 && outcome.status < 300) {
      continue;
    }
    trial.delivered = false;
    const auto parsed = parse_url(url);
    trial.error =
        (parsed ? parsed->authority() : std::string("an invalid URL")) + ": " +
        (outcome.status == 0 ? outcome.failure : "answered " + std::to_string(outcome.status));
    co_return;
  }
}

asio::awaitable<void> try_sender(const Receiver& receiver, const SenderTools& tools,
                                 const MessageInput& input, ReceiverTrial& trial) {
  const auto sender = make_sender(receiver, tools);
  OutboxMessage message;
  message.id = "test_" + random_uuid();
  message.receiver = receiver.name;
  message.type = "scanclock.alert.firing";
  message.body =
      render_notification(receiver, input, trial_notification(receiver, message.id, input.at));
  message.created_at = input.at;
  message.attempts = 1;
  SendOutcome sent = co_await sender->send(std::move(message));
  DeliveryAttempt attempt;
  attempt.protocol = sender->protocol();
  attempt.status = sent.status;
  attempt.failure = std::move(sent.failure);
  attempt.answer = std::move(sent.answer);
  attempt.retry_after = std::move(sent.retry_after);
  attempt.created_at = input.at;
  attempt.at = input.at;
  DeliveryDecision decision = decide_delivery(attempt);
  trial.status = attempt.status;
  trial.delivered = decision.action == DeliveryAction::delivered;
  trial.error = trial.delivered ? std::move(sent.note) : std::move(decision.error);
}

}  // namespace

Notification trial_notification(const Receiver& receiver, const std::string& message_id,
                                TimePoint now) {
  Transition transition;
  transition.kind = AlertEventKind::firing;
  Alert& alert = transition.alert;
  alert.id = message_id;
  alert.key.rule = rule_test;
  alert.key.subject = receiver.name;
  alert.severity = Severity::none;
  alert.sequence = 1;
  alert.started_at = now;
  alert.labels["alertname"] = rule_test;
  alert.labels["severity"] = to_string(alert.severity);
  alert.labels["receiver"] = receiver.name;
  alert.annotations["summary"] = "TEST of receiver " + receiver.name + ": nothing is wrong";
  alert.annotations["description"] =
      "Somebody asked Scanclock to try this receiver. No alert fires, and nothing follows.";
  alert.annotations["remediation"] = "close this message by hand if it opened an incident";
  Notification notification;
  notification.key = message_id;
  notification.message_id = message_id;
  notification.receiver = receiver.name;
  notification.severity = alert.severity;
  notification.firing = 1;
  notification.alerts.push_back(std::move(transition));
  return notification;
}

asio::awaitable<ReceiverTrial> try_receiver(const Receiver& receiver, const SenderTools& tools,
                                            const MessageInput& input) {
  ReceiverTrial trial;
  trial.receiver = receiver.name;
  trial.kind = kind_of(receiver);
  const Duration began = tools.clock.monotonic();
  if (receiver.alertmanager) {
    co_await try_alertmanagers(receiver, tools, input, trial);
  } else {
    co_await try_sender(receiver, tools, input, trial);
  }
  trial.took = tools.clock.monotonic() - began;
  co_return trial;
}

}  // namespace scanclock::alerts
