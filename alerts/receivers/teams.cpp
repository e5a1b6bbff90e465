#include "alerts/receivers/teams.hpp"

#include "alerts/message_facts.hpp"
#include "alerts/receivers/plain_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

constexpr std::size_t teams_title_max = 300;
/// A template's text may be long, and one card takes no more.
constexpr std::size_t teams_text_bytes_max = 12'000;

const char* teams_colour(const MessageFacts& facts) {
  if (facts.kind == AlertEventKind::resolved || facts.superseded) {
    return "Good";
  }
  switch (facts.severity) {
    case Severity::critical:
      return "Attention";
    case Severity::warning:
      return "Warning";
    case Severity::none:
      break;
  }
  return "Default";
}

json teams_run(const std::string& text) { return {{"type", "TextRun"}, {"text", text}}; }

json teams_block(json runs) { return {{"type", "RichTextBlock"}, {"inlines", std::move(runs)}}; }

/// A rich text block shows no line ends: each line is a block.
void add_teams_lines(json& body, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      body.push_back(teams_block(json::array({teams_run(std::string(text.substr(0, end)))})));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

json teams_body(const MessageFacts& facts, const MessageTemplates& templates) {
  json title = teams_run(cut_code_points(message_title(facts, templates.title), teams_title_max));
  title["weight"] = "Bolder";
  title["size"] = "Large";
  title["color"] = teams_colour(facts);
  json body = json::array({teams_block(json::array({std::move(title)}))});
  if (!templates.text.empty()) {
    add_teams_lines(body, cut_bytes(message_text(facts, templates.text), teams_text_bytes_max));
    return body;
  }
  add_teams_lines(body, facts.values.find("description")->second);
  if (facts.grouped) {
    add_teams_lines(body, message_text(facts, "{{alerts}}"));
  }
  for (const Fact& fact : facts_of(facts.values)) {
    json label = teams_run(fact.label + ": ");
    label["weight"] = "Bolder";
    json line = teams_block(json::array({std::move(label), teams_run(fact.value)}));
    line["spacing"] = "Small";
    body.push_back(std::move(line));
  }
  return body;
}

json teams_actions(const MessageFacts& facts) {
  json actions = json::array();
  for (const auto& [name, title] :
       {std::pair("url", "Details"), std::pair("runbook_url", "Runbook")}) {
    const std::string& link = facts.values.find(name)->second;
    if (!link.empty()) {
      actions.push_back({{"type", "Action.OpenUrl"}, {"title", title}, {"url", link}});
    }
  }
  return actions;
}

}  // namespace

std::string render_teams(const TeamsReceiver& receiver, const MessageInput& input,
                         const Notification& notification) {
  const MessageFacts facts = message_facts(input, notification);
  const auto make = [&](const MessageFacts& shown) {
    // The links come from the whole facts: a shortened one would lead nowhere.
    const json card = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                       {"type", "AdaptiveCard"},
                       {"version", "1.4"},
                       {"msteams", {{"width", "Full"}}},
                       {"body", teams_body(shown, receiver.templates)},
                       {"actions", teams_actions(facts)}};
    json attachment = {{"contentType", "application/vnd.microsoft.card.adaptive"},
                       {"contentUrl", nullptr},
                       {"content", card}};
    json message = {{"type", "message"}, {"attachments", json::array()}};
    message["attachments"].push_back(std::move(attachment));
    return message.dump();
  };
  return fitted(facts, teams_message_bytes_max, make);
}

}  // namespace scanclock::alerts
