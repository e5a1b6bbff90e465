#include "alerts/heartbeat.hpp"

#include "alerts/standard_webhooks.hpp"
#include "core/runtime/hashing.hpp"

#include <utility>

namespace scanclock::alerts {
Heartbeat::Heartbeat(Clock& clock, HttpClient& http, Receiver receiver, MakeBody make_body,
                     IsAlive is_alive, CountOutcome count)
    : clock_(clock),
      http_(http),
      receiver_(std::move(receiver)),
      make_body_(std::move(make_body)),
      is_alive_(std::move(is_alive)),
      count_(std::move(count)) {
  for (const std::string& secret : receiver_.webhook->signing_secrets) {
    keys_.push_back(decode_signing_secret(secret));
  }
}

asio::awaitable<void> Heartbeat::run() {
  Duration next = clock_.monotonic();
  for (;;) {
    if (!is_alive_ || is_alive_()) {
      co_await send();
    }
    // On a grid, so that slow answers do not stretch the time between two heartbeats.
    next += *receiver_.heartbeat_every;
    next = std::max(next, clock_.monotonic());
    co_await clock_.sleep(next - clock_.monotonic());
  }
}

asio::awaitable<void> Heartbeat::send() {
  const std::string id = "heartbeat_" + random_uuid();
  HttpRequest request;
  request.method = "POST";
  request.url = receiver_.webhook->url;
  request.body = make_body_(id);
  request.headers = webhook_headers(keys_, id, clock_.now(), request.body);
  request.timeout = delivery_timeout;
  request.body_bytes_max = response_bytes_max;
  const auto response = co_await http_.send(std::move(request));
  const bool delivered = response && response->status >= 200 && response->status < 300;
  if (count_) {
    count_(receiver_.name, delivered ? "heartbeat" : "heartbeat_failed");
  }
}

}  // namespace scanclock::alerts
