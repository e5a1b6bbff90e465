#include "core/net/mail_replies.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

constexpr std::size_t reply_code_digits = 3;
constexpr int start_mail_input = 354;
/// The answer to QUIT, which is no word about the mail.
constexpr int closing_channel = 221;
constexpr int first_refusal_code = 400;
constexpr int first_lasting_refusal_code = 500;

}  // namespace

void MailReplies::add(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) {
    line.remove_suffix(1);
  }
  const bool has_code = line.size() >= reply_code_digits &&
                        std::all_of(line.begin(), line.begin() + reply_code_digits,
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
  const bool goes_on = line.size() > reply_code_digits && line[reply_code_digits] == '-';
  if (!has_code || goes_on || replies_.size() == mail_replies_max) {
    return;
  }
  Reply reply;
  for (std::size_t i = 0; i < reply_code_digits; ++i) {
    reply.code = reply.code * 10 + (line[i] - '0');
  }
  if (reply.code == closing_channel) {
    return;
  }
  reply.text = line.substr(std::min(line.size(), reply_code_digits + 1), mail_reply_bytes_max);
  replies_.push_back(std::move(reply));
}

MailReplies::Reply MailReplies::refusal(std::size_t recipients) const {
  const std::size_t looked_at = std::min(recipients, replies_.size());
  for (std::size_t i = 0; i < looked_at; ++i) {
    const Reply& reply = replies_[replies_.size() - 1 - i];
    if (reply.code < first_refusal_code) {
      break;
    }
    if (reply.code < first_lasting_refusal_code) {
      return reply;
    }
  }
  return last();
}

std::vector<std::string> MailReplies::refused_recipients(std::size_t recipients) const {
  std::vector<std::string> refused;
  const auto input = std::find_if(replies_.begin(), replies_.end(), [](const Reply& reply) {
    return reply.code == start_mail_input;
  });
  const auto before = static_cast<std::size_t>(input - replies_.begin());
  if (input == replies_.end() || before < recipients) {
    return refused;
  }
  for (std::size_t i = before - recipients; i < before; ++i) {
    if (replies_[i].code >= first_refusal_code) {
      refused.push_back(std::to_string(replies_[i].code) + " " + replies_[i].text);
    }
  }
  return refused;
}

}  // namespace scanclock
