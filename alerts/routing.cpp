#include "alerts/routing.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

bool is_pattern(MatchSign sign) { return sign == MatchSign::regex || sign == MatchSign::not_regex; }

void add(std::vector<Recipient>& recipients, const std::string& receiver, Duration repeat_every) {
  for (Recipient& known : recipients) {
    if (known.receiver == receiver) {
      known.repeat_every = std::min(known.repeat_every, repeat_every);
      return;
    }
  }
  recipients.push_back({receiver, repeat_every});
}

}  // namespace

Router::Router(std::vector<Route> routes, const std::vector<Receiver>& receivers) {
  for (Route& route : routes) {
    CompiledRoute compiled;
    for (const Matcher& matcher : route.match) {
      CompiledMatcher compiled_matcher;
      compiled_matcher.matcher = matcher;
      if (is_pattern(matcher.sign)) {
        compiled_matcher.pattern =
            std::regex(matcher.value, std::regex::ECMAScript | std::regex::nosubs);
      }
      compiled.matchers.push_back(std::move(compiled_matcher));
    }
    compiled.route = std::move(route);
    routes_.push_back(std::move(compiled));
  }
  for (const Receiver& receiver : receivers) {
    receivers_.push_back(receiver.name);
  }
}

bool Router::matches(const CompiledRoute& route, const std::map<std::string, std::string>& labels) {
  return std::all_of(route.matchers.begin(), route.matchers.end(), [&](const auto& compiled) {
    const auto found = labels.find(compiled.matcher.label);
    const std::string value = found == labels.end() ? std::string() : found->second;
    switch (compiled.matcher.sign) {
      case MatchSign::equal:
        return value == compiled.matcher.value;
      case MatchSign::not_equal:
        return value != compiled.matcher.value;
      case MatchSign::regex:
        return std::regex_match(value, compiled.pattern);
      case MatchSign::not_regex:
        break;
    }
    return !std::regex_match(value, compiled.pattern);
  });
}

std::vector<Recipient> Router::recipients(const Alert& alert) const {
  std::vector<Recipient> recipients;
  std::map<std::string, std::string> labels = alert.labels;
  labels["rule"] = alert.key.rule;
  for (const CompiledRoute& compiled : routes_) {
    if (!matches(compiled, labels)) {
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
