#include "alerts/message_facts.hpp"
#include "alerts/receivers/plain_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace scanclock::alerts {
namespace {

using Values = MessageTemplate::Values;

std::string text_value(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

/// `value (note)`, and no empty brackets.
std::string with_note(const std::string& value, const std::string& note) {
  return value.empty() || note.empty() ? value : value + " (" + note + ")";
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// `CRITICAL`, `CRITICAL, still`, `RESOLVED: scanned`.
std::string title_mark(const MessageFacts& facts) {
  if (facts.superseded) {
    return "SUPERSEDED";
  }
  if (facts.kind == AlertEventKind::resolved) {
    const std::string reason = text_value(facts.values, "resolved_reason");
    return "RESOLVED" + (reason.empty() ? std::string() : ": " + reason);
  }
  std::string mark = facts.severity == Severity::none
                         ? std::string("INFO")
                         : upper_case(std::string(to_string(facts.severity)));
  if (facts.kind == AlertEventKind::updated) {
    mark += ", updated";
  } else if (facts.kind == AlertEventKind::repeated) {
    mark += ", still";
  }
  return mark;
}

std::string alert_mark(const AlertFacts& alert) {
  const std::string reason = text_value(alert.values, "resolved_reason");
  return alert.firing ? upper_case(text_value(alert.values, "severity"))
                      : "RESOLVED" + (reason.empty() ? std::string() : ": " + reason);
}

/// A line an alert, and one for those that are not listed.
std::string alert_lines(const MessageFacts& facts) {
  std::string lines;
  for (const AlertFacts& alert : facts.alerts) {
    const std::string overdue = text_value(alert.values, "overdue");
    lines += (lines.empty() ? "- [" : "\n- [") + alert_mark(alert) + "] " +
             text_value(alert.values, "summary");
    const std::string owner = text_value(alert.values, "owner");
    lines += owner.empty() ? "" : "; owner " + owner;
    lines += overdue.empty() || !alert.firing ? "" : "; overdue for " + overdue;
  }
  if (facts.left_out > 0) {
    lines += (lines.empty() ? "" : "\n") + std::string(cut_mark) + " and " +
             std::to_string(facts.left_out) + " more";
  }
  return lines;
}

/// What a template or the built-in text sees.
Values values_for_text(const MessageFacts& facts) {
  Values values = facts.values;
  values["alerts"] = alert_lines(facts);
  return values;
}

/// The settings refuse what does not parse; should it come here all the same, the message goes out
/// in its built-in form.
std::optional<std::string> rendered_template(const std::string& text, const MessageFacts& facts,
                                             const MessageTemplate::Escape& escape) {
  if (text.empty()) {
    return std::nullopt;
  }
  const auto parsed = MessageTemplate::parse(text);
  if (!parsed) {
    return std::nullopt;
  }
  std::string rendered = parsed->render(values_for_text(facts), escape);
  // A message without a word is refused by most receivers and serves no reader.
  return rendered.find_first_not_of(" \n") == std::string::npos
             ? std::nullopt
             : std::optional<std::string>(std::move(rendered));
}

std::string escaped_value(const std::string& text, const MessageTemplate::Escape& escape) {
  return escape ? escape(text) : text;
}

}  // namespace

std::vector<Fact> facts_of(const Values& values) {
  const auto value = [&](std::string_view name) { return text_value(values, name); };
  const std::string overdue = value("overdue");
  const std::string remaining = value("remaining");
  const std::string when = !overdue.empty()     ? overdue + " ago"
                           : !remaining.empty() ? "in " + remaining
                                                : std::string();
  const std::string count = value("containers_total");
  const std::string total =
      count.empty() ? std::string() : count + (count == "1" ? " container" : " containers");
  const std::string clusters = value("clusters");
  const std::string workloads = value("workloads");
  std::vector<Fact> facts{
      {"Image", value("image")},
      {"Digest", value("digest")},
      {"Deadline", with_note(value("deadline_at"), when)},
      {"Since", value("started_at")},
      {"Ended", with_note(value("ended_at"), value("resolved_reason"))},
      {"Changed", value("changed")},
      {"Last scan", with_note(value("last_scan_at"), value("scanner"))},
      {"Rejected evidence", value("rejected")},
      {"Not observed", value("observation")},
      {"Runs in", clusters.empty() ? total : with_note(clusters, total)},
      {"Workloads", workloads},
      {"Environment", value("environment")},
      {"Owner", with_note(value("owner"), value("contact"))},
      {"Policy", value("policy")},
      {"What to do", value("remediation")},
  };
  std::erase_if(facts, [](const Fact& fact) { return fact.value.empty(); });
  return facts;
}

std::string message_title(const MessageFacts& facts, const std::string& title_template,
                          const MessageTemplate::Escape& escape) {
  auto written = rendered_template(title_template, facts, escape);
  if (written) {
    std::replace(written->begin(), written->end(), '\n', ' ');
    return *written;
  }
  return "[" + title_mark(facts) + "] " +
         escaped_value(text_value(facts.values, "summary"), escape);
}

std::string message_text(const MessageFacts& facts, const std::string& text_template,
                         const MessageTemplate::Escape& escape) {
  if (const auto written = rendered_template(text_template, facts, escape)) {
    return *written;
  }
  std::string text = escaped_value(text_value(facts.values, "summary"), escape);
  const std::string description = text_value(facts.values, "description");
  text += description.empty() ? "\n" : "\n" + escaped_value(description, escape) + "\n";
  if (facts.grouped) {
    text += "\n" + escaped_value(alert_lines(facts), escape) + "\n";
  }
  for (const Fact& fact : facts_of(facts.values)) {
    text += "\n" + fact.label + ": " + escaped_value(fact.value, escape);
  }
  for (const auto& [label, name] :
       {std::pair("Runbook", "runbook_url"), std::pair("Details", "url")}) {
    const std::string link = text_value(facts.values, name);
    text += link.empty() ? "" : "\n" + std::string(label) + ": " + escaped_value(link, escape);
  }
  return text;
}

MessageFacts shortened(const MessageFacts& facts, MessageSize size) {
  MessageFacts shorter = facts;
  const auto cut_values = [&](Values& values) {
    for (auto& [name, value] : values) {
      value = cut_code_points(std::move(value), size.value);
    }
  };
  if (shorter.grouped && shorter.alerts.size() > size.alerts) {
    shorter.left_out += shorter.alerts.size() - size.alerts;
    shorter.alerts.resize(size.alerts);
  }
  cut_values(shorter.values);
  for (AlertFacts& alert : shorter.alerts) {
    cut_values(alert.values);
  }
  return shorter;
}

std::string fitted(const MessageFacts& facts, std::size_t bytes_max,
                   const std::function<std::string(const MessageFacts&)>& make) {
  constexpr std::array<MessageSize, 7> sizes{{{group_alerts_max, message_value_max},
                                              {group_alerts_max, 300},
                                              {25, 300},
                                              {10, 300},
                                              {10, 100},
                                              {3, 50},
                                              {0, 25}}};
  std::string made;
  for (const MessageSize& size : sizes) {
    made = make(shortened(facts, size));
    if (made.size() <= bytes_max) {
      break;
    }
  }
  return made;
}

}  // namespace scanclock::alerts
