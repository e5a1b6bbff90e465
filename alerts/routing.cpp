#include "alerts/routing.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace scanclock::alerts {
namespace {

void add(std::vector<Recipient>& recipients, const std::string& receiver, Duration repeat_every) {
  for (Recipient& known : recipients) {
    if (known.receiver == receiver) {
      known.repeat_every = std::min(known.repeat_every, repeat_every);
      return;
    }
  }
  Recipient recipient;
  recipient.receiver = receiver;
  recipient.repeat_every = repeat_every;
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
  std::vector<Recipient> recipients;
  std::map<std::string, std::string> labels = alert.labels;
  labels["rule"] = alert.key.rule;
  for (const CompiledRoute& compiled : routes_) {
    if (!compiled.selector.matches(labels)) {
      continue;
    }
    for (const std::string& receiver : compiled.route.receivers) {
      add(recipients, receiver, compiled.route.repeat_every);
    }
    if (!compiled.route.continues) {
      break;
    }
  }
  if (recipients.empty() && alert.severity != Severity::none) {
    for (const std::string& receiver : receivers_) {
      add(recipients, receiver, repeat_every_default);
    }
  }
  return recipients;
}

TimePoint next_repeat_at(TimePoint started_at, TimePoint last_notified_at, Duration every) {
  const Duration since_start = std::max(last_notified_at - started_at, Duration::zero());
  return started_at + every * (since_start / every + 1);
}

bool repeat_is_due(TimePoint started_at, TimePoint last_notified_at, Duration every,
                   TimePoint now) {
  return every > Duration::zero() && next_repeat_at(started_at, last_notified_at, every) <= now;
}

}  // namespace scanclock::alerts
