#include "alerts/routing.hpp"

#include "alerts/rules.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace scanclock::alerts {
namespace {

Recipient recipient_of(const std::string& receiver, const Route& route) {
  Recipient recipient;
  recipient.receiver = receiver;
  recipient.repeat_every = route.repeat_every;
  recipient.group_by = route.group_by;
  recipient.group_wait = route.group_wait;
  recipient.group_interval = route.group_interval;
  recipient.warnings_wait = route.warnings_wait;
  return recipient;
}

void add(std::vector<Recipient>& recipients, Recipient recipient) {
  for (Recipient& known : recipients) {
    if (known.receiver == recipient.receiver) {
      known.repeat_every = std::min(known.repeat_every, recipient.repeat_every);
      if (recipient.warnings_wait.empty()) {
        known.warnings_wait.clear();
      }
      return;
    }
  }
  recipients.push_back(std::move(recipient));
}

}  // namespace

Router::Router(std::vector<Route> routes, const std::vector<Receiver>& receivers) {
  for (Route& route : routes) {
    LabelSelector selector(route.match);
    routes_.push_back({std::move(route), std::move(selector)});
  }
  for (const Receiver& receiver : receivers) {
    receivers_.push_back(receiver.name);
  }
}

std::vector<Recipient> Router::recipients(const Alert& alert) const {
  std::vector<Recipient> recipients = routed(alert);
  if (alert.key.rule != rule_receiver_failing) {
    return recipients;
  }
  std::erase_if(recipients, [&](const Recipient& recipient) {
    return recipient.receiver == alert.key.subject;
  });
  if (recipients.empty()) {
    for (const std::string& receiver : receivers_) {
      if (receiver != alert.key.subject) {
        add(recipients, recipient_of(receiver, Route()));
      }
    }
  }
  return recipients;
}

std::vector<Recipient> Router::routed(const Alert& alert) const {
  std::vector<Recipient> recipients;
  std::map<std::string, std::string> labels = alert.labels;
  labels["rule"] = alert.key.rule;
  for (const CompiledRoute& compiled : routes_) {
    if (!compiled.selector.matches(labels)) {
      continue;
    }
    for (const std::string& receiver : compiled.route.receivers) {
      add(recipients, recipient_of(receiver, compiled.route));
    }
    if (!compiled.route.continues) {
      break;
    }
  }
  if (recipients.empty() && alert.severity != Severity::none) {
    for (const std::string& receiver : receivers_) {
      add(recipients, recipient_of(receiver, Route()));
    }
  }
  return recipients;
}

Recipient Router::former_recipient(const std::string& receiver) const {
  for (const CompiledRoute& compiled : routes_) {
    const std::vector<std::string>& names = compiled.route.receivers;
    if (std::find(names.begin(), names.end(), receiver) != names.end()) {
      return recipient_of(receiver, compiled.route);
    }
  }
  return recipient_of(receiver, Route());
}

TimePoint next_repeat_at(TimePoint started_at, TimePoint last_notified_at, Duration every) {
  if (last_notified_at < started_at) {
    // The clock was set back since.
    return last_notified_at + every;
  }
  return started_at + every * ((last_notified_at - started_at) / every + 1);
}

bool repeat_is_due(TimePoint started_at, TimePoint last_notified_at, Duration every,
                   TimePoint now) {
  return every > Duration::zero() && next_repeat_at(started_at, last_notified_at, every) <= now;
}

}  // namespace scanclock::alerts
