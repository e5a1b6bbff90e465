#include "alerts/receivers/email.hpp"
#include "alerts/sender.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace scanclock::alerts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A mail receiver and a real server over loopback.
class Mail : public testing::Test {
 protected:
  Mail() { files = authority.issue("localhost", "IP:127.0.0.1,DNS:localhost"); }

  void serve(bool implicit_tls = false, bool with_tls = true) {
    SmtpServer::Options options;
    if (with_tls) {
      options.cert_file = files.cert_file;
      options.key_file = files.key_file;
    }
    options.implicit_tls = implicit_tls;
    options.username = "scanclock";
    options.password = "hunter2";
    server = std::make_unique<SmtpServer>(options);
    receiver.smarthost = server->address();
    receiver.from = "Scanclock <alerts@shop.example>";
    receiver.to = {"oncall@shop.example", "second@shop.example"};
    receiver.username = "scanclock";
    receiver.password = "hunter2";
    receiver.ca_file = authority.ca_file();
    receiver.implicit_tls = implicit_tls;
  }

  std::unique_ptr<Sender> sender() {
    Receiver one;
    one.name = "post";
    one.email = receiver;
    const SenderTools tools{clock, http, mail};
    return make_sender(one, tools);
  }

  static OutboxMessage message() {
    OutboxMessage message;
    message.id = "msg_1";
    message.body = "Subject: test\r\n\r\none\r\n.two\r\n.\r\nthree\r\n";
    return message;
  }

  SendOutcome send() { return run(io, sender()->send(message())); }

  TestAuthority authority;
  TestAuthority::Files files;
  std::unique_ptr<SmtpServer> server;
  EmailReceiver receiver;
  asio::io_context io;
  SystemClock clock;
  FakeHttpClient http;
  std::shared_ptr<MailClient> mail = make_mail_client();
};

TEST_F(Mail, GoesOverTlsAfterALoginAndArrivesAsItWasWritten) {
  serve();
  const SendOutcome outcome = send();
  EXPECT_EQ(outcome.status, 250) << outcome.failure;
  EXPECT_EQ(outcome.answer, "queued");
  EXPECT_EQ(outcome.note, "");
  const auto mails = server->mails();
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_TRUE(mails[0].over_tls);
  EXPECT_TRUE(mails[0].authenticated);
  EXPECT_EQ(mails[0].from, "alerts@shop.example");
  EXPECT_THAT(mails[0].to, ElementsAre("oncall@shop.example", "second@shop.example"));
  EXPECT_EQ(mails[0].data, message().body);
}

TEST_F(Mail, GoesOverTlsFromTheFirstByte) {
  serve(true);
  EXPECT_EQ(send().status, 250);
  ASSERT_EQ(server->mails().size(), 1u);
  EXPECT_TRUE(server->mails()[0].over_tls);
}

TEST_F(Mail, GoesWithoutTlsOnlyWhereTheSettingsSaySo) {
  serve(false, false);
  const SendOutcome refused = send();
  EXPECT_EQ(refused.status, 0);
  EXPECT_THAT(refused.failure, HasSubstr("no_starttls"));
  EXPECT_THAT(server->mails(), IsEmpty());
  for (const std::string& command : server->commands()) {
    EXPECT_THAT(command, Not(HasSubstr("AUTH")));
  }
  receiver.allow_plaintext = true;
  receiver.username.clear();
  EXPECT_EQ(send().status, 250);
}

TEST_F(Mail, GoesToNobodyWhoseCertificateIsNotProven) {
  serve();
  receiver.ca_file.clear();
  const SendOutcome unknown = send();
  EXPECT_THAT(unknown.failure, HasSubstr("tls"));
  files = authority.issue("other", "DNS:other.example");
  serve();
  const SendOutcome other = send();
  EXPECT_THAT(other.failure, HasSubstr("tls"));
  EXPECT_THAT(server->mails(), IsEmpty());
  for (const std::string& command : server->commands()) {
    EXPECT_THAT(command, Not(HasSubstr("AUTH")));
  }
}

