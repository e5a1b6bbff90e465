#pragma once

#include "alerts/notification.hpp"
#include "core/domain/message_template.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What messages to people say, before it has the shape of a receiver.
namespace scanclock::alerts {

/// A message names this many workloads at most and counts the rest.
inline constexpr std::size_t message_workloads_max = 10;
/// No value of a message is longer, in code points, whatever labels and tags hold.
inline constexpr std::size_t message_value_max = 2000;

/// Every variable of messages (core/domain/message_template.hpp), clean of what could break or
/// disguise a text (alerts/receivers/plain_text.hpp).
struct AlertFacts {
  MessageTemplate::Values values;
  bool firing = true;
  Severity severity = Severity::warning;
};

struct MessageFacts {
  /// Of one alert its own; of a group what all its alerts share.
  MessageTemplate::Values values;
  Severity severity = Severity::warning;
  AlertEventKind kind = AlertEventKind::firing;
  /// A graver alert took its place: nothing was put right.
  bool superseded = false;
  bool grouped = false;
  /// The notification's, in its order.
  std::vector<AlertFacts> alerts;
  /// Alerts that are counted and not listed.
  std::size_t left_out = 0;
};

MessageFacts message_facts(const MessageInput& input, const Notification& notification);

/// `Deadline` and `2026-11-01 12:00 UTC (1d ago)`: what a reader wants to see apart from the text,
/// in the order of reading; empty ones are left out.
struct Fact {
  std::string label;
  std::string value;
};
std::vector<Fact> facts_of(const MessageTemplate::Values& values);

/// `[CRITICAL] shop/api:1.4 is overdue …`, or the template's. One line.
std::string message_title(const MessageFacts& facts, const std::string& title_template,
                          const MessageTemplate::Escape& escape = {});
/// Summary, description, facts and, of a group, its alerts; or the template's.
std::string message_text(const MessageFacts& facts, const std::string& text_template,
                         const MessageTemplate::Escape& escape = {});

/// How much of a message is shown.
struct MessageSize {
  std::size_t alerts = group_alerts_max;
  /// Of a value, in code points.
  std::size_t value = message_value_max;
};

/// The facts with fewer alerts and shorter values; what is left out is counted or marked.
MessageFacts shortened(const MessageFacts& facts, MessageSize size);

/// The largest form that `make` gives and that has at most `bytes_max`: first alerts are left out,
/// then values are cut.
std::string fitted(const MessageFacts& facts, std::size_t bytes_max,
                   const std::function<std::string(const MessageFacts&)>& make);

/// `2026-11-01 12:00 UTC`, or as the input shows times.
std::string show_time(const MessageInput& input, TimePoint time);

}  // namespace scanclock::alerts
