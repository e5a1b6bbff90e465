#pragma once

#include "alerts/decide_delivery.hpp"
#include "alerts/receiver.hpp"
#include "core/domain/alert.hpp"
#include "core/net/http_client.hpp"
#include "core/net/mail_client.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace scanclock::alerts {

/// For one attempt, its turn in the receiver's pace left out.
inline constexpr Duration delivery_timeout = std::chrono::seconds(20);

/// Of what a receiver answered, for people, in characters.
inline constexpr std::size_t shown_answer_max = 200;

/// Requests a second that receivers take: PagerDuty 120 a minute and key, Slack one a second and
/// webhook, Teams four, Opsgenie by its plan (four are within the smallest one's).
inline constexpr double pagerduty_requests_per_second = 2;
inline constexpr double slack_requests_per_second = 1;
inline constexpr double teams_requests_per_second = 4;
inline constexpr double opsgenie_requests_per_second = 4;

/// What receivers are reached with. The references must outlive every sender.
struct SenderTools {
  Clock& clock;
  HttpClient& http;
  /// Needed for mail receivers only.
  std::shared_ptr<MailClient> mail;
};

/// How one attempt ended, as far as the protocol tells. Holds no secret and no URL.
struct SendOutcome {
  SendOutcome() = default;
  /// Of HTTP, or SMTP's reply code; 0 when there was no answer.
  int status = 0;
  /// Why there was none.
  std::string failure;
  /// Value of the header; empty when absent.
  std::string retry_after;
  /// What the receiver said, one line of at most shown_answer_max.
  std::string answer;
  /// Of a success: what people should know all the same.
  std::string note;
};

/// Sends messages as one receiver wants them. Throws only for cancellation. I/O thread only.
class Sender {
 public:
  virtual ~Sender() = default;

  /// One attempt.
  virtual asio::awaitable<SendOutcome> send(OutboxMessage message) = 0;

  virtual DeliveryProtocol protocol() const = 0;
  /// So many messages at once; with the receiver's pace this keeps an attempt, its turn included,
  /// within delivery_lease.
  virtual std::size_t in_flight_max() const = 0;
};

/// Throws std::invalid_argument for a signing secret that is none, without printing it, and for a
/// mail receiver without a mail client. For every kind that is told through the outbox.
std::unique_ptr<Sender> make_sender(const Receiver& receiver, const SenderTools& tools);

/// `webhook`, `pagerduty`, …
std::string_view kind_of(const Receiver& receiver);

}  // namespace scanclock::alerts
