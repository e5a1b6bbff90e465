#include "alerts/receivers/digest_message.hpp"

#include "alerts/receivers/email.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "alerts/receivers/slack.hpp"
#include "alerts/receivers/teams.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

/// For a card's frame, title and link, and for letters that JSON writes as two.
constexpr std::size_t teams_digest_reserve_bytes = 6000;
/// Of the JSON around a line.
constexpr std::size_t teams_line_frame_bytes = 100;
/// With the entities that a letter may become.
constexpr std::size_t slack_digest_section_max = slack_section_max / 5;
constexpr std::size_t slack_digest_sections_max = 40;

std::vector<std::string> digest_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

json slack_digest_section(const std::string& text) {
  json section;
  section["type"] = "section";
  section["text"]["type"] = "mrkdwn";
  section["text"]["text"] = text;
  return section;
}

/// Whole lines share a section as long as they fit; Slack takes 50 blocks.
json slack_digest_blocks(const ForecastDigest& digest, const std::string& title,
                         const std::string& url) {
  json blocks = json::array({slack_digest_section("*" + slack_escaped(title) + "*")});
  std::string section;
  for (const std::string& line : digest_lines(digest_text(digest.forecast))) {
    if (section.size() + line.size() > slack_digest_section_max && !section.empty()) {
      blocks.push_back(slack_digest_section(slack_escaped(section)));
      section.clear();
    }
    if (blocks.size() == slack_digest_sections_max) {
      section = std::string(cut_mark);
      break;
    }
    section += cut_bytes(line, slack_digest_section_max) + "\n";
  }
  blocks.push_back(slack_digest_section(slack_escaped(section)));
  if (!url.empty() && url.find_first_of("|<> ") == std::string::npos) {
    blocks.push_back(slack_digest_section("<" + slack_escaped(url) + "|Details>"));
  }
  return blocks;
}

std::string slack_digest(const ForecastDigest& digest, const std::string& url) {
  const std::string title = cut_code_points(digest_title(digest.forecast), slack_text_max / 5);
  json message;
  message["text"] = slack_escaped(title);
  message["unfurl_links"] = false;
  message["blocks"] = slack_digest_blocks(digest, title, url);
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

json teams_digest_block(const std::string& text, bool is_heading) {
  json run;
  run["type"] = "TextRun";
  run["text"] = text;
  if (is_heading) {
    run["weight"] = "Bolder";
  }
  json block;
  block["type"] = "RichTextBlock";
  block["spacing"] = is_heading ? "Medium" : "None";
  block["inlines"] = json::array({std::move(run)});
  return block;
}

std::string teams_digest(const ForecastDigest& digest, const std::string& url) {
  json card;
  card["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json";
  card["type"] = "AdaptiveCard";
  card["version"] = "1.4";
  card["msteams"]["width"] = "Full";
  card["body"] = json::array({teams_digest_block(digest_title(digest.forecast), true)});
  std::size_t bytes = 0;
  for (const std::string& line : digest_lines(digest_text(digest.forecast))) {
    bytes += line.size() + teams_line_frame_bytes;
    if (bytes > teams_message_bytes_max - teams_digest_reserve_bytes) {
      card["body"].push_back(teams_digest_block(std::string(cut_mark), false));
      break;
    }
    if (!line.empty()) {
      card["body"].push_back(teams_digest_block(line, line.ends_with(':')));
    }
  }
  if (!url.empty()) {
    json action;
    action["type"] = "Action.OpenUrl";
    action["title"] = "Details";
    action["url"] = url;
    card["actions"] = json::array({std::move(action)});
  }
  json attachment;
  attachment["contentType"] = "application/vnd.microsoft.card.adaptive";
  attachment["contentUrl"] = nullptr;
  attachment["content"] = std::move(card);
  json message;
  message["type"] = "message";
  message["attachments"] = json::array({std::move(attachment)});
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string email_digest(const EmailReceiver& receiver, const ForecastDigest& digest,
                         const std::string& url) {
  MailText mail;
  mail.receiver = digest.receiver;
  mail.message_id = digest_message_id(digest.receiver, digest.due_at);
  mail.thread = digest_id(digest.receiver);
  mail.at = digest.forecast.at;
  mail.subject = digest_title(digest.forecast);
  mail.text = mail.subject + "\n\n" + digest_text(digest.forecast);
  mail.link = url;
  return write_email(receiver, mail);
}

}  // namespace

std::string render_digest(const Receiver& receiver, const ForecastDigest& digest,
                          const std::string& external_url) {
  const std::string url = digest_url(external_url);
  if (receiver.slack) {
    return slack_digest(digest, url);
  }
  if (receiver.teams) {
    return teams_digest(digest, url);
  }
  if (receiver.email) {
    return email_digest(*receiver.email, digest, url);
  }
  if (!takes_digests(receiver)) {
    throw std::invalid_argument("receiver " + receiver.name + " takes no digests");
  }
  return digest_body(digest, external_url);
}

}  // namespace scanclock::alerts
