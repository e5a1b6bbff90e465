#include "alerts/receivers/slack.hpp"

#include "alerts/message_facts.hpp"
#include "alerts/receivers/plain_text.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

const char* slack_colour(const MessageFacts& facts) {
  if (facts.kind == AlertEventKind::resolved || facts.superseded) {
    return "#2f8132";
  }
  switch (facts.severity) {
    case Severity::critical:
      return "#b3261e";
    case Severity::warning:
      return "#b26a00";
    case Severity::none:
      break;
  }
  return "#5f6368";
}

json slack_markdown(const std::string& text, std::size_t max) {
  return {{"type", "mrkdwn"}, {"text", cut_code_points(text, max)}};
}

json slack_section(const std::string& text) {
  return {{"type", "section"}, {"text", slack_markdown(text, slack_section_max)}};
}

/// Cuts the value so that label and value stay within a field even when every letter of the value
/// is escaped; an entity is never cut in two.
std::string slack_field(const Fact& fact) {
  constexpr std::size_t entity_length = 5;
  constexpr std::size_t value_max = (slack_field_max - 100) / entity_length;
  return "*" + fact.label + "*\n" + slack_escaped(cut_code_points(fact.value, value_max));
}

std::string slack_links(const MessageFacts& facts) {
  std::string text;
  for (const auto& [name, label] :
       {std::pair("url", "Details"), std::pair("runbook_url", "Runbook")}) {
    const auto found = facts.values.find(name);
    const std::string link = found == facts.values.end() ? std::string() : found->second;
    if (!link.empty() && link.find_first_of("|<> ") == std::string::npos) {
      text += (text.empty() ? "<" : " · <") + slack_escaped(link) + "|" + label + ">";
    }
  }
  return text;
}

json slack_blocks(const MessageFacts& facts, const MessageTemplates& templates) {
  json blocks = json::array();
  const std::string title = message_title(facts, templates.title, slack_escaped);
  blocks.push_back(slack_section(templates.title.empty() ? "*" + title + "*" : title));
  if (!templates.text.empty()) {
    blocks.push_back(slack_section(message_text(facts, templates.text, slack_escaped)));
    return blocks;
  }
  const auto description = facts.values.find("description");
  if (description != facts.values.end() && !description->second.empty()) {
    blocks.push_back(slack_section(slack_escaped(cut_code_points(description->second, 500))));
  }
  if (facts.grouped) {
    blocks.push_back(slack_section(message_text(facts, "{{alerts}}", slack_escaped)));
  }
  json fields = json::array();
  for (const Fact& fact : facts_of(facts.values)) {
    fields.push_back(slack_markdown(slack_field(fact), slack_field_max));
    if (fields.size() == slack_section_fields_max) {
      blocks.push_back({{"type", "section"}, {"fields", std::exchange(fields, json::array())}});
    }
  }
  if (!fields.empty()) {
    blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  }
  const std::string links = slack_links(facts);
  if (!links.empty()) {
    blocks.push_back(slack_section(links));
  }
  return blocks;
}

}  // namespace

std::string slack_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string render_slack(const SlackReceiver& receiver, const MessageInput& input,
                         const Notification& notification) {
  const MessageFacts facts = message_facts(input, notification);
  const auto make = [&](const MessageFacts& shown) {
    const std::string title = message_title(shown, receiver.templates.title, slack_escaped);
    json attachment = {{"color", slack_colour(facts)},
                       {"fallback", cut_code_points(title, slack_text_max)},
                       {"blocks", slack_blocks(shown, receiver.templates)}};
    const json message = {{"text", cut_code_points(title, slack_text_max)},
                          {"unfurl_links", false},
                          {"attachments", json::array({std::move(attachment)})}};
    return message.dump();
  };
  return fitted(facts, slack_message_bytes_max, make);
}

}  // namespace scanclock::alerts
