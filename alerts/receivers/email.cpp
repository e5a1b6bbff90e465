#include "alerts/receivers/email.hpp"

#include "alerts/message_facts.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "core/domain/mail_address.hpp"
#include "core/runtime/hashing.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace scanclock::alerts {
namespace {

constexpr std::size_t email_line_max = 76;
constexpr const char* crlf = "\r\n";

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter >= ' ' && letter < '\x7f'; });
}

/// The longest piece at the start of valid UTF-8 that has at most `bytes_max` and ends with a
/// character.
std::string_view whole_characters(std::string_view text, std::size_t bytes_max) {
  std::size_t end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

/// RFC 2047: each word has at most 75 characters and whole characters of its text.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t word_bytes_max = 45;
  std::string words;
  while (!text.empty()) {
    const std::string_view piece = whole_characters(text, word_bytes_max);
    words += (words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64_encode(piece) + "?=";
    text.remove_prefix(piece.size());
  }
  return words;
}

/// Breaks at blanks, so that no line is longer than 78 where it can be helped.
std::string folded(std::string line) {
  std::size_t begin = 0;
  while (line.size() - begin > email_line_max) {
    std::size_t blank = line.rfind(' ', begin + email_line_max);
    // The blank behind the header's name is no place to fold: a line of blanks only may follow.
    if (blank == std::string::npos || blank <= begin || line.find(": ") + 1 == blank) {
      blank = line.find(' ', begin + email_line_max);
    }
    if (blank == std::string::npos) {
      break;
    }
    line.insert(blank, crlf);
    begin = blank + 2;
  }
  return line;
}

/// What an identifier within angle brackets may hold; anything else is replaced by a hash.
std::string identifier_part(const std::string& text) {
  const bool plain = !text.empty() && text.size() <= 128 &&
                     std::all_of(text.begin(), text.end(), [](unsigned char letter) {
                       return letter < 0x80 && (std::isalnum(letter) != 0 || letter == '-' ||
                                                letter == '_' || letter == '.');
                     });
  return plain ? text : std::string(sha256(text).hex().substr(0, 40));
}

std::string mailbox_header(const char* name, const MailAddress& mailbox) {
  if (mailbox.name.empty()) {
    return std::string(name) + ": " + mailbox.address + crlf;
  }
  const std::string shown = clean_line(mailbox.name);
  const std::string display = is_plain_ascii(shown) ? "\"" + shown + "\"" : encoded_words(shown);
  return std::string(name) + ": " + display + "\r\n <" + mailbox.address + ">" + crlf;
}

std::string recipients_header(const std::vector<std::string>& recipients) {
  std::string line;
  for (const std::string& recipient : recipients) {
    if (const auto parsed = parse_mail_address(recipient)) {
      line += (line.empty() ? "To: " : ",\r\n ") + parsed->address;
    }
  }
  return line.empty() ? "To: undisclosed-recipients:;\r\n" : line + crlf;
}

bool is_grave(const MessageFacts& facts) {
  return facts.severity == Severity::critical && facts.kind != AlertEventKind::resolved &&
         !facts.superseded;
}

}  // namespace

std::string email_header(std::string_view name, std::string_view value) {
  const std::string clean = clean_line(value);
  // What looks like an encoded word would be read as one.
  const bool as_it_is = is_plain_ascii(clean) && clean.find("=?") == std::string::npos;
  const std::string written = as_it_is ? clean : encoded_words(clean);
  const std::string line = std::string(name) + ": " + written;
  return (as_it_is ? folded(line) : line) + crlf;
}

std::string quoted_printable(std::string_view text) {
  constexpr std::array<char, 16> digits{'0', '1', '2', '3', '4', '5', '6', '7',
                                        '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
  std::string encoded;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '\n') {
      encoded += crlf;
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool is_blank = letter == ' ' || letter == '\t';
    const bool literal =
        (letter > ' ' && letter < '\x7f' && letter != '=') || (is_blank && !ends_line);
    const std::size_t width = literal ? 1 : 3;
    // One place stays free for the soft line end.
    if (column + width > email_line_max - 1) {
      encoded += "=\r\n";
      column = 0;
    }
    if (literal) {
      encoded += letter;
    } else {
      const auto byte = static_cast<unsigned char>(letter);
      encoded += '=';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 0x0f];
    }
    column += width;
  }
  return encoded;
}

std::string email_date(TimePoint time) {
  constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000",
                day_names[std::chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()),
                month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string write_email(const EmailReceiver& receiver, const MailText& mail) {
  const MailAddress from = parse_mail_address(receiver.from).value_or(MailAddress());
  const std::string domain = from.address.empty() ? "scanclock.invalid" : from.domain();
  const std::string thread = "<thread." + identifier_part(mail.thread) + "@" + domain + ">";
  std::string text = cut_bytes(mail.text, email_text_bytes_max);
  text += "\n\n-- \nScanclock";
  text += mail.link.empty() ? "\n" : ", " + mail.link + "\n";

  std::string message = "Date: " + email_date(mail.at) + crlf;
  message += mailbox_header("From", from);
  message += recipients_header(receiver.to);
  message += email_header("Subject", cut_code_points(mail.subject, email_subject_max));
  message += "Message-ID: <" + identifier_part(mail.message_id) + "@" + domain + ">" + crlf;
  message += "In-Reply-To: " + thread + crlf;
  message += "References: " + thread + crlf;
  message += "Auto-Submitted: auto-generated\r\n";
  message += mail.important ? "Importance: high\r\nX-Priority: 1\r\n" : "";
  message += email_header("X-Scanclock-Receiver", mail.receiver);
  message += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
  message += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  return message + quoted_printable(text);
}

std::string render_email(const EmailReceiver& receiver, const MessageInput& input,
                         const Notification& notification) {
  const MessageFacts facts = message_facts(input, notification);
  MailText mail;
  mail.receiver = notification.receiver;
  mail.message_id = notification.message_id;
  mail.thread = notification.key;
  mail.at = input.at;
  mail.subject = message_title(facts, receiver.templates.title);
  mail.text = message_text(facts, receiver.templates.text);
  mail.link = facts.values.find("url")->second;
  mail.important = is_grave(facts);
  return write_email(receiver, mail);
}

}  // namespace scanclock::alerts
