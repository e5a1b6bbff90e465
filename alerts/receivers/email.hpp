#pragma once

#include "alerts/notification.hpp"
#include "alerts/receiver.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock::alerts {

inline constexpr std::size_t email_subject_max = 200;
inline constexpr std::size_t email_text_bytes_max = std::size_t{128} << 10;

/// A whole message (RFC 5322, MIME): plain text in UTF-8, quoted-printable. Its Message-ID is made
/// from the message's id, and In-Reply-To and References from the notification's key, so that mail
/// programs keep an alert's messages together. `\r\n` ends every line; all of it is ASCII.
std::string render_email(const EmailReceiver& receiver, const MessageInput& input,
                         const Notification& notification);

/// What a mail says, before it has the form of one.
struct MailText {
  std::string receiver;
  std::string message_id;
  /// The same for all mails that mail programs are to keep together.
  std::string thread;
  TimePoint at;
  /// Cut to email_subject_max characters.
  std::string subject;
  /// Cut to email_text_bytes_max.
  std::string text;
  /// Below the text; may be empty.
  std::string link;
  bool important = false;
};

/// The form that render_email() gives to an alert's message.
std::string write_email(const EmailReceiver& receiver, const MailText& mail);

/// A header line and its end: the value as it is where it is plain ASCII, else as encoded words
/// (RFC 2047), folded so that no line exceeds 78 characters where blanks allow. Line ends within
/// the value become blanks: no value adds a header.
std::string email_header(std::string_view name, std::string_view value);

/// RFC 2045 section 6.7; `\n` becomes `\r\n`, lines have at most 76 characters.
std::string quoted_printable(std::string_view text);

/// `Sun, 01 Nov 2026 12:00:00 +0000`
std::string email_date(TimePoint time);

}  // namespace scanclock::alerts