TEST_F(Mail, IsTriedAgainUntilThePasswordIsRight) {
  serve();
  receiver.password = "wrong-hunter3";
  const SendOutcome outcome = send();
  EXPECT_EQ(outcome.status, 535);
  DeliveryAttempt attempt;
  attempt.protocol = DeliveryProtocol::smtp;
  attempt.status = outcome.status;
  EXPECT_EQ(decide_delivery(attempt).action, DeliveryAction::retry);
  for (const std::string& text : {outcome.answer, outcome.failure, outcome.note}) {
    EXPECT_THAT(text, Not(HasSubstr("hunter3")));
  }
}

TEST_F(Mail, ReachesTheOthersWhenOneRecipientIsGone) {
  serve();
  server->answer("RCPT TO:<oncall", "550 5.1.1 no such user");
  const SendOutcome outcome = send();
  EXPECT_EQ(outcome.status, 250);
  EXPECT_EQ(outcome.note, "1 of 2 recipients were refused: 550 5.1.1 no such user");
  ASSERT_EQ(server->mails().size(), 1u);
  EXPECT_THAT(server->mails()[0].to, ElementsAre("second@shop.example"));
}

struct RefusalCase {
  const char* at;
  const char* reply;
  int status;
};

TEST_F(Mail, TellsEveryRefusalByItsCode) {
  serve();
  const RefusalCase cases[] = {
      {"greeting", "421 4.3.2 too busy", 421},       {"MAIL FROM", "451 4.7.1 greylisted", 451},
      {"MAIL FROM", "550 5.7.1 not from here", 550}, {"RCPT TO", "450 4.2.0 later", 450},
      {"RCPT TO", "550 5.1.1 no such user", 550},    {"data", "452 4.3.1 disk full", 452},
      {"data", "554 5.6.0 refused content", 554},    {"AUTH", "454 4.7.0 login is down", 454},
  };
  for (const RefusalCase& one : cases) {
    server->forget_answers();
    server->answer(one.at, one.reply);
    const SendOutcome outcome = send();
    EXPECT_EQ(outcome.status, one.status) << one.at << " " << one.reply << outcome.failure;
    EXPECT_EQ(outcome.answer, std::string(one.reply).substr(4)) << one.at;
  }
  EXPECT_THAT(server->mails(), IsEmpty());
}

TEST_F(Mail, PrefersARefusalThatPassesWhenEveryRecipientIsRefused) {
  serve();
  server->answer("RCPT TO:<oncall", "451 later");
  server->answer("RCPT TO:<second", "550 never");
  EXPECT_EQ(send().status, 451);
}

TEST_F(Mail, DoesNotWaitForEverForASilentServer) {
  serve();
  server->answer("DATA", "");
  MailRequest request;
  request.smarthost = receiver.smarthost;
  request.ca_file = receiver.ca_file;
  request.from = "a@shop.example";
  request.to = {"b@shop.example"};
  request.message = "x\r\n";
  request.timeout = std::chrono::milliseconds(700);
  const auto answer = run(io, mail->send(request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, MailFailureReason::timeout);
}

TEST_F(Mail, NamesAServerThatIsNotThere) {
  serve();
  server.reset();
  EXPECT_THAT(send().failure, HasSubstr("connect"));
}

TEST_F(Mail, EndsWithTheDaemonWhileAServerIsSilent) {
  serve();
  server->answer("MAIL FROM", "");
  const auto under_way = sender();
  TaskGroup tasks(io.get_executor(), nullptr);
  const auto task = [](Sender& one) -> asio::awaitable<void> { co_await one.send(message()); };
  tasks.spawn("mail", task(*under_way));
  while (server->commands().empty() || !server->commands().back().starts_with("MAIL FROM")) {
    io.run_for(std::chrono::milliseconds(10));
    io.restart();
  }
  const auto began = std::chrono::steady_clock::now();
  run(io, tasks.stop());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST_F(Mail, NeedsAMailClientAndAddresses) {
  serve();
  mail.reset();
  EXPECT_THROW(sender(), std::invalid_argument);
  mail = make_mail_client();
  receiver.to.push_back("nobody");
  EXPECT_THROW(sender(), std::invalid_argument);
}

}  // namespace
}  // namespace scanclock::alerts
