#include "alerts/http_senders.hpp"

#include "alerts/receivers/opsgenie.hpp"
#include "alerts/receivers/pagerduty.hpp"
#include "alerts/receivers/plain_text.hpp"
#include "alerts/send_pace.hpp"
#include "alerts/standard_webhooks.hpp"
#include "core/net/url.hpp"

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

constexpr std::size_t webhook_in_flight_max = 64;
/// With the paces above: the last of them is at most a few seconds late.
constexpr std::size_t paced_in_flight_max = 4;

HttpRequest json_request(std::string url, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  request.timeout = delivery_timeout;
  request.body_bytes_max = response_bytes_max;
  return request;
}

/// What of a URL that is a credential must not be shown.
std::vector<std::string> secrets_of_url(const std::string& url) {
  std::vector<std::string> secrets{url};
  if (const auto parsed = parse_url(url)) {
    secrets.push_back(parsed->target);
    const std::size_t last = parsed->target.rfind('/');
    secrets.push_back(parsed->target.substr(std::min(last + 1, parsed->target.size())));
  }
  return secrets;
}

class WebhookSender final : public Sender {
 public:
  WebhookSender(const WebhookReceiver& receiver, const SenderTools& tools)
      : clock_(tools.clock),
        http_(tools.http),
        url_(receiver.url),
        secrets_(secrets_of_url(receiver.url)) {
    for (const std::string& secret : receiver.signing_secrets) {
      keys_.push_back(decode_signing_secret(secret));
    }
  }

  asio::awaitable<SendOutcome> send(OutboxMessage message) override {
    HttpRequest request = json_request(url_, std::move(message.body));
    request.headers = webhook_headers(keys_, message.id, clock_.now(), request.body);
    auto secrets = secrets_;
    co_return co_await post_message(http_, std::move(request), std::move(secrets));
  }

  DeliveryProtocol protocol() const override { return DeliveryProtocol::webhook; }
  std::size_t in_flight_max() const override { return webhook_in_flight_max; }

 private:
  Clock& clock_;
  HttpClient& http_;
  std::string url_;
  std::vector<std::string> secrets_;
  std::vector<std::string> keys_;
};

class PagerDutySender final : public Sender {
 public:
  PagerDutySender(const PagerDutyReceiver& receiver, const SenderTools& tools)
      : http_(tools.http),
        pace_(tools.clock, pagerduty_requests_per_second),
        url_(receiver.url + "/v2/enqueue"),
        routing_key_(receiver.routing_key) {}

  asio::awaitable<SendOutcome> send(OutboxMessage message) override {
    co_await pace_.turn();
    HttpRequest request = json_request(url_, with_routing_key(message.body, routing_key_));
    std::vector<std::string> secrets(1, routing_key_);
    co_return co_await post_message(http_, std::move(request), std::move(secrets));
  }

  DeliveryProtocol protocol() const override { return DeliveryProtocol::pagerduty; }
  std::size_t in_flight_max() const override { return paced_in_flight_max; }

 private:
  HttpClient& http_;
  SendPace pace_;
  std::string url_;
  std::string routing_key_;
};

/// Slack and Teams: a POST to a URL that is the credential.
class ChatSender final : public Sender {
 public:
  ChatSender(std::string url, DeliveryProtocol protocol, double per_second,
             const SenderTools& tools)
      : http_(tools.http),
        pace_(tools.clock, per_second),
        url_(std::move(url)),
        secrets_(secrets_of_url(url_)),
        protocol_(protocol) {}

  asio::awaitable<SendOutcome> send(OutboxMessage message) override {
    co_await pace_.turn();
    HttpRequest request = json_request(url_, std::move(message.body));
    auto secrets = secrets_;
    co_return co_await post_message(http_, std::move(request), std::move(secrets));
  }

  DeliveryProtocol protocol() const override { return protocol_; }
  std::size_t in_flight_max() const override { return paced_in_flight_max; }

 private:
  HttpClient& http_;
  SendPace pace_;
  std::string url_;
  std::vector<std::string> secrets_;
  DeliveryProtocol protocol_;
};

class OpsgenieSender final : public Sender {
 public:
  OpsgenieSender(const OpsgenieReceiver& receiver, const SenderTools& tools)
      : clock_(tools.clock),
        http_(tools.http),
        pace_(tools.clock, opsgenie_requests_per_second),
        url_(receiver.url),
        api_key_(receiver.api_key) {}

