#include "alerts/own_rules.hpp"

#include "alerts/rule_parts.hpp"

#include <utility>

namespace scanclock::alerts {
namespace {

constexpr std::string_view annotation_stepped_at = "stepped_at";

Condition failing_condition(const ReceiverHealth& receiver, const RuleSettings& settings) {
  Condition condition;
  condition.key.rule = rule_receiver_failing;
  condition.key.subject = receiver.name;
  complete(condition, "receiver", settings);
  set_annotation(condition, "summary", "receiver " + receiver.name + " is not told of alerts");
  if (receiver.stopped) {
    set_annotation(condition, "reason", "410 Gone");
    set_annotation(condition, "description",
                   "Receiver " + receiver.name +
                       " answered 410 Gone: it wants nothing any more and is not asked again "
                       "until the settings are read again. Its messages are kept.");
    return condition;
  }
  set_annotation(condition, "reason", receiver.last_error);
  set_annotation(condition, "description",
                 "Nothing could be delivered to receiver " + receiver.name + " since " +
                     format_rfc3339(*receiver.failing_since) + ": " + receiver.last_error +
                     ". What it shall be told is kept and tried again.");
  return condition;
}

}  // namespace

void ReceiverBook::note(std::vector<ReceiverHealth> receivers, TimePoint now) {
  std::map<std::string, ReceiverHealth> known;
  std::map<std::string, std::optional<TimePoint>> noted_since;
  for (ReceiverHealth& receiver : receivers) {
    noted_since[receiver.name] = receiver.failing_since;
    const auto before = noted_since_.find(receiver.name);
    if (before != noted_since_.end() && before->second == receiver.failing_since) {
      receiver.failing_since = find(receiver.name)->failing_since;
    }
    if (receiver.failing_since && *receiver.failing_since > now) {
      receiver.failing_since = now;
    }
    const std::string name = receiver.name;
    known.insert_or_assign(name, std::move(receiver));
  }
  receivers_ = std::move(known);
  noted_since_ = std::move(noted_since);
}

const ReceiverHealth* ReceiverBook::find(const std::string& name) const {
  const auto found = receivers_.find(name);
  return found == receivers_.end() ? nullptr : &found->second;
}

Assessment assess_receiver(const ReceiverBook& receivers, const RuleSettings& settings,
                           const std::string& name, TimePoint now) {
  Assessment assessment;
  const ReceiverHealth* const receiver = receivers.find(name);
  if (receiver == nullptr || (!receiver->stopped && !receiver->failing_since)) {
    return assessment;
  }
  const TimePoint due_at =
      receiver->stopped ? now : *receiver->failing_since + receiver_failing_hold;
  if (now < due_at) {
    assessment.next_change_at = due_at;
    return assessment;
  }
  assessment.conditions.push_back(failing_condition(*receiver, settings));
  return assessment;
}

std::optional<Ending> receiver_ending(const ReceiverBook& receivers, const Alert& alert) {
  const ReceiverHealth* const receiver = receivers.find(alert.key.subject);
  if (receiver == nullptr) {
    return Ending{"removed"};
  }
  const bool is_delivered =
      receiver->last_delivered_at && !receiver->failing_since && !receiver->stopped;
  return is_delivered ? std::optional(Ending{"delivered"}) : std::nullopt;
}

Assessment assess_clock(const std::optional<ClockStep>& step, const RuleSettings& settings,
                        TimePoint now) {
  Assessment assessment;
  if (!step || now >= step->at + clock_step_shown) {
    return assessment;
  }
  assessment.next_change_at = step->at + clock_step_shown;
  Condition condition;
  condition.key.rule = rule_clock_step;
  condition.key.subject = wall_clock;
  condition.stage = step->count;
  complete(condition, "clock", settings);
  const std::string way = step->by > Duration::zero() ? "forward" : "back";
  const std::string length = describe_duration(step->by);
  set_annotation(condition, "summary", "the wall clock was set " + way + " by " + length);
  set_annotation(condition, "description",
                 "The wall clock of Scanclock's host was set " + way + " by " + length + ", to " +
                     format_rfc3339(step->at) +
                     ". Ages of scans and deadlines follow it: if it is wrong now, so are they.");
  set_annotation(condition, annotation_stepped_at, format_rfc3339(step->at));
  assessment.conditions.push_back(std::move(condition));
  return assessment;
}

std::optional<Ending> clock_ending(const Alert& alert, TimePoint now) {
  const auto stepped_at = parse_rfc3339(annotation(alert, annotation_stepped_at));
  if (!stepped_at || *stepped_at > now) {
    // The clock was set back while nobody looked: the time is counted from here.
    return Ending{"expired", clock_step_shown};
  }
  return now < *stepped_at + clock_step_shown ? std::nullopt : std::optional(Ending{"expired"});
}

}  // namespace scanclock::alerts
