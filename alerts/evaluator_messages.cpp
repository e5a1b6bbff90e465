#include "alerts/evaluator_step.hpp"
#include "alerts/message.hpp"
#include "alerts/rule_parts.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

/// The same for every attempt to store the same step, so that storing twice sends once.
std::string message_id(const Alert& alert, const std::string& receiver) {
  return "msg_" + alert.id + "_" + std::to_string(alert.sequence) + "_" +
         std::string(sha256(receiver).hex().substr(0, 8));
}

}  // namespace

std::vector<std::string> Evaluator::told_receivers(const Transition& transition) const {
  if (!options_.notify) {
    return {};
  }
  // Whoever heard of an alert hears of what becomes of it, wherever its new labels lead.
  std::vector<std::string> told = split_names(annotation(transition.alert, annotation_receivers));
  if (transition.kind != AlertEventKind::resolved) {
    for (const Recipient& recipient : router_->recipients(transition.alert)) {
      if (std::find(told.begin(), told.end(), recipient.receiver) == told.end()) {
        told.push_back(recipient.receiver);
      }
    }
  }
  std::erase_if(told, [&](const std::string& name) { return !is_webhook(name); });
  return told;
}

void Evaluator::emit(Step& step, Transition transition) {
  if (!transition.kind) {
    step.changes.alerts.push_back(std::move(transition.alert));
    return;
  }
  const std::vector<std::string> told = told_receivers(transition);
  publish(step, std::move(transition), told);
}

void Evaluator::publish(Step& step, Transition transition, const std::vector<std::string>& told) {
  Alert& alert = transition.alert;
  if (alert.firing) {
    const std::vector<std::string> known = split_names(annotation(alert, annotation_receivers));
    std::set<std::string> all(known.begin(), known.end());
    all.insert(told.begin(), told.end());
    const std::string names = join_names(all);
    if (!names.empty()) {
      alert.annotations[std::string(annotation_receivers)] = names;
      book_.note_receivers(alert.key, names);
    }
  }
  step.changes.alerts.push_back(alert);
  step.changes.alert_events.push_back(
      {alert.id, alert.sequence, *transition.kind, step.input.now, transition.reason});
  write_messages(step, transition, told);
}

void Evaluator::write_messages(Step& step, const Transition& transition,
                               const std::vector<std::string>& told) const {
  const Alert& alert = transition.alert;
  const MessageInput message_input{step.input.inventory, options_.external_url, step.input.now};
  std::string standard_body;
  for (const std::string& receiver : told) {
    OutboxMessage message;
    message.id = message_id(alert, receiver);
    message.alert_id = alert.id;
    message.sequence = alert.sequence;
    message.receiver = receiver;
    message.type = message_type(transition);
    message.created_at = step.input.now;
    message.next_attempt_at = step.input.now;
    if (webhooks_.at(receiver) == WebhookFormat::alertmanager) {
      message.body = alertmanager_webhook_body(message_input, transition, receiver);
    } else {
      if (standard_body.empty()) {
        standard_body = webhook_body(message_input, transition);
      }
      message.body = standard_body;
    }
    step.changes.messages.push_back(std::move(message));
  }
}

}  // namespace scanclock::alerts
