#include "alerts/receivers/email.hpp"

#include "core/runtime/hashing.hpp"
#include "tests/unit/alerts/notification_fixture.hpp"

#include <gmock/gmock.h>

#include <map>

namespace scanclock::alerts {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A mail taken apart as a mail program does.
struct ReadMail {
  std::map<std::string, std::string> headers;
  std::string text;
};

std::string decode_quoted_printable(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      decoded += text[i];
    } else if (text[i + 1] == '\r') {
      i += 2;
    } else {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  return decoded;
}

std::string decode_words(std::string value) {
  std::string decoded;
  while (value.find("=?UTF-8?B?") == 0) {
    const std::size_t end = value.find("?=");
    decoded += base64_decode(value.substr(10, end - 10));
    value.erase(0, end + 2);
    // A blank between two words is none of the text.
    if (value.starts_with(" =?")) {
      value.erase(0, 1);
    }
  }
  return decoded + value;
}

ReadMail read_mail(const std::string& mail) {
  ReadMail read;
  const std::size_t end = mail.find("\r\n\r\n");
  std::string head = mail.substr(0, end + 2);
  for (std::size_t at = head.find("\r\n "); at != std::string::npos; at = head.find("\r\n ")) {
    head.erase(at, 2);
  }
  while (!head.empty()) {
    const std::size_t line = head.find("\r\n");
    const std::size_t colon = head.find(": ");
    const bool is_new =
        read.headers
            .emplace(head.substr(0, colon), decode_words(head.substr(colon + 2, line - colon - 2)))
            .second;
    EXPECT_TRUE(is_new) << head.substr(0, line) << " comes twice";
    head.erase(0, line + 2);
  }
  read.text = decode_quoted_printable(mail.substr(end + 4));
  return read;
}

void expect_lines_fit(const std::string& mail) {
  std::size_t begin = 0;
  for (std::size_t end = mail.find("\r\n"); end != std::string::npos;
       end = mail.find("\r\n", begin)) {
    EXPECT_LE(end - begin, 200u) << mail.substr(begin, end - begin);
    EXPECT_EQ(mail.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
    begin = end + 2;
  }
  for (const char letter : mail) {
    EXPECT_LT(static_cast<unsigned char>(letter), 0x80);
  }
}

class EmailMessage : public OverdueNotification {
 protected:
  EmailMessage() {
    receiver.smarthost = "mail.shop.example:587";
    receiver.from = "Scanclock <alerts@shop.example>";
    receiver.to = {"oncall@shop.example", "Müller <mueller@shop.example>"};
  }
  std::string rendered() const { return render_email(receiver, input(), one()); }
  EmailReceiver receiver;
};

TEST_F(EmailMessage, IsAMailThatPeopleAndProgramsCanRead) {
  const std::string mail = rendered();
  expect_lines_fit(mail);
  const ReadMail read = read_mail(mail);
  EXPECT_EQ(read.headers.at("Date"), "Sun, 01 Nov 2026 12:00:00 +0000");
  EXPECT_EQ(read.headers.at("From"), "\"Scanclock\" <alerts@shop.example>");
  EXPECT_EQ(read.headers.at("To"), "oncall@shop.example, mueller@shop.example");
  EXPECT_THAT(read.headers.at("Subject"),
              StartsWith("[CRITICAL] registry.example/team/app:1.a is overdue"));
  EXPECT_EQ(read.headers.at("Message-ID"), "<msg_1@shop.example>");
  EXPECT_EQ(read.headers.at("Auto-Submitted"), "auto-generated");
  EXPECT_EQ(read.headers.at("Importance"), "high");
  EXPECT_EQ(read.headers.at("Content-Type"), "text/plain; charset=utf-8");
  for (const char* part :
       {"Image: registry.example/team/app:1.a\r\n", "Deadline: 2026-10-31 12:00 UTC (1d ago)\r\n",
        "Workloads: host-a/web/deployment/front\r\n", "Owner: payments (#pay-oncall)\r\n",
        "What to do: scan the image now", "Runbook: https://scanclock.example/runbook#",
        "Details: https://scanclock.example/alerts/alert-1\r\n"}) {
    EXPECT_THAT(read.text, HasSubstr(part));
  }
}

TEST_F(EmailMessage, KeepsTheMailsOfAnAlertTogether) {
  const ReadMail first = read_mail(rendered());
  resolve("scanned");
  Notification last = one();
  last.message_id = "msg_2";
  const ReadMail second = read_mail(render_email(receiver, input(), last));
  EXPECT_EQ(first.headers.at("References"), "<thread.alert-1@shop.example>");
  EXPECT_EQ(second.headers.at("References"), first.headers.at("References"));
  EXPECT_EQ(second.headers.at("In-Reply-To"), first.headers.at("In-Reply-To"));
  EXPECT_NE(second.headers.at("Message-ID"), first.headers.at("Message-ID"));
  EXPECT_FALSE(second.headers.contains("Importance"));
}

TEST_F(EmailMessage, LetsNothingAddAHeader) {
  say_hostile_things();
  transition.alert.annotations["description"] = "\r\n.\r\nQUIT\r\n\r\nFrom: evil";
  receiver.from = "Scän <alerts@shop.example>";
  Notification notification = one();
  notification.key = "x>\r\nBcc: all@shop.example";
  notification.message_id = "y\r\nBcc: all@shop.example";
  notification.receiver = "z\r\nBcc: all@shop.example";
  const std::string mail = render_email(receiver, input(), notification);
  expect_lines_fit(mail);
  const ReadMail read = read_mail(mail);
  EXPECT_FALSE(read.headers.contains("Bcc"));
  EXPECT_EQ(read.headers.size(), 14u);
  EXPECT_THAT(mail.substr(0, mail.find("\r\n\r\n")), Not(HasSubstr("\r\nBcc")));
  EXPECT_EQ(read.headers.at("From"), "Scän <alerts@shop.example>");
  EXPECT_THAT(read.headers.at("Subject"), HasSubstr("=?UTF-8?B?aGk=?="));
}

TEST_F(EmailMessage, HoldsTenThousandWorkloads) {
  run_everywhere();
  const std::string mail = rendered();
  expect_lines_fit(mail);
  EXPECT_THAT(read_mail(mail).text, HasSubstr(" and 9990 more"));
}

TEST(EmailHeader, EncodesWhatIsNotAsciiInWholeCharacters) {
  const std::string text(100, 'x');
  EXPECT_EQ(email_header("Subject", "plain text"), "Subject: plain text\r\n");
  std::string kanji;
  for (int i = 0; i < 60; ++i) {
    kanji += "容";
  }
  const std::string header = email_header("Subject", kanji);
  expect_lines_fit(header);
  EXPECT_EQ(read_mail(header + "\r\n").headers.at("Subject"), kanji);
  EXPECT_EQ(email_header("Subject", text + " " + text),
            "Subject: " + text + "\r\n " + text + "\r\n");
}

TEST(QuotedPrintable, IsAsRfc2045Says) {
  struct Case {
    const char* text;
    const char* encoded;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"a=b", "a=3Db"},
      {"ü", "=C3=BC"},
      {"two\nlines\n", "two\r\nlines\r\n"},
      {"blank \nend ", "blank=20\r\nend=20"},
      {"\r", "=0D"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(quoted_printable(one.text), one.encoded);
  }
  const std::string longest = quoted_printable(std::string(200, 'y'));
  EXPECT_EQ(longest.find("=\r\n"), 75u);
  EXPECT_EQ(decode_quoted_printable(longest), std::string(200, 'y'));
}

}  // namespace
}  // namespace scanclock::alerts
