#include "alerts/email_sender.hpp"

#include "alerts/http_senders.hpp"
#include "core/domain/mail_address.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/hashing.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock::alerts {
namespace {

std::string address_in(const std::string& text) {
  const auto parsed = parse_mail_address(text);
  if (!parsed) {
    throw std::invalid_argument("\"" + text + "\" is not a mail address");
  }
  return parsed->address;
}

class EmailSender final : public Sender {
 public:
  EmailSender(const EmailReceiver& receiver, const SenderTools& tools) : mail_(tools.mail) {
    if (!mail_) {
      throw std::invalid_argument("mail receivers need a mail client");
    }
    envelope_.smarthost = receiver.smarthost;
    envelope_.tls = receiver.implicit_tls      ? MailTls::implicit
                    : receiver.allow_plaintext ? MailTls::none
                                               : MailTls::starttls;
    envelope_.ca_file = receiver.ca_file;
    envelope_.username = receiver.username;
    envelope_.password = receiver.password;
    envelope_.from = address_in(receiver.from);
    for (const std::string& recipient : receiver.to) {
      envelope_.to.push_back(address_in(recipient));
    }
    envelope_.timeout = delivery_timeout;
    if (!receiver.password.empty()) {
      secrets_ = {receiver.password, base64_encode(receiver.password)};
    }
  }

  asio::awaitable<SendOutcome> send(OutboxMessage message) override {
    MailRequest request = envelope_;
    request.message = std::move(message.body);
    SendOutcome outcome;
    try {
      const auto answer = co_await mail_->send(std::move(request));
      tell(answer, outcome);
    } catch (const PoolBusyError&) {
      outcome.failure = "the mail server is slow and too many mails wait for it";
    }
    co_return outcome;
  }

  DeliveryProtocol protocol() const override { return DeliveryProtocol::smtp; }
  std::size_t in_flight_max() const override { return mail_threads; }

 private:
  void tell(const Result<MailAnswer, MailFailure>& answer, SendOutcome& outcome) const {
    if (!answer) {
      outcome.failure = "the mail server cannot be used: ";
      outcome.failure += to_string(answer.error().reason);
      outcome.failure += ": " + shown_answer(answer.error().message, secrets_);
      return;
    }
    outcome.status = answer->status;
    outcome.answer = shown_answer(answer->text, secrets_);
    if (!answer->refused.empty()) {
      outcome.note = std::to_string(answer->refused.size()) + " of " +
                     std::to_string(envelope_.to.size()) +
                     " recipients were refused: " + shown_answer(answer->refused.front(), secrets_);
    }
  }

  std::shared_ptr<MailClient> mail_;
  MailRequest envelope_;
  std::vector<std::string> secrets_;
};

}  // namespace

std::unique_ptr<Sender> make_email_sender(const EmailReceiver& receiver, const SenderTools& tools) {
  return std::make_unique<EmailSender>(receiver, tools);
}

}  // namespace scanclock::alerts