  asio::awaitable<SendOutcome> send(OutboxMessage message) override {
    const std::vector<OpsgenieRequest> requests = opsgenie_requests(message.body);
    SendOutcome outcome;
    if (requests.empty()) {
      outcome.status = status_not_ours;
      outcome.answer = "the message was written for another kind of receiver; it was not sent";
      co_return outcome;
    }
    Duration left = delivery_timeout;
    for (const OpsgenieRequest& one : requests) {
      co_await pace_.turn();
      const Duration began = clock_.monotonic();
      HttpRequest request = json_request(url_ + one.path, one.body);
      request.method = one.method;
      request.headers.emplace_back("Authorization", "GenieKey " + api_key_);
      request.timeout = left;
      std::vector<std::string> secrets(1, api_key_);
      outcome = co_await post_message(http_, std::move(request), std::move(secrets));
      left = std::max<Duration>(left - (clock_.monotonic() - began), std::chrono::seconds(1));
      if (outcome.status < 200 || outcome.status >= 300) {
        break;
      }
    }
    co_return outcome;
  }

  DeliveryProtocol protocol() const override { return DeliveryProtocol::opsgenie; }
  std::size_t in_flight_max() const override { return paced_in_flight_max; }

 private:
  /// As the API itself would answer a body that it cannot read.
  static constexpr int status_not_ours = 422;

  Clock& clock_;
  HttpClient& http_;
  SendPace pace_;
  std::string url_;
  std::string api_key_;
};

}  // namespace

std::string shown_answer(std::string_view answer, const std::vector<std::string>& secrets) {
  constexpr std::size_t read_max = 4096;
  // A secret that the end of what is read would cut in two could not be found.
  std::string text(answer.substr(0, read_max));
  for (const std::string& secret : secrets) {
    // A short piece of a path says nothing and would be found everywhere.
    constexpr std::size_t secret_bytes_min = 4;
    for (std::size_t at = 0; secret.size() >= secret_bytes_min;) {
      at = text.find(secret, at);
      if (at == std::string::npos) {
        break;
      }
      text.replace(at, secret.size(), "<secret>");
    }
  }
  std::string line = clean_line(text.substr(0, text.size() == read_max ? read_max / 2 : read_max));
  line.erase(0, line.find_first_not_of(' '));
  line.erase(line.find_last_not_of(' ') + 1);
  return cut_code_points(std::move(line), shown_answer_max);
}

asio::awaitable<SendOutcome> post_message(HttpClient& http, HttpRequest request,
                                          std::vector<std::string> secrets) {
  const auto response = co_await http.send(std::move(request));
  SendOutcome outcome;
  if (!response) {
    // The client's text names the URL, whose path may be a secret.
    outcome.failure = "the receiver cannot be reached: ";
    outcome.failure += to_string(response.error().reason);
    co_return outcome;
  }
  outcome.status = response->status;
  outcome.retry_after = response->header("Retry-After").value_or("");
  outcome.answer = shown_answer(response->body, secrets);
  co_return outcome;
}

std::unique_ptr<Sender> make_webhook_sender(const WebhookReceiver& receiver,
                                            const SenderTools& tools) {
  return std::make_unique<WebhookSender>(receiver, tools);
}

std::unique_ptr<Sender> make_pagerduty_sender(const PagerDutyReceiver& receiver,
                                              const SenderTools& tools) {
  return std::make_unique<PagerDutySender>(receiver, tools);
}

std::unique_ptr<Sender> make_slack_sender(const SlackReceiver& receiver, const SenderTools& tools) {
  return std::make_unique<ChatSender>(receiver.url, DeliveryProtocol::slack,
                                      slack_requests_per_second, tools);
}

std::unique_ptr<Sender> make_teams_sender(const TeamsReceiver& receiver, const SenderTools& tools) {
  return std::make_unique<ChatSender>(receiver.url, DeliveryProtocol::teams,
                                      teams_requests_per_second, tools);
}

std::unique_ptr<Sender> make_opsgenie_sender(const OpsgenieReceiver& receiver,
                                             const SenderTools& tools) {
  return std::make_unique<OpsgenieSender>(receiver, tools);
}

}  // namespace scanclock::alerts
